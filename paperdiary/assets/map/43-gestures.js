/* Mouse, pen and fingers on the map: drag, wheel, pinch, double click, box and lasso. */

class Gestures {
  constructor(map) {
    Object.assign(this, { map, mode: "pan", pointers: new Map(), trail: null });
    const on = (name, fn, options) => map.plotElement.addEventListener(name, fn, options);
    for (const sign of ["pointerenter", "pointerdown", "wheel"])
      on(sign, () => {
        map.busy = performance.now();
        map.mover.wake();
      }, { passive: true });
    on("pointerdown", (event) => this.down(event));
    on("pointermove", (event) => this.move(event));
    on("pointerup", (event) => this.up(event));
    on("pointercancel", (event) => this.up(event, true));
    on("wheel", (event) => this.wheel(event), { passive: false });
    on("dblclick", (event) => this.twice(event));
    on("click", (event) => this.click(event));
    on("pointerleave", () => map.hover.show(-1));
    on("dragstart", (event) => event.preventDefault());
    map.plotElement.dataset.mode = "pan";
    map.drag = (mode) => {
      this.mode = ["pan", "lasso", "box"].includes(mode) ? mode : "pan";
      map.plotElement.dataset.mode = this.mode;
    };
  }

  /** Not on the buttons that lie over the map. */
  mine(event) {
    return this.map.plotted && !event.target.closest?.("button, a, input, select, .pd-map__cover");
  }

  spot(event) {
    const { plotElement } = this.map, box = plotElement.getBoundingClientRect();
    return { x: event.clientX - box.left - plotElement.clientLeft, y: event.clientY - box.top - plotElement.clientTop };
  }

  down(event) {
    const { map } = this;
    this.dragged = false;
    if (!this.mine(event) || (event.pointerType === "mouse" && event.button !== 0)) return;
    this.pointers.set(event.pointerId, this.spot(event));
    if (this.pointers.size > 1) this.begin(event.pointerId); // a pinch
    else {
      this.start = this.spot(event);
      this.shape = this.mode !== "pan" ? this.mode : event.shiftKey && map.large ? "box" : null;
      this.still = true;
    }
  }

  /** From now on it is a movement, not a click. */
  begin(id) {
    const { map } = this;
    this.still = false;
    this.dragged = true;
    map.mover.held = true;
    map.hover.show(-1);
    try { map.plotElement.setPointerCapture(id); } catch { /* the finger is gone already */ }
    map.plotElement.classList.add("pd-map__plot--moves");
  }

  move(event) {
    const { map } = this, before = this.pointers.get(event.pointerId);
    if (!before) {
      if (event.pointerType !== "touch" && !event.buttons) this.point(event);
      return;
    }
    const now = this.spot(event);
    if (this.still) {
      if (Math.hypot(now.x - this.start.x, now.y - this.start.y) < (event.pointerType === "touch" ? 8 : 4)) return;
      this.begin(event.pointerId);
    }
    const others = [...this.pointers].filter(([id]) => id !== event.pointerId).map(([, place]) => place);
    this.pointers.set(event.pointerId, now);
    if (others.length) this.pinch(before, now, others[0]);
    else if (this.shape) this.draw(now);
    else {
      map.lens = map.mover.bound(map.lens.moved(now.x - before.x, now.y - before.y));
      map.mover.soon();
    }
  }

  pinch(before, now, other) {
    const { map } = this, far = (a, b) => Math.max(Math.hypot(a.x - b.x, a.y - b.y), 8);
    const middle = (a, b) => ({ x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 }), from = middle(before, other), to = middle(now, other);
    map.lens = map.lens.moved(to.x - from.x, to.y - from.y);
    map.mover.zoomBy(far(now, other) / far(before, other), to.x, to.y, false);
  }

  up(event, cancelled = false) {
    const { map } = this;
    if (!this.pointers.delete(event.pointerId) || this.pointers.size) return;
    map.mover.held = false;
    map.plotElement.classList.remove("pd-map__plot--moves");
    if (this.trail) this.close(cancelled);
    this.shape = null;
  }

