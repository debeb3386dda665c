/* The box in the header, and the start of the search page. Plain script: it also says so where modules do not run. */
(function () {
  "use strict";

  var here = document.currentScript.src;

  function editable(element) {
    return element && (element.isContentEditable || /^(input|textarea|select)$/i.test(element.tagName));
  }

  function visible(element) {
    return element && element.getClientRects().length > 0;
  }

  document.addEventListener("keydown", function (event) {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (editable(event.target)) return;
    var boxes = [].slice.call(document.querySelectorAll(".pd-search input[type=search], .pd-box input[type=search]"));
    var box = boxes.filter(visible)[0];
    event.preventDefault();
    if (box) {
      box.focus();
      box.select();
    } else {
      var form = document.querySelector(".pd-box");
      if (form) form.submit();
    }
  });

  document.addEventListener("keydown", function (event) {
    var box = event.target;
    if (event.key !== "Escape" || !box.closest || !box.closest(".pd-box") || box.type !== "search") return;
    event.preventDefault();
    if (box.value) box.value = "";
    else box.blur();
  });

  function lacking() {
    if (location.protocol === "file:")
      return "Search does not work in a page opened from a folder, since a browser lets it read no other file there. " +
        "`diary serve` shows the site with search.";
    var has = "noModule" in document.createElement("script") && window.fetch && window.Worker && window.BigInt &&
      window.URLSearchParams && "".normalize && Array.prototype.flatMap && window.BigInt64Array;
    return has ? "" : "This browser is too old for the search here. Everything in the diary is listed below.";
  }

  function say(root, sentence) {
    root.classList.add("pd-search--off");
    root.querySelector(".pd-search__status").textContent = sentence;
  }

  function start() {
    var forms = document.querySelectorAll(".pd-box, .pd-search__form");
    if (location.protocol === "file:")
      [].forEach.call(forms, function (form) {
        if (/\/$/.test(form.action)) form.action += "index.html";
      });
    var root = document.querySelector(".pd-search[data-index]");
    if (!root || root.getAttribute("data-started")) return;
    root.setAttribute("data-started", "yes");
    var sentence = lacking();
    if (sentence) return say(root, sentence);
    import(new URL("page.js", here).href).then(function (page) {
      page.start(root);
    }).catch(function (error) {
      say(root, "The search could not be started (" + error.message + "). Everything in the diary is listed below.");
    });
  }

  /* Material's instant navigation replaces the page without loading it anew. */
  if (window.document$) window.document$.subscribe(start);
  else if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
