/* The map: places on the screen, what is visible, and Plotly's points at rest. Movement: 41-move.js. */

const GL_FROM = 2000; //: above this many points, WebGL
const RINGS_UNTIL = 600; //: up to this many, doubtful places have a ring
const calmly = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

/** Where the plane lies in the window: the middle (cx, cy) in plane units and k pixels to a unit. */
class Lens {
  constructor(cx, cy, k, width, height) {
    Object.assign(this, { cx, cy, k, width, height });
  }

  /** All of a frame [[x0, x1], [y0, y1]] is seen, as an SVG's viewBox is. */
  static around([[x0, x1], [y0, y1]], width, height) {
    const k = Math.min(width / (x1 - x0), height / (y1 - y0));
    return new Lens((x0 + x1) / 2, (y0 + y1) / 2, k, width, height);
  }

  get range() {
    const w = this.width / this.k / 2, h = this.height / this.k / 2;
    return [[this.cx - w, this.cx + w], [this.cy - h, this.cy + h]];
  }

  x(x) {
    return this.width / 2 + (x - this.cx) * this.k;
  }

  y(y) {
    return this.height / 2 - (y - this.cy) * this.k;
  }

  plane(left, top) {
    return [this.cx + (left - this.width / 2) / this.k, this.cy - (top - this.height / 2) / this.k];
  }

  /** The same lens, moved by pixels. */
  moved(dx, dy) {
    return new Lens(this.cx - dx / this.k, this.cy + dy / this.k, this.k, this.width, this.height);
  }

  /** Enlarged by `factor` around a place on the screen, which stays. */
  scaled(factor, left, top) {
    const [x, y] = this.plane(left, top), k = this.k * factor;
    return new Lens(x - (left - this.width / 2) / k, y + (top - this.height / 2) / k, k, this.width, this.height);
  }

  near(other) {
    const far = Math.hypot(this.cx - other.cx, this.cy - other.cy) * this.k;
    return far < 0.5 && Math.abs(Math.log(this.k / other.k)) < 1e-3;
  }
}

/** How far what was drawn through a lens is to be pushed for another one, as CSS; null where that is not enough. */
const pushOf = (from, to) => {
  if (!from || Math.abs(to.k / from.k - 1) > 1e-9 || from.width !== to.width || from.height !== to.height) return null;
  return `translate(${(from.cx - to.cx) * to.k}px,${(to.cy - from.cy) * to.k}px)`;
};

class DiaryMap {
  constructor(root, data) {
    Object.assign(this, { root, data, plotted: false, failed: false, busy: -Infinity });
    this.large = root.classList.contains("pd-map--large");
    this.options = JSON.parse(root.dataset.options || "{}");
    const part = (name) => root.querySelector(`.pd-map__${name}`) ?? root.appendChild(ui.make("div", `pd-map__${name}`));
    this.plotElement = part("plot");
    this.tools = part("tools");
    this.side = part("side");
    this.svg = this.plotElement.querySelector("svg");
    const { view, colour } = this.options, first = { projection: root.dataset.view ?? view ?? data.first, colour };
    for (const key of ["names", "hulls", "order"]) if (key in this.options) first[key] = this.options[key] ? "1" : "0";
    if (!this.large) first.doubt = "0";
    Object.keys(first).forEach((key) => first[key] === undefined && delete first[key]);
    this.view = new View(data, { shared: this.large, first });
    this.palette = new Palette(root, data);
    this.allowed = optionMask(data, this.options);
    this.drawn = first.projection in data.projections ? first.projection : data.first; // the projection on the screen
    this.handlers = { point: [], empty: [], select: [] };
    this.screen = { x: new Float32Array(data.size), y: new Float32Array(data.size) };
    this.spoken = this.root.appendChild(ui.make("p", "pd-map__say", { role: "status" }));
    this.frames = new Map();
    const frame = this.svg?.dataset.frame?.trim().split(/[\s,]+/).map(Number);
    if (frame?.length === 4 && frame.every(Number.isFinite))
      this.frames.set(this.drawn, [[frame[0], frame[1]], [frame[2], frame[3]]]);
    this.measure();
    this.lens = this.home(this.drawn);
    this.place();
  }

  /* -- sizes and places */

  measure() {
    const outer = this.plotElement.getBoundingClientRect(), style = getComputedStyle(this.plotElement); // parts of pixels count
    this.width = outer.width - parseFloat(style.borderLeftWidth) - parseFloat(style.borderRightWidth);
    this.height = outer.height - parseFloat(style.borderTopWidth) - parseFloat(style.borderBottomWidth);
    this.root.style.setProperty("--pd-wide", this.width.toFixed(1)); // print shrinks the map by it
    const box = this.svg?.viewBox.baseVal;
    if (box?.width) this.box ??= { width: box.width, height: box.height };
    const { width, height } = this.box ?? { width: 900, height: 600 };
    this.unit = Math.min(this.width / width, this.height / height) || 1; // px to a unit of the SVG
    this.mark = Number(this.svg?.dataset.mark ?? this.markUnits) || 11;
    this.markUnits = this.mark;
  }

