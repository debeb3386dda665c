/* From the static map to the living one. */

const living = new Set(), begun = new WeakSet();
const atlases = new WeakMap();

/** A rest in the page's own work; Plotly's script keeps the main thread busy for a while. */
const idle = () => new Promise((done) => {
  const wait = () => (window.requestIdleCallback ? requestIdleCallback(() => done(), { timeout: 1500 }) : setTimeout(done, 200));
  if (document.readyState === "complete") wait();
  else window.addEventListener("load", wait, { once: true });
});

/** Somebody who moves the map is not held up by Plotly's script: it waits until they pause. */
const quiet = async (map) => {
  while (map.plotted && map.root.isConnected && (map.mover.moving || map.mover.held || performance.now() - map.busy < 1000))
    await new Promise((done) => setTimeout(done, 250));
};

const hasWebGL = () => {
  try {
    const pen = document.createElement("canvas").getContext("webgl");
    pen?.getExtension("WEBGL_lose_context")?.loseContext();
    return Boolean(pen);
  } catch {
    return false;
  }
};

const listen = (map) => {
  const { view, mover } = map;
  const refresh = () => { map.looks = null; mover.soon(); };
  view.on("kinds statuses topics clusters from to by undated only selected", (changed) => {
    if (view.get("only") || changed.some((key) => key !== "selected")) map.mask = null;
    refresh();
  });
  view.on("colour lit doubt hulls order", refresh);
  view.on("names", () => (map.plotted ? mover.labels.layout() : mover.wake()));
  view.on("picked lines", () => {
    mover.under.near = [];
    if (!map.plotted) return mover.wake();
    mover.under.draw();
    mover.under.follow();
  });
  view.on("projection zoom", () => {
    if (!map.plotted) mover.wake();
    else if (view.get("projection") !== map.drawn) mover.passage(view.get("projection"));
    else if (!sameValue(view.get("zoom"), mover.told ?? null)) mover.fly(mover.target());
  });
};

/** Another scheme, another size: everything is drawn anew. */
const watch = (map) => {
  map.repaint = () => {
    if (!map.palette.refresh()) return;
    map.looks = null;
    map.legend.build();
    if (map.plotted) map.mover.soon();
  };
  map.resized = new ResizeObserver(() => {
    const { width, height } = map;
    if (!map.root.isConnected || !map.plotElement.clientWidth || matchMedia("print").matches) return;
    map.measure();
    if (Math.abs(map.width - width) < 0.05 && Math.abs(map.height - height) < 0.05) return;
    const before = map.view.get("zoom");
    map.mover.raster.fit(map.width, map.height);
    map.lens = before ? Lens.around(before, map.width, map.height) : map.home(map.drawn);
    map.place();
    if (map.plotted) {
      map.mover.frame();
      map.mover.labels.layout();
    }
  });
  map.resized.observe(map.plotElement);
  living.add(map);
};

const repaintAll = () => {
  for (const map of living)
    if (map.root.isConnected) map.repaint();
    else {
      map.resized.disconnect();
      living.delete(map);
    }
};
/* Some themes fade into the other scheme: the colours are looked at again when that is over. */
const schemeChanged = () => {
  requestAnimationFrame(repaintAll);
  setTimeout(repaintAll, 400);
};
const schemes = new MutationObserver(schemeChanged);
for (const element of [document.documentElement, document.body])
  schemes.observe(element, { attributes: true, attributeFilter: ["data-md-color-scheme", "data-theme", "data-bs-theme", "class"] });
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", schemeChanged);
window.addEventListener("popstate", () => {
  for (const map of living) if (map.root.isConnected && map.large) map.view.restore();
});
window.addEventListener("pagehide", () => {
  for (const map of living) if (map.root.isConnected && map.large) map.view.write();
});

const begin = async (root) => {
  const points = await PaperDiary.load("points");
  if (!atlases.has(points)) atlases.set(points, new Columns(points));
  const data = atlases.get(points);
  if (!root.isConnected || !data.size) return;
  const map = (root.diaryMap = new DiaryMap(root, data));
  map.mover = new Mover(map);
  map.hover = new Hover(map);
  map.legend = new Legend(map);
  map.buttons = new Tools(map);
  map.centre = (row) => {
    const { x, y } = data.plane(map.drawn);
    map.mover.fly(new Lens(x[row], y[row], map.lens.k, map.width, map.height));
  };
  new Gestures(map);
  map.buttons.build();
  map.legend.start();
  listen(map);
  map.ready = (async () => {
    await idle();
    await quiet(map);
    if (data.size > GL_FROM && !hasWebGL()) map.drawsAlone = true; // 42-raster.js draws at rest too
    else map.Plotly = await PaperDiary.load("plotly");
    if (!root.isConnected) return;
    await document.fonts?.ready;
    await map.mover.takeOver();
    root.classList.add("pd-map--live");
  })().catch((error) => {
    if (map.plotted) { // drawn by hand already: so it stays
      root.classList.add("pd-map--live");
      return;
    }
    console.warn("Paper Diary: the map stays still.", error);
    map.failed = true;
    root.classList.add("pd-map--still");
    map.buttons.fail();
    map.legend.fail();
  });
  watch(map);
  for (const attach of attachments()) attach(map);
};

/* The parts that stand on the map; each is a function of its own file. */
const attachments = () => [
  typeof attachCard === "function" && attachCard,
  typeof attachSelect === "function" && attachSelect,
  typeof attachTime === "function" && attachTime,
  typeof attachTable === "function" && attachTable,
  typeof attachKeys === "function" && attachKeys,
  typeof attachFind === "function" && attachFind,
  typeof attachTouch === "function" && attachTouch,
].filter(Boolean);

PaperDiary.start = (root) => {
  if (begun.has(root)) return;
  begun.add(root);
  begin(root).catch((error) => {
    console.warn("Paper Diary: the map stays still.", error);
    root.classList.add("pd-map--still");
  });
};
