/* What the panel, the table and the slider share. Text from notes goes in as text, never as markup. */

const ui = {
  DAY: new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" }),
  BRIEF: new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" }),
  MONTH: new Intl.DateTimeFormat("en-GB", { month: "long", year: "numeric", timeZone: "UTC" }),
  SHORT: new Intl.DateTimeFormat("en-GB", { month: "short", year: "numeric", timeZone: "UTC" }),

  /** An element: class names, properties and attributes, children. */
  make(name, className, props = {}, ...children) {
    const element = document.createElement(name);
    if (className) element.className = className;
    for (const [key, value] of Object.entries(props))
      if (value === undefined || value === null) continue;
      else if (key in element && !key.includes("-")) element[key] = value;
      else element.setAttribute(key, value);
    element.append(...children.filter((c) => c !== null && c !== undefined && c !== ""));
    return element;
  },

  button(label, action, className = "") {
    const element = ui.make("button", `pd-button ${className}`.trim(), { type: "button", textContent: label });
    element.addEventListener("click", action);
    return element;
  },

  number: (n, noun) => `${n.toLocaleString("en-GB")} ${noun[n === 1 ? 0 : 1]}`,
  entries: (n) => ui.number(n, ["entry", "entries"]),

  /** "2024-05-03", "2024-05" or "2024" in words. */
  when(date, short = false) {
    if (!date) return "";
    const parts = date.split("-").map(Number), day = new Date(Date.UTC(parts[0], (parts[1] ?? 1) - 1, parts[2] ?? 1));
    if (parts[0] < 100) day.setUTCFullYear(parts[0]);
    if (Number.isNaN(+day)) return date;
    return parts.length === 1 ? String(parts[0]) : (parts.length === 2 ? (short ? ui.SHORT : ui.MONTH) : short ? ui.BRIEF : ui.DAY).format(day);
  },

  calm: () => matchMedia("(prefers-reduced-motion: reduce)").matches,
  narrow: () => matchMedia("(max-width: 59.99em)").matches,

  /** The row of an entry's id, or -1. */
  rowOf: (map, id) => (id === null || id === undefined ? -1 : map.data.row(id)),

  kind: (map, row) => map.data.kindNames[map.data.kinds[row]] ?? "",
  status: (map, row) => map.data.statusNames[map.data.statuses[row]] ?? "",
  topic: (map, row) => map.data.topicNames[map.data.topics[row]] ?? null,
  cluster: (map, row) => map.data.clusterNames[map.data.clusters[row]] ?? null,
  title: (map, row) => map.data.titles[row]?.trim() || "Untitled",

  /** The address of a page of the site, from here. */
  page: (map, path) => (map.root.dataset.base ?? "") + path,

  dot: (cluster) => ui.make("span", `pd-dot pd-c${(cluster.look % 10) + 1}`, { "aria-hidden": "true" }),

  /** Cluster, date and status of an entry in one line. */
  facts(map, row) {
    const cluster = ui.cluster(map, row), status = ui.status(map, row), date = map.data.dates[row];
    const out = ui.make("span", "pd-facts");
    if (cluster) out.append(ui.make("span", "pd-facts__cluster", { dir: "auto" }, ui.dot(cluster), cluster.name));
    if (date) out.append(ui.make("time", "", { dateTime: date }, ui.when(date, true)));
    if (status && status !== "read") out.append(ui.make("span", "pd-status", {}, status));
    return out;
  },

  /** Go to an entry's note as a click on a link would: the page's own base target and link handling hold. */
  open(map, row, apart = false) {
    const link = ui.make("a", "", { href: map.link(row), hidden: true });
    if (apart) Object.assign(link, { target: "_blank", rel: "noopener" });
    map.root.append(link);
    link.click();
    link.remove();
  },

  /** Choose an entry: its card opens; with `focus` the reader is led there, and back when it closes. */
  pick(map, row, { focus = false } = {}) {
    if (focus && map.root.contains(document.activeElement) && !map.side.contains(document.activeElement)) map.back = document.activeElement;
    map.view.set({ picked: row < 0 ? null : map.data.ids[row] });
    if (focus && row >= 0) map.side.querySelector(".pd-panel--card:not([hidden]) .pd-sheet__title a")?.focus({ preventScroll: true });
  },

  /** A link to an entry in a list: shows its card, and its place while it is pointed at. */
  link(map, row, className = "") {
    const link = ui.make("a", className, { href: map.link(row), dir: "auto", textContent: ui.title(map, row) });
    link.dataset.row = row;
    link.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
      event.preventDefault();
      if (map.view.get("picked") === map.data.ids[row]) return ui.open(map, row);
      ui.pick(map, row, { focus: true });
      ui.reveal(map, row);
    });
    for (const [on, off] of [["mouseenter", "mouseleave"], ["focus", "blur"]]) {
      link.addEventListener(on, () => ui.ring(map, row));
      link.addEventListener(off, () => ui.ring(map, -1));
    }
    return link;
  },

  /** Moves the map until an entry is in sight, where it is not. */
  reveal(map, row) {
    const place = map.at(row), box = map.plotElement?.getBoundingClientRect();
    if (!place || !box) return;
    if (place.x < 12 || place.y < 12 || place.x > box.width - 12 || place.y > box.height - 12) map.centre?.(row);
  },

  /** A list of entries; long ones grow on demand. */
  list(map, rows, { ordered = false, step = 200 } = {}) {
    const list = ui.make(ordered ? "ol" : "ul", "pd-entries"), more = ui.button("", () => grow(true), "pd-entries__more");
    const grow = (byHand) => {
      const from = list.children.length, next = rows.slice(from, from + step);
      list.append(...next.map((row) => ui.make("li", "", {}, ui.link(map, row), ui.facts(map, row))));
      const left = rows.length - list.children.length;
      more.hidden = left === 0;
      more.textContent = `${Math.min(left, step).toLocaleString("en-GB")} more of ${rows.length.toLocaleString("en-GB")}`;
      if (byHand) list.children[from]?.querySelector("a").focus();
    };
    grow(false);
    return [list, more];
  },

  /** A ring around an entry on the map, without drawing the map anew; it follows while the map moves. */
  ring(map, row) {
    map.ringed = row;
    if (!map.plotElement || (row < 0 && !map.ringElement)) return;
    if (!map.ringElement?.isConnected) {
      map.ringElement = ui.make("div", "pd-ring", { "aria-hidden": "true" });
      map.plotElement.append(map.ringElement);
      map.view.on(["zoom", "projection", "kinds", "statuses", "topics", "clusters", "from", "to", "only"], () => ui.ring(map, map.ringed));
      new ResizeObserver(() => ui.ring(map, map.ringed)).observe(map.plotElement);
      for (const moves of ["pointermove", "wheel"]) map.plotElement.addEventListener(moves, () => map.ringed >= 0 && ui.ring(map, map.ringed), { passive: true });
    }
    map.ringUntil = performance.now() + 1000;
    map.ringing ??= requestAnimationFrame(function follow() {
      const { ringed, ringElement: ring } = map, place = ringed >= 0 && map.visible()[ringed] ? map.at(ringed) : null;
      ring.hidden = !place || place.x < 0 || place.y < 0 || place.x > map.plotElement.clientWidth || place.y > map.plotElement.clientHeight;
      if (!ring.hidden) ring.style.translate = `${place.x}px ${place.y}px`;
      map.ringing = ringed >= 0 && performance.now() < map.ringUntil ? requestAnimationFrame(follow) : null;
    });
  },

  /** The panels at the side; the newest lies on top, closing it uncovers the one below. */
  panel(map, name, label, ends = "Close") {
    map.panels ??= [];
    const body = ui.make("div", "pd-panel__body");
    const heading = ui.make("h2", "pd-panel__head", { id: `pd-panel-${name}-${Math.random().toString(36).slice(2, 8)}`, textContent: label });
    const close = ui.button("", () => panel.close(), "pd-panel__close");
    const section = ui.make("section", `pd-panel pd-panel--${name}`, { hidden: true, "aria-labelledby": heading.id },
      ui.make("div", "pd-panel__bar", {}, heading, close), body);
    map.side.append(section);
    const order = () => {
      map.panels.forEach((each, n) => {
        const top = n === map.panels.length - 1;
        each.section.hidden = !top;
        const below = map.panels[n - 1]?.heading.textContent;
        const word = below && each.ends === "Close" ? "Back" : each.ends;
        each.closer.textContent = word;
        each.closer.setAttribute("aria-label", below ? `${word}, to ${below}` : `${word} ${each.heading.textContent}`);
      });
      const open = map.panels.at(-1)?.name ?? "";
      map.side.dataset.open = open;
      map.root.classList.toggle("pd-map--side", open !== "");
    };
    const panel = {
      name, ends, section, body, heading, closer: close, closed: () => {},
      get shown() {
        return map.panels.includes(panel);
      },
      get top() {
        return map.panels.at(-1) === panel;
      },
      show(...children) {
        body.replaceChildren(...children);
        map.panels = [...map.panels.filter((each) => each !== panel), panel];
        order();
        section.scrollTop = body.scrollTop = 0;
      },
      hide() {
        if (!panel.shown) return;
        const inside = section.contains(document.activeElement);
        map.panels = map.panels.filter((each) => each !== panel);
        section.hidden = true;
        order();
        body.replaceChildren();
        if (inside) ui.home(map);
      },
      close() {
        panel.hide();
        panel.closed();
      },
    };
    return panel;
  },

  /** The focus goes back to where the reader came from. */
  home(map) {
    const back = map.back?.isConnected && map.back.getClientRects().length ? map.back : null;
    map.back = null;
    const below = map.panels?.at(-1)?.section.querySelector(".pd-panel__body a");
    (back ?? below ?? (map.large ? map.plotElement : null))?.focus({ preventScroll: true });
  },
};