  /** All of a projection: the frame of the static map, or one around the rows that the options allow. */
  home(projection) {
    if (!this.frames.has(projection)) {
      const plane = this.data.plane(projection);
      const rows = [...this.allowed.keys()].filter((row) => this.allowed[row]);
      if (rows.length === this.data.size || !rows.length) this.frames.set(projection, plane.frame);
      else {
        const span = (values) => rows.reduce(([a, b], row) => [Math.min(a, values[row]), Math.max(b, values[row])], [Infinity, -Infinity]);
        const wide = ([a, b]) => { const pad = Math.max((b - a) * 0.07, 1e-3); return [a - pad, b + pad]; };
        this.frames.set(projection, [wide(span(plane.x)), wide(span(plane.y))]);
      }
    }
    return Lens.around(this.frames.get(projection), this.width, this.height);
  }

  /** How far the map is zoomed in; 1: all of it is seen. */
  get zoom() {
    return this.lens.k / this.home(this.drawn).k;
  }

  /** The diameter of a mark in CSS px: as in the SVG, a little larger when zoomed in. */
  get markSize() {
    const size = this.mark * this.unit, zoom = this.zoom;
    return zoom <= 1.001 ? size : Math.max(size, Math.round(size * Math.min(zoom ** 0.3, 2.2) * 2) / 2);
  }

  /** Every row's place on the screen, through the lens. */
  place(lens = this.lens, projection = this.drawn, into = this.screen) {
    const { x, y } = this.data.plane(projection);
    for (let row = 0; row < this.data.size; row++) {
      into.x[row] = lens.x(x[row]);
      into.y[row] = lens.y(y[row]);
    }
    return into;
  }

  at(row) {
    if (!(row >= 0 && row < this.data.size) || (this.failed && this.view.get("projection") !== this.drawn)) return null;
    return { x: this.screen.x[row], y: this.screen.y[row] };
  }

  /** The nearest visible row within `reach` px of a place in the window, or -1. */
  rowAt(clientX, clientY, reach = 12) {
    const box = this.plotElement.getBoundingClientRect(), mask = this.visible();
    const left = clientX - box.left - this.plotElement.clientLeft, top = clientY - box.top - this.plotElement.clientTop;
    let best = -1, least = reach * reach;
    for (let row = 0; row < this.data.size; row++) {
      if (!mask[row]) continue;
      const dx = this.screen.x[row] - left, dy = this.screen.y[row] - top, far = dx * dx + dy * dy;
      if (far <= least) [best, least] = [row, far];
    }
    return best;
  }

  link(row) {
    return (this.root.dataset.base ?? "") + this.data.pages[row];
  }

  /* -- what is visible */

  /** 1 for each row that passes the options, the filters and the time. */
  visible() {
    return (this.mask ??= this.makeMask());
  }

  makeMask() {
    const { data, view } = this, mask = Uint8Array.from(this.allowed), size = data.size;
    const filter = (set, code) => {
      if (set) for (let row = 0; row < size; row++) if (!set.has(code(row))) mask[row] = 0;
    };
    filter(view.get("kinds"), (row) => data.kinds[row]);
    filter(view.get("statuses"), (row) => data.statuses[row]);
    filter(view.get("clusters"), (row) => data.clusters[row]);
    filter(view.get("topics"), (row) => (data.topics[row] < 0 ? data.topicNames.length : data.topics[row]));
    if (view.get("only")) filter(view.get("selected"), (row) => row);
    const from = view.get("from"), to = view.get("to"), by = view.get("by"), undated = view.get("undated");
    if (from || to || !undated)
      for (let row = 0; row < size; row++) {
        const months = data.months(row, by);
        if (months ? (from && months[1] < from) || (to && months[0] > to) : !undated) mask[row] = 0;
      }
    return mask;
  }

