/* A site opened from a disk: a link to a folder leads to the page in it. Everywhere else this does nothing. */
(() => {
  "use strict";
  const diary = window.PaperDiary;
  if (location.protocol !== "file:" || diary.opened) return;
  diary.opened = true;

  const mend = (event) => {
    const link = event.target.closest?.("a");
    const name = link?.hasAttribute("href") ? "href" : "xlink:href"; // links in an SVG have the old name
    const address = link?.getAttribute(name);
    if (!address || address.startsWith("#")) return;
    const whole = new URL(address, document.baseURI);
    if (whole.protocol === "file:" && whole.pathname.endsWith("/")) {
      if (name === "href") link.setAttribute(name, diary.href(address));
      else link.href.baseVal = diary.href(address);
    }
  };
  /* before a click of any kind, so that the link is also right in a new tab and when it is copied */
  for (const type of ["pointerdown", "focusin", "click", "auxclick"]) document.addEventListener(type, mend, true);
})();
