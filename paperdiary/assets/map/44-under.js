/* What lies below the points: hulls, the reading order, lines to neighbours. */

const svgElement = (name, attributes = {}, ...children) => {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
};

/** Rows at the corners of the convex hull of `rows`, around it (monotone chain, Andrew, 1979). */
const hullRows = (rows, x, y) => {
  const sorted = [...rows].sort((a, b) => x[a] - x[b] || y[a] - y[b]);
  if (sorted.length < 3) return sorted;
  const turn = (a, b, c) => (x[b] - x[a]) * (y[c] - y[a]) - (y[b] - y[a]) * (x[c] - x[a]);
  const halves = [sorted, sorted.toReversed?.() ?? [...sorted].reverse()].map((run) => {
    const half = [];
    for (const row of run) {
      while (half.length > 1 && turn(half.at(-2), half.at(-1), row) <= 0) half.pop();
      half.push(row);
    }
    return half.slice(0, -1);
  });
  return [...halves[0], ...halves[1]];
};

/** Members without the twentieth that lies farthest out, where there are enough: one stray would stretch a hull over others. */
const core = (rows, x, y) => {
  if (rows.length < 20) return rows;
  const middle = (values) => [...rows].map((row) => values[row]).sort((a, b) => a - b)[rows.length >> 1];
  const mx = middle(x), my = middle(y), far = (row) => Math.hypot(x[row] - mx, y[row] - my);
  return [...rows].sort((a, b) => far(a) - far(b)).slice(0, Math.ceil(rows.length * 0.95));
};

/** Lines below the points: hulls, reading order, neighbours, the ring of the entry that was picked. */
class Under {
  constructor(map) {
    this.map = map;
    this.hulls = svgElement("g", { class: "pd-under__hulls" });
    this.order = svgElement("g", { class: "pd-under__order" });
    this.links = svgElement("g", { class: "pd-under__links" });
    this.ring = svgElement("circle", { class: "pd-under__ring" });
    this.svg = svgElement("svg", { class: "pd-map__under", "aria-hidden": "true" }, this.hulls, this.order, this.links, this.ring);
    this.near = [];
  }

  /** Corners of each cluster's hull; `both` adds those of the projection that the points come from. */
  corners(projection) {
    const { map } = this, mask = map.visible();
    if (this.mask !== mask) [this.mask, this.known] = [mask, new Map()];
    if (!this.known.has(projection)) {
      const { x, y } = map.data.plane(projection), members = map.data.clusterNames.map(() => []);
      for (let row = 0; row < map.data.size; row++) if (mask[row]) members[map.data.clusters[row]]?.push(row);
      this.known.set(projection, members.map((rows) => hullRows(core(rows, x, y), x, y)));
    }
    return this.known.get(projection);
  }

