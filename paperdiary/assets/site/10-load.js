/* window.PaperDiary: loads what a page needs once, and starts a map when it comes near the window. */
(() => {
  "use strict";
  if (window.PaperDiary) return; // instant navigation may run a page's scripts again

  const here = new URL(".", document.currentScript.src).href;
  const files = { map: "map.js", points: "map-points.js", cards: "map-cards.js", plotly: "plotly.min.js" };
  const asked = {}, came = {};
  /* A folder's address. Only a page opened from a disk needs the name of the file in it. */
  const href = (address) => {
    const url = new URL(address, document.baseURI);
    if (url.protocol === "file:" && url.pathname.endsWith("/")) url.pathname += "index.html";
    return url.href;
  };

  /* The value of a script that is asked for once; after a failure it may be asked for again. */
  const load = (name) =>
    (asked[name] ??= new Promise((done, failed) => {
      if (name === "plotly" && window.Plotly) return done(window.Plotly);
      const script = document.createElement("script");
      const fail = () => {
        delete asked[name];
        failed(new Error(`${script.src} could not be loaded`));
      };
      script.src = new URL(files[name], here).href;
      script.onerror = fail;
      script.onload = () => {
        const value = { map: window.PaperDiary, plotly: window.Plotly }[name] ?? came[name];
        if (value) done(value);
        else fail();
      };
      document.head.append(script);
    }));

  /* After the first paint: reading the scripts would hold up what can be seen without them. */
  const idle = () => new Promise((done) => {
    const wait = () => (window.requestIdleCallback ?? setTimeout)(done, { timeout: 500 });
    if (document.readyState === "complete") wait();
    else window.addEventListener("load", wait, { once: true });
  });

  const begin = (root) =>
    idle().then(() => load("map")).then(() => window.PaperDiary.start(root)).catch((error) => {
      root.classList.add("pd-map--still"); // the picture in the page stays, with its links
      console.warn("Paper Diary:", error.message);
    });

  const seen = window.IntersectionObserver && new IntersectionObserver((entries) => {
    for (const { isIntersecting, target } of entries)
      if (isIntersecting) {
        seen.unobserve(target);
        begin(target);
      }
  }, { rootMargin: "200px" });

  const onPage = [];
  let ready = false;
  const arrive = () => onPage.forEach((start) => start());

  window.PaperDiary = {
    points: (data) => (came.points = data),
    cards: (data) => (came.cards = data),
    load, href,
    start: () => {}, // map.js puts its own here
    /* Runs `start` on this page and on every page that instant navigation shows in its place. */
    each(start) {
      onPage.push(start);
      if (ready) start();
    },
  };

  window.PaperDiary.each(() => {
    for (const root of document.querySelectorAll(".pd-map[data-assets]:not([data-started])")) {
      root.dataset.started = "yes";
      if (seen) seen.observe(root);
      else begin(root);
    }
  });

  const first = () => {
    ready = true;
    arrive();
  };
  if (window.document$) window.document$.subscribe(first);
  else if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", first);
  else first();
})();
