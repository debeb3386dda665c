/* Names on the map: those of groups, and what fits of the clusters' names, when it is seen whole; when zoomed in, the
   clusters' names. They are SVG text over the points, placed anew when the map comes to rest: groups and larger
   clusters first, no two overlap, none leaves the frame or lies under the buttons. */

const UPPER_UNTIL = 1.7; //: enlargement up to which groups have their names
const UPPER = 1.4; //: their size beside that of clusters' names
const MOST = 0.4; //: share of its points that a cluster's name may cover beside the names of groups
const LEAST = 11; //: px of the smallest name
const CELL = 8; //: px of the grid that counts points

/** A name in two lines at most, of about `signs` characters each. */
const nameLines = (name, signs) => {
  const lines = [""];
  for (const word of name.split(/\s+/).filter(Boolean)) {
    const now = lines.at(-1);
    if (now && [...now, ...word].length + 1 > signs) lines.push(word);
    else lines[lines.length - 1] = now ? `${now} ${word}` : word;
  }
  const cut = (line, more) => ([...line].length > signs || more ? `${[...line].slice(0, signs - 1).join("").trimEnd()}…` : line);
  return lines.slice(0, 2).map((line, n) => cut(line, n === 1 && lines.length > 2));
};

class Labels {
  constructor(map) {
    this.map = map;
    this.group = svgElement("g", { class: "pd-map__names" });
    this.element = svgElement("svg", { class: "pd-map__over", "aria-hidden": "true" }, this.group);
    this.shown = new Map(); // key ("c3", "g0") -> {element, x, y: place in the plane, key}
    this.widths = new Map();
    this.size = 13;
  }

  /** The static map's names, where they are; they are kept for when the map is seen whole again. */
  takeOver(svg) {
    const { map } = this, frame = map.plotElement.getBoundingClientRect();
    this.element.setAttribute("viewBox", `0 0 ${map.width} ${map.height}`);
    const texts = svg ? [...svg.querySelectorAll("text[data-cluster], text[data-group]")].filter((t) => t.getClientRects().length) : [];
    const sizes = texts.map((text) => parseFloat(getComputedStyle(text).fontSize) * map.unit), least = Math.min(...sizes);
    if (texts.length) {
      this.size = Math.max(least, LEAST);
      this.halo = (parseFloat(getComputedStyle(texts[0]).strokeWidth) || 4) * map.unit;
    }
    if (!map.view.get("names")) return;
    if (!texts.length || least < LEAST - 1) return void this.layout(); // the picture's names are too small to read here
    const places = texts.map((text, n) => {
      const { cluster, group } = text.dataset, parts = [...text.querySelectorAll("tspan")].map((span) => span.textContent);
      const lines = parts.length ? parts : [text.textContent], box = text.getBoundingClientRect(), size = sizes[n];
      const first = text.getStartPositionOfChar(0), baseline = new DOMPoint(first.x, first.y).matrixTransform(text.getScreenCTM()).y;
      return {
        key: cluster === undefined ? `g${group}` : `c${cluster}`, lines, size,
        left: box.left - frame.left - map.plotElement.clientLeft + box.width / 2,
        top: baseline - frame.top - map.plotElement.clientTop - this.down(lines) * size,
      };
    });
    this.still = {
      projection: map.drawn, unit: map.unit,
      places: places.map(({ left, top, ...rest }) => ({ ...rest, at: map.lens.plane(left, top) })),
    };
    this.show(places, map.lens, false);
  }

  /** The static map's places are right while the map is seen whole, and all of it. */
  get asAtFirst() {
    const { map, still } = this;
    return still && Math.abs(still.unit / map.unit - 1) < 0.03
      && still.projection === map.drawn && map.lens.near(map.home(map.drawn)) && map.visible().every((v, row) => v === map.allowed[row]);
  }