  draw({ from = null, moving = false } = {}) {
    const { map } = this, { x, y } = map.screen, view = map.view, looks = map.marks();
    const push = moving && !from && this.drawn?.looks === looks && this.drawn.projection === map.drawn ? pushOf(this.drawn.lens, map.lens) : null;
    this.svg.style.transform = push ?? "";
    if (push !== null) return;
    this.drawn = from ? null : { looks, lens: map.lens, projection: map.drawn };
    const point = (row) => `${x[row].toFixed(1)},${y[row].toFixed(1)}`;
    this.svg.setAttribute("viewBox", `0 0 ${map.width} ${map.height}`);
    if (view.get("hulls")) {
      const now = this.corners(map.drawn), before = from ? this.corners(from) : null, own = view.get("colour") === "cluster";
      const { css } = map.marks();
      now.forEach((rows, cluster) => {
        const ring = before ? hullRows(new Set([...rows, ...before[cluster]]), x, y) : rows;
        const path = this.hulls.children[cluster] ?? this.hulls.appendChild(svgElement("path"));
        path.setAttribute("d", ring.length ? `M${ring.map(point).join("L")}Z` : "");
        path.style.setProperty("--pd-hull", own ? css[cluster] : map.theme().soft);
      });
    } else if (this.hulls.firstChild) this.hulls.replaceChildren();
    const order = view.get("order") && !(moving && map.data.size > 3000);
    if (order) this.drawOrder(x, y);
    else if (this.order.firstChild) this.order.replaceChildren();
    const picked = map.data.row(view.get("picked")), seen = picked >= 0 && map.visible()[picked];
    this.ring.style.display = seen ? "" : "none";
    if (seen) {
      this.ring.setAttribute("cx", x[picked].toFixed(1));
      this.ring.setAttribute("cy", y[picked].toFixed(1));
      this.ring.setAttribute("r", (map.markSize / 2 + 5).toFixed(1));
    }
    const near = seen && view.get("lines") ? this.near : [], r = map.markSize / 2 + 2.5;
    while (this.links.children.length > near.length) this.links.lastChild.remove();
    near.forEach((row, n) => {
      const line = this.links.children[n] ?? this.links.appendChild(svgElement("path")), f = (...values) => values.map((v) => v.toFixed(1)).join(",");
      const far = Math.hypot(x[row] - x[picked], y[row] - y[picked]) || 1, ux = (x[row] - x[picked]) / far, uy = (y[row] - y[picked]) / far;
      // from ring to ring, and a ring around the neighbour
      const start = f(x[picked] + ux * (r + 2.5), y[picked] + uy * (r + 2.5)), end = f(x[row] - ux * r, y[row] - uy * r);
      const half = `a${f(r, r)} 0 1 1 `, ring = half + f(2 * r * ux, 2 * r * uy) + half + f(-2 * r * ux, -2 * r * uy);
      line.setAttribute("d", (far > 2 * r + 3 ? `M${start}L${end}` : `M${end}`) + ring);
      line.classList.toggle("pd-under__away", !map.visible()[row]);
    });
  }

  /** The line through what was read, fainter the longer ago. */
  drawOrder(x, y) {
    const { map } = this, mask = map.visible(), rows = map.data.order.filter((row) => mask[row]);
    const parts = Math.min(8, Math.max(rows.length - 1, 0)), round = rows.length <= 600;
    while (this.order.children.length > parts) this.order.lastChild.remove();
    const at = (n) => rows[Math.min(Math.max(n, 0), rows.length - 1)], f = (v) => v.toFixed(1);
    for (let part = 0; part < parts; part++) {
      const first = Math.floor((part * (rows.length - 1)) / parts), last = Math.floor(((part + 1) * (rows.length - 1)) / parts);
      let d = `M${f(x[at(first)])},${f(y[at(first)])}`;
      for (let n = first; n < last; n++) {
        const [a, b, c, e] = [at(n - 1), at(n), at(n + 1), at(n + 2)];
        if (round) // a Catmull-Rom spline as cubic curves
          d += `C${f(x[b] + (x[c] - x[a]) / 8)},${f(y[b] + (y[c] - y[a]) / 8)} ${f(x[c] - (x[e] - x[b]) / 8)},${f(y[c] - (y[e] - y[b]) / 8)} `;
        d += `${round ? "" : "L"}${f(x[c])},${f(y[c])}`;
      }
      const path = this.order.children[part] ?? this.order.appendChild(svgElement("path"));
      path.setAttribute("d", d);
      path.setAttribute("opacity", (0.2 + (0.6 * (part + 1)) / parts).toFixed(2));
    }
  }

  /** The neighbours of what is picked, as soon as the cards are there. */
  async follow() {
    const { map } = this, id = map.view.get("picked");
    this.near = [];
    if (!map.large || id === null || !map.view.get("lines")) return;
    const cards = await map.cards().catch(() => null);
    if (!cards || map.view.get("picked") !== id) return;
    this.near = cards.neighbours[map.data.row(id)] ?? [];
    this.draw();
  }
}