  /** The rows to draw, the faint ones first, and how each looks. */
  marks() {
    if (this.looks) return this.looks;
    const { data, palette, view } = this, mask = this.visible(), size = data.size;
    const field = palette.field(view.get("colour")), css = palette.colours(field);
    const queued = data.statusNames.indexOf("queued");
    const lit = view.get("lit")?.length ? new Set(view.get("lit")) : null, selected = view.get("selected")?.size ? view.get("selected") : null;
    const symbol = Uint8Array.from(field.codes, (code) => field.items[code]?.symbol ?? 0);
    const open = Uint8Array.from(data.statuses, (status) => (status === queued ? 1 : 0));
    const fade = new Uint8Array(size).fill(255), back = [], front = [], doubt = view.get("doubt") ? data.doubtful(this.drawn).rows : [];
    // among many points rings would be all that is seen: there the doubtful ones are faint instead
    const faint = size > RINGS_UNTIL ? new Set(doubt) : null;
    for (let row = 0; row < size; row++) {
      if (!mask[row]) continue;
      const away = lit ? !lit.has(row) : selected && !selected.has(row); // a search inside a selection lights its hits
      if (away) fade[row] = 46;
      else if (faint?.has(row)) fade[row] = 110;
      (fade[row] < 255 ? back : front).push(row);
    }
    const rings = [];
    if (!faint) {
      const rows = doubt.filter((row) => mask[row] && fade[row] === 255), more = Math.max(4, Math.min(6, this.mark * this.unit * 0.6));
      if (rows.length) rings.push({ rows, colour: palette.theme.soft, more, line: 1, fade: 120 });
    }
    if (lit) rings.push({ rows: [...lit].filter((row) => mask[row]), colour: palette.theme.ink, more: 8, line: 1.5, fade: 220 });
    return (this.looks = { rows: [...back, ...front], css, rgb: css.map(rgbOf), look: field.codes, symbol, open, fade, rings });
  }

  /** What 42-raster.js draws. */
  layers() {
    const { rows, rgb, look, symbol, open, fade, rings } = this.marks(), { x, y } = this.screen, size = this.markSize;
    return [
      { rows, x, y, colours: rgb, look, symbol, open, fade, size, line: 2 * this.unit },
      ...rings.map((ring) => ({
        rows: ring.rows, x, y, colours: [rgbOf(ring.colour)], look: 0, symbol: RING, open: 1, fade: ring.fade,
        size: size + ring.more, line: ring.line,
      })),
    ];
  }

  /** The same for Plotly. */
  traces() {
    const { rows, css, look, symbol, open, fade, rings } = this.marks(), { x, y } = this.data.plane(this.drawn);
    const type = this.data.size > GL_FROM ? "scattergl" : "scatter", size = this.markSize;
    const of = (list, marker) => ({
      type, mode: "markers", hoverinfo: "skip", x: list.map((row) => x[row]), y: list.map((row) => y[row]), marker,
    });
    const all = (values) => (values.every((v) => v === values[0]) ? values[0] : values);
    return [
      of(rows, {
        size, color: rows.map((row) => css[look[row]]),
        symbol: all(rows.map((row) => this.data.symbols[symbol[row]] + (open[row] ? "-open" : ""))) ?? "circle",
        opacity: all(rows.map((row) => fade[row] / 255)) ?? 1,
        line: { width: all(rows.map((row) => (open[row] ? 2 * this.unit : 0))) ?? 0 },
      }),
      ...rings.map((ring) => of(ring.rows, {
        size: size + ring.more, symbol: "circle-open", color: ring.colour, opacity: ring.fade / 255, line: { width: ring.line },
      })),
    ];
  }

  layout() {
    const [x, y] = this.lens.range, axis = { visible: false, fixedrange: true, autorange: false };
    return {
      width: this.width, height: this.height, margin: { l: 0, r: 0, t: 0, b: 0 }, showlegend: false, hovermode: false, dragmode: false,
      paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)",
      xaxis: { ...axis, range: x }, yaxis: { ...axis, range: y },
    };
  }

  /** Plotly's points, where and as everything is now. */
  async rest() {
    if (!this.Plotly) return;
    const looks = this.marks(), key = [this.drawn, this.markSize, this.width, this.height].join(" ");
    if (this.restLooks === looks && this.restKey === key) {
      const [x, y] = this.lens.range;
      await this.Plotly.relayout(this.points, { "xaxis.range": x, "yaxis.range": y });
    } else await this.Plotly.react(this.points, this.traces(), this.layout(), { staticPlot: true, responsive: false });
    [this.restLooks, this.restKey] = [looks, key];
  }

  /* -- the rest of the contract */

  cards() {
    return PaperDiary.load("cards");
  }

  theme() {
    return this.palette.theme;
  }

  say(text) {
    this.spoken.textContent = text;
  }

  onPoint(fn) {
    this.handlers.point.push(fn);
  }

  onEmpty(fn) {
    this.handlers.empty.push(fn);
  }

  onSelect(fn) {
    this.handlers.select.push(fn);
  }

  tell(what, ...values) {
    for (const fn of this.handlers[what]) fn(...values);
  }
}
