/* What the colours mean, how many there are of each; a click shows only one kind, another click adds or takes away. */

const LEGEND_ALL = 16, LEGEND_FIRST = 12; //: above the first number of items only so many are listed, until asked

class Legend {
  constructor(map) {
    this.map = map;
    this.element = map.root.querySelector(".pd-map__legend") ?? map.root.appendChild(ui.make("ul", "pd-map__legend"));
    this.still = [...this.element.childNodes]; // the links of the static map
    this.all = false;
  }

  start() {
    const { view } = this.map;
    view.on("colour", () => { this.all = false; this.build(); });
    view.on("kinds statuses topics clusters from to by", () => this.refresh());
    this.build();
  }

  /** The static map stays, so its links do. */
  fail() {
    this.items = [];
    this.element.replaceChildren(...this.still);
  }

  build() {
    if (this.map.failed) return;
    const { map } = this, { view, palette, data, allowed } = map;
    if (!map.large && view.get("colour") === "cluster") {
      this.items = [];
      return this.element.replaceChildren(...this.still);
    }
    const field = (this.field = palette.field(view.get("colour"))), colours = palette.colours(field);
    const counts = new Array(field.items.length).fill(0);
    field.codes.forEach((code, row) => { if (code >= 0 && allowed[row]) counts[code] += 1; });
    let codes = counts.map((_, code) => code).filter((code) => counts[code]);
    if (!field.ordinal) codes.sort((a, b) => counts[b] - counts[a] || a - b);
    const rest = codes.length > LEGEND_ALL && !this.all ? codes.slice(LEGEND_FIRST) : [];
    const total = codes.length;
    if (rest.length) codes = codes.slice(0, LEGEND_FIRST);
    this.head = ui.make("li", "pd-legend__head", {}, ui.make("span", "pd-legend__title", {}, field.label));
    this.every = ui.button("Show all", () => this.clear(), "pd-legend__every");
    this.head.append(this.every);
    this.items = codes.map((code) => this.item(code, colours[code], counts[code]));
    const out = [this.head, ...this.items.map(({ element }) => element)];
    if (total > LEGEND_ALL) {
      const sum = rest.reduce((n, code) => n + counts[code], 0);
      const more = ui.button(rest.length ? `${rest.length} others` : "Fewer", () => {
        this.all = !this.all;
        this.build();
        this.element.querySelector(".pd-legend__more")?.focus();
      }, "pd-legend__item pd-legend__more");
      more.setAttribute("aria-expanded", String(!rest.length));
      if (rest.length) more.append(ui.make("span", "pd-legend__count", {}, sum.toLocaleString("en-GB")));
      out.push(ui.make("li", "pd-legend__row", {}, more));
    }
    if (field.name !== "status" && data.statuses.some((status, row) => allowed[row] && data.statusNames[status] === "queued"))
      out.push(ui.make("li", "pd-legend__row pd-legend__note", {}, this.swatch(palette.theme.soft, 0, true), "hollow: still to be read"));
    this.element.replaceChildren(...out);
    this.refresh();
  }

  swatch(colour, symbol, open = false) {
    const r = 4.5, c = 7, points = (list) => `M${list.map(([x, y]) => `${c + x * r},${c + y * r}`).join("L")}Z`;
    const d = [
      `M${c - r},${c}a${r},${r} 0 1 0 ${2 * r},0a${r},${r} 0 1 0 ${-2 * r},0Z`, points([[1.3, 0], [0, 1.3], [-1.3, 0], [0, -1.3]]),
      points([[-1, -1], [1, -1], [1, 1], [-1, 1]]), points([[-1.1547, 0.5], [1.1547, 0.5], [0, -1]]),
    ][symbol];
    const path = svgElement("path", { d });
    path.style.setProperty("--pd-colour", colour);
    return svgElement("svg", { class: `pd-legend__swatch${open ? " pd-legend__swatch--open" : ""}`, viewBox: "0 0 14 14", "aria-hidden": "true" }, path);
  }

  item(code, colour, count) {
    const { field } = this, { label, symbol, page, filter } = field.items[code], acts = !field.ordinal || filter;
    const open = field.name === "status" && this.map.data.statusNames[code] === "queued";
    const button = acts ? ui.button("", () => this.choose(code), "pd-legend__item") : ui.make("span", "pd-legend__item");
    button.append(this.swatch(colour, symbol, open), ui.make("span", "pd-legend__label", { dir: "auto", title: label }, label),
      ui.make("span", "pd-legend__count", {}, count.toLocaleString("en-GB")));
    const element = ui.make("li", "pd-legend__row", {}, button);
    if (!field.ordinal) {
      const hide = ui.button("Hide", () => this.hide(code), "pd-legend__hide");
      hide.setAttribute("aria-label", `Hide ${label}`);
      element.append(hide);
    }
    if (page) element.append(ui.make("a", "pd-legend__page", { href: ui.page(this.map, page), title: `Page of ${label}`, "aria-label": `Page of ${label}` }, "→"));
    return { code, element, button, acts };
  }

  /** All codes that occur, hidden or not. */
  get codes() {
    return this.field.counts.flatMap((count, code) => (count ? [code] : []));
  }

  filtered(set) {
    const whole = set.size === 0 || this.codes.every((code) => set.has(code));
    this.map.view.set({ [this.field.key]: whole ? null : set });
  }

  choose(code) {
    const { field } = this, { view } = this.map;
    if (field.ordinal) {
      const { filter } = field.items[code];
      return view.set(this.shows(code) ? { from: null, to: null } : filter);
    }
    const now = view.get(field.key);
    const next = new Set(now ?? []);
    if (next.has(code)) next.delete(code);
    else next.add(code);
    this.filtered(next);
  }

  hide(code) {
    const next = new Set(this.map.view.get(this.field.key) ?? this.codes);
    next.delete(code);
    this.filtered(next);
  }

  clear() {
    this.map.view.set(this.field.ordinal ? { from: null, to: null } : { [this.field.key]: null });
    this.element.querySelector("button.pd-legend__item")?.focus();
  }

  /** Whether a filter is on and this item passes it. */
  shows(code) {
    const { field } = this, { view } = this.map;
    if (!field.ordinal) return view.get(field.key)?.has(code) ?? false;
    const { filter } = field.items[code];
    return Boolean(filter) && Object.entries(filter).every(([key, value]) => view.get(key) === value);
  }

  refresh() {
    if (!this.items?.length) return;
    const { field } = this, { view } = this.map;
    const on = field.ordinal ? this.items.some(({ code }) => this.shows(code)) : view.get(field.key) !== null;
    this.every.hidden = !on;
    for (const { code, element, button, acts } of this.items) {
      const shown = this.shows(code);
      if (acts) button.setAttribute("aria-pressed", String(shown));
      element.classList.toggle("pd-legend__row--off", on && !shown);
    }
  }
}
