/* Buttons that copy what lies before them; without this script the text can be selected. */
(() => {
  "use strict";
  const diary = window.PaperDiary;
  if (diary.copies) return;
  diary.copies = true;

  diary.each(() => document.querySelectorAll(".pd-copy[hidden]").forEach((button) => (button.hidden = false)));

  const select = (element) => {
    const range = document.createRange();
    range.selectNodeContents(element);
    const all = getSelection();
    all.removeAllRanges();
    all.addRange(range);
  };

  const copy = async (element) => {
    try {
      await navigator.clipboard.writeText(element.textContent);
      return true;
    } catch { // no clipboard on this page, or it was refused
      select(element);
      return document.execCommand?.("copy") ?? false;
    }
  };

  document.addEventListener("click", async (event) => {
    const button = event.target.closest?.(".pd-copy");
    const text = button?.closest(".pd-copyable")?.querySelector("[data-copy]");
    if (!text) return;
    const name = (button.dataset.name ??= button.textContent);
    button.textContent = (await copy(text)) ? "Copied" : "Selected: press Ctrl+C";
    clearTimeout(button.timer);
    button.timer = setTimeout(() => (button.textContent = name), 2500);
  });
})();