  /** Place the names for the lens as it is; `screen`: where the points will be, when they are on their way. */
  layout({ travel = false, screen = this.map.screen } = {}) {
    const { map } = this;
    this.element.setAttribute("viewBox", `0 0 ${map.width} ${map.height}`);
    if (!map.view.get("names")) return this.show([], map.lens, travel);
    if (this.asAtFirst) {
      const places = this.still.places.map(({ at: [x, y], ...rest }) => ({ ...rest, left: map.lens.x(x), top: map.lens.y(y) }));
      return this.show(places, map.lens, travel);
    }
    return this.show(this.choose(screen), map.lens, travel);
  }

  /** {key, lines, size, left, top} of every name that finds a place. */
  choose({ x, y }) {
    const { map } = this, { data, width, height } = map, mask = map.visible();
    const fresh = () => ({ all: 0, n: 0, x: 0, y: 0, xx: 0, yy: 0 });
    const upper = data.groups?.length > 0 && map.zoom < UPPER_UNTIL;
    const clusters = data.clusterNames.map(fresh), groups = upper ? data.groups.map(fresh) : [];
    const columns = Math.ceil(width / CELL), rows = Math.ceil(height / CELL), grid = new Uint16Array(columns * rows);
    for (let row = 0; row < data.size; row++) {
      if (!mask[row]) continue;
      const px = x[row], py = y[row], cluster = data.clusters[row], inside = px >= 0 && py >= 0 && px < width && py < height;
      if (inside) grid[Math.floor(py / CELL) * columns + Math.floor(px / CELL)] += 1;
      for (const whole of [clusters[cluster], groups[data.clusterNames[cluster]?.group]]) {
        if (!whole) continue;
        whole.all += 1;
        if (!inside) continue;
        whole.n += 1;
        whole.x += px;
        whole.y += py;
        whole.xx += px * px;
        whole.yy += py * py;
      }
    }
    const covered = (left, top, w, h) => {
      let sum = 0;
      const c1 = Math.min(columns - 1, Math.floor((left + w) / CELL)), r1 = Math.min(rows - 1, Math.floor((top + h) / CELL));
      for (let r = Math.max(0, Math.floor(top / CELL)); r <= r1; r++)
        for (let c = Math.max(0, Math.floor(left / CELL)); c <= c1; c++) sum += grid[r * columns + c];
      return sum;
    };
    const taken = [[width - 48, height - 112, 48, 112]]; // the buttons
    const free = ([a, b, w, h]) => !taken.some(([c, d, e, f]) => a < c + e && c < a + w && b < d + f && d < b + h);
    const edge = map.markSize / 2, out = [], place = (whole, others, key, name, size, most) => {
      // one stray point of a large cluster does not call for its name
      if (!whole.n || (whole.n < 3 && whole.n < 0.15 * whole.all)) return;
      const mx = whole.x / whole.n, my = whole.y / whole.n;
      const sx = Math.sqrt(Math.max(whole.xx / whole.n - mx * mx, 0)), sy = Math.sqrt(Math.max(whole.yy / whole.n - my * my, 0));
      const lines = nameLines(name, Math.max(10, Math.min(26, Math.floor((width * 0.45) / (size * 0.55)))));
      const w = Math.max(...lines.map((line) => this.wide(line, size))), h = lines.length * size * 1.2;
      if (w > width - 8 || h > height - 8) return;
      const up = 1.5 * sy + h / 2 + 8, aside = 1.4 * sx + w / 2 + 8, half = w / 2 + 6;
      let best = null;
      for (const [dx, dy] of [
        [0, -up], [0, up], [0, -1.5 * up], [aside, 0], [-aside, 0], [0, 0], [sx, -up], [-sx, -up], [sx, up], [-sx, up],
        [0, -0.6 * up], [0, 0.6 * up], [0, 1.5 * up], [aside, -up], [-aside, -up], [0, -2.2 * up],
      ]) {
        const left = Math.min(Math.max(mx + dx, half), width - half), top = Math.min(Math.max(my + dy, h / 2 + 5), height - h / 2 - 5);
        const box = [left - w / 2 - 3, top - h / 2 - 2, w + 6, h + 4];
        if (!free(box)) continue;
        const hidden = covered(...box.map((v, i) => v + (i < 2 ? -edge : 2 * edge)));
        // what is hidden, the gap to the heart of its own points, and whether it lies nearer to others
        const gap = Math.hypot(Math.max(0, Math.abs(left - mx) - w / 2 - sx), Math.max(0, Math.abs(top - my) - h / 2 - sy));
        const own = Math.hypot(left - mx, top - my);
        const astray = others.some((o) => o !== whole && o.n > 2 && Math.hypot(left - o.x / o.n, top - o.y / o.n) < own);
        if (astray && gap > 24 && most < Infinity) continue; // it would name other points; nearer by there is room for it
        const cost = (40 * hidden) / Math.max(whole.n, 8) + gap / 10 + (astray ? 5 : 0);
        if (hidden <= most * whole.n + 2 && (!best || cost < best.cost)) best = { cost, left, top, box };
      }
      if (!best) return;
      taken.push(best.box);
      out.push({ key, lines, size, left: best.left, top: best.top });
    };
    const bySize = (wholes) => wholes.map((_, n) => n).sort((a, b) => wholes[b].n - wholes[a].n);
    // a group of one cluster, and a cluster called as its group, would be named twice
    const large = (group) => group?.members?.length > 1, groupOf = (n) => upper && data.groups[data.clusterNames[n].group];
    const twice = (n) => large(groupOf(n)) && groupOf(n).name === data.clusterNames[n].name;
    for (const n of bySize(groups)) if (large(data.groups[n])) place(groups[n], groups, `g${n}`, data.groups[n].name, this.size * UPPER, Infinity);
    for (const n of bySize(clusters)) if (!twice(n)) place(clusters[n], clusters, `c${n}`, data.clusterNames[n].name, this.size, upper ? MOST : Infinity);
    return out;
  }