  wheel(event) {
    const { map } = this;
    if (!this.mine(event)) return;
    // on a page that scrolls, the wheel is the page's, unless somebody means the map
    const alone = map.large && (window.top === window || map.root.matches(":focus-within"));
    if (!alone && !event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    const lines = { 0: 1, 1: 20, 2: 300 }[event.deltaMode] ?? 1, { x, y } = this.spot(event);
    const turn = Math.min(Math.max(event.deltaY * lines, -240), 240);
    map.hover.show(-1);
    map.mover.zoomBy(Math.exp(-turn * (event.ctrlKey ? 0.01 : 0.0022)), x, y, false);
  }

  twice(event) {
    const { map } = this, { x, y } = this.spot(event);
    if (!this.mine(event) || this.mode !== "pan" || map.rowAt(event.clientX, event.clientY) >= 0) return;
    event.preventDefault();
    map.mover.zoomBy(event.shiftKey || event.altKey ? 0.5 : 2, x, y);
  }

  click(event) {
    const { map } = this;
    if (this.dragged || !this.mine(event) || event.button !== 0 || event.pointerType === "touch") return;
    const row = map.rowAt(event.clientX, event.clientY);
    if (row >= 0) map.tell("point", row, event);
    else map.tell("empty", event);
  }

  point(event) {
    const { map } = this;
    this.over = event;
    this.asked ??= requestAnimationFrame(() => {
      this.asked = null;
      if (map.mover.animation || this.pointers.size || !this.mine(this.over)) return map.hover.show(-1);
      map.hover.show(map.rowAt(this.over.clientX, this.over.clientY));
    });
  }

  /* -- box and lasso */

  draw(now) {
    const { map } = this;
    if (!this.trail) {
      this.trail = [this.start];
      map.mover.labels.layout(); // its layer is where the window is
      this.line = map.mover.labels.element.appendChild(svgElement("path", { class: "pd-map__lasso" }));
    }
    if (this.shape === "box") {
      const { x, y } = this.start;
      this.trail = [{ x, y }, { x: now.x, y }, now, { x, y: now.y }];
    } else this.trail.push(now);
    this.line.setAttribute("d", `M${this.trail.map((p) => `${p.x.toFixed(1)},${p.y.toFixed(1)}`).join("L")}Z`);
  }

  close(cancelled) {
    const { map, trail } = this;
    this.line.remove();
    this.trail = null;
    if (cancelled) return;
    const { x, y } = map.screen, mask = map.visible(), rows = [];
    for (let row = 0; row < map.data.size; row++) if (mask[row] && this.inside(trail, x[row], y[row])) rows.push(row);
    map.tell("select", rows.length ? rows : null);
  }

  /** Even-odd rule. */
  inside(ring, x, y) {
    let odd = false;
    for (let n = 0, before = ring.length - 1; n < ring.length; before = n++) {
      const a = ring[n], b = ring[before];
      if (a.y > y !== b.y > y && x < ((b.x - a.x) * (y - a.y)) / (b.y - a.y) + a.x) odd = !odd;
    }
    return odd;
  }
}

/** A calm card beside the point under the pointer; never cut off by the frame. */
class Hover {
  constructor(map) {
    this.map = map;
    this.row = -1;
    this.element = ui.make("div", "pd-hover", { "aria-hidden": "true", hidden: true });
    map.plotElement.append(this.element);
  }

  show(row) {
    const { map, element } = this;
    map.plotElement.classList.toggle("pd-map__plot--over", row >= 0);
    if (row < 0 || (map.data.ids[row] === map.view.get("picked"))) {
      element.hidden = true;
      this.row = -1;
      return;
    }
    if (row !== this.row) {
      this.row = row;
      element.replaceChildren(ui.make("p", "pd-hover__title", { dir: "auto" }, ui.title(map, row)), ui.facts(map, row));
      element.hidden = false;
      const { width, height } = element.getBoundingClientRect();
      Object.assign(this, { width, height });
    }
    const { x, y } = map.at(row), gap = map.markSize / 2 + 9;
    const right = x + gap + this.width <= map.width - 4, left = x - gap - this.width >= 4;
    const across = right ? x + gap : left ? x - gap - this.width : Math.min(Math.max(x - this.width / 2, 4), map.width - this.width - 4);
    const beside = right || left, above = y - gap - this.height;
    const down = beside ? y - this.height / 2 : above >= 4 ? above : y + gap;
    element.style.transform = `translate(${Math.round(across)}px,${Math.round(Math.min(Math.max(down, 4), Math.max(map.height - this.height - 4, 4)))}px)`;
  }
}