  wide(line, size) {
    const key = `${size} ${line}`;
    if (!this.widths.has(key)) {
      this.pen ??= document.createElement("canvas").getContext("2d");
      this.pen.font = `600 ${size}px ${this.map.theme().sans}`;
      this.widths.set(key, this.pen.measureText(line).width);
    }
    return this.widths.get(key);
  }

  /** From the middle of a name down to the first line's baseline, in em. */
  down(lines) {
    return (1 - lines.length) * 0.6 + 0.35;
  }

  show(places, lens, travel) {
    this.element.style.transform = "";
    this.placed = lens;
    const kept = new Set(places.map(({ key }) => key));
    for (const [key, { element }] of this.shown)
      if (!kept.has(key)) {
        element.remove();
        this.shown.delete(key);
      }
    for (const { key, lines, size, left, top } of places) {
      let name = this.shown.get(key);
      if (!name) {
        const element = svgElement("text", { "text-anchor": "middle", ...(key[0] === "g" ? { class: "pd-name--group" } : {}) });
        name = { element, key };
        this.shown.set(key, name);
        if (this.laid) element.classList.add("pd-name--new");
        this.group.append(element);
      }
      const { element } = name, text = lines.join("\n"), middle = this.down(lines);
      if (name.text !== text) {
        name.text = text;
        element.replaceChildren(...lines.map((line, n) => {
          const span = svgElement("tspan", { x: 0, dy: n ? "1.2em" : `${middle}em` });
          span.textContent = line;
          return span;
        }));
      }
      element.style.fontSize = `${size}px`;
      if (this.halo) element.style.strokeWidth = `${this.halo}px`;
      element.classList.toggle("pd-name--travels", travel);
      element.dataset[key[0] === "g" ? "group" : "cluster"] = key.slice(1);
      [name.x, name.y] = lens.plane(left, top);
      element.style.transform = `translate(${left}px,${top}px)`;
    }
    this.laid = true;
  }

  /** The names go along while the map moves: all at once where it is only pushed, since browsers lay SVG text out
      anew for every transform of its own. */
  follow() {
    const { lens } = this.map, push = pushOf(this.placed, lens);
    this.element.style.transform = push ?? "";
    if (push !== null) return;
    this.placed = lens;
    for (const { element, x, y } of this.shown.values()) {
      element.classList.remove("pd-name--travels");
      element.style.transform = `translate(${lens.x(x)}px,${lens.y(y)}px)`;
    }
  }
}
