/* Everything that moves: take-over, passages between projections, zooming; then a rest, when Plotly draws again. */

const PASSAGE = 700, FLIGHT = 320, REST = 220, LONG_REST = 600; //: ms
const DEAR = 5; //: ms that a drawing may take to be made anew for every frame
const eased = (t) => (t < 0.5 ? 4 * t ** 3 : 1 - (2 - 2 * t) ** 3 / 2);

class Mover {
  constructor(map) {
    this.map = map;
    this.under = new Under(map);
    this.stage = ui.make("div", "pd-map__stage");
    map.points = ui.make("div", "pd-map__points");
    this.canvas = ui.make("canvas", "pd-map__canvas", { "aria-hidden": "true" });
    this.raster = new Raster(this.canvas);
    this.labels = new Labels(map);
    this.stage.append(this.under.svg, map.points, this.canvas, this.labels.element);
    this.canvas.style.visibility = "hidden";
    this.stage.style.visibility = "hidden";
    map.plotElement.append(this.stage);
  }

  /** Somebody wants to do something before Plotly is there: the points are drawn by hand until then. */
  wake() {
    const { map } = this;
    if (map.plotted || map.failed || !map.width) return;
    map.drawsAlone = true;
    this.raster.fit(map.width, map.height);
    this.raster.draw(map.layers());
    this.canvas.style.visibility = "";
    map.points.style.visibility = "hidden";
    this.change();
  }

  /** Plotly draws what is there, unseen; then they change places. */
  async takeOver() {
    const { map } = this;
    if (!map.Plotly) return this.wake();
    if (!map.plotted) {
      this.raster.fit(map.width, map.height);
      await map.rest();
    }
    if (!map.plotted) return this.change();
    map.drawsAlone = false; // it has been awake for a while
    await this.settle(true);
  }

  /** The still map goes, the stage comes. */
  change() {
    const { map } = this, had = map.svg?.contains(document.activeElement);
    this.under.draw();
    this.labels.takeOver(map.svg);
    this.stage.style.visibility = "";
    map.svg?.remove();
    map.plotted = true;
    map.root.classList.add("pd-map--awake");
    if (had) map.plotElement.focus({ preventScroll: true });
    const wanted = map.view.get("projection");
    if (wanted !== map.drawn) this.passage(wanted);
    else if (map.view.get("zoom")) this.fly(this.target());
    this.under.follow();
  }

  /** Draw what is now, at once; Plotly follows when nothing has moved for a moment. */
  frame(from = null) {
    const { map } = this;
    if (!map.plotted) return;
    if (from || !this.pushed()) {
      const layers = map.layers();
      this.raster.draw(layers);
      this.picture = from ? null : { lens: map.lens, looks: map.looks, drawn: map.drawn };
    }
    if (!this.moving) {
      this.moving = true;
      this.canvas.style.visibility = "";
      map.points.style.visibility = "hidden";
    }
    this.under.draw({ from, moving: true });
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.settle(), REST);
  }

  /** Where drawing is dear, the last picture moves instead, until it is too far off; true when that was enough. */
  pushed() {
    const { map, raster, picture } = this, { lens } = map;
    if (!picture || !this.moving || raster.cost < DEAR || picture.looks !== map.looks || picture.drawn !== map.drawn) return false;
    if (picture.lens.width !== lens.width || picture.lens.height !== lens.height) return false;
    const scale = lens.k / picture.lens.k, [x, y] = picture.lens.plane(-PAD, -PAD), left = lens.x(x) + PAD, top = lens.y(y) + PAD;
    const same = Math.abs(scale - 1) < 1e-6, old = performance.now() - raster.drawnAt > 3 * raster.cost;
    if (same ? Math.max(Math.abs(left), Math.abs(top)) > 0.9 * PAD : old || scale > 1.5 || scale < 0.75) return false;
    raster.push(left, top, scale);
    return true;
  }

  /** Frames are drawn with the screen's, however many changes come between. */
  soon() {
    this.asked ??= requestAnimationFrame(() => {
      this.asked = null;
      this.map.place();
      this.frame();
      this.labels.follow();
    });
  }

  async settle(now = this.map.data.size <= GL_FROM) {
    const { map } = this;
    clearTimeout(this.timer);
    if (this.held || this.animation || this.asked) {
      this.timer = setTimeout(() => this.settle(), REST);
      return;
    }
    this.tellZoom();
    this.labels.layout();
    this.under.draw();
    if (!now && this.moving) { // WebGL takes a while with many points: not in every short pause
      if (this.raster.canvas.style.transform) this.raster.draw(map.layers());
      this.timer = setTimeout(() => this.settle(true), LONG_REST);
      return;
    }
    const turn = (this.turn = {});
    this.moving = false;
    await map.rest();
    if (this.turn !== turn || this.moving) return; // moved again meanwhile
    if (map.drawsAlone) this.raster.draw(map.layers());
    else {
      map.points.style.visibility = "";
      this.canvas.style.visibility = "hidden";
    }
    map.root.dispatchEvent(new CustomEvent("pd-rest"));
  }

  /** The URL says what is seen. */
  tellZoom() {
    const { map } = this;
    this.told = map.lens.near(map.home(map.drawn)) ? null : map.lens.range;
    map.view.set({ zoom: this.told });
  }

  /** Where the view wants to be. */
  target(projection = this.map.view.get("projection")) {
    const { map } = this, zoom = map.view.get("zoom");
    return zoom ? this.bound(Lens.around(zoom, map.width, map.height)) : map.home(projection);
  }

  /** Run `step(t)` with t from 0 to 1 over `ms`; at once for those who want calm. */
  animate(ms, step, after = () => {}) {
    cancelAnimationFrame(this.animation);
    this.animation = null;
    if (calmly() || ms === 0 || document.hidden) {
      step(1);
      after();
      return;
    }
    const began = performance.now();
    const next = (now) => {
      const t = Math.min(Math.max((now - began) / ms, 0), 1);
      this.animation = t < 1 ? requestAnimationFrame(next) : null;
      step(t);
      if (t === 1) after();
    };
    this.animation = requestAnimationFrame(next);
  }

  /** Points travel from this projection to another; hulls, names and lines go with them. */
  passage(projection) {
    const { map } = this, from = map.drawn, { x, y } = map.screen;
    const startX = x.slice(), startY = y.slice();
    map.drawn = projection;
    map.lens = this.target(projection);
    map.looks = null; // other points are doubtful there
    this.told = map.view.get("zoom");
    const end = map.place(map.lens, projection, { x: new Float32Array(x.length), y: new Float32Array(y.length) });
    const travel = !calmly();
    this.labels.layout({ travel, screen: end });
    this.animate(PASSAGE, (t) => {
      const way = eased(t);
      for (let row = 0; row < x.length; row++) {
        x[row] = startX[row] + (end.x[row] - startX[row]) * way;
        y[row] = startY[row] + (end.y[row] - startY[row]) * way;
      }
      this.frame(t < 1 ? from : null);
    });
  }

  /** The lens glides to another place. */
  fly(lens, ms = FLIGHT) {
    const { map } = this, from = map.lens;
    if (lens.near(from)) return;
    this.animate(ms, (t) => {
      const way = eased(t), k = from.k * (lens.k / from.k) ** way;
      // the middle moves in step with the enlargement, so that a place under the pointer stays there
      const part = Math.abs(lens.k / from.k - 1) < 1e-6 ? way : (1 / from.k - 1 / k) / (1 / from.k - 1 / lens.k);
      map.lens = t === 1 ? lens : new Lens(from.cx + (lens.cx - from.cx) * part, from.cy + (lens.cy - from.cy) * part, k, map.width, map.height);
      map.place();
      this.frame();
      this.labels.follow();
    });
  }

  /** The lens as close to what is asked as makes sense: the plane does not get lost. */
  bound(lens) {
    const { map } = this, home = map.home(map.drawn), [[x0, x1], [y0, y1]] = home.range;
    const k = Math.min(Math.max(lens.k, home.k * 0.5), home.k * 400);
    const inside = (v, a, b) => Math.min(Math.max(v, a), b);
    return new Lens(inside(lens.cx, x0, x1), inside(lens.cy, y0, y1), k, map.width, map.height);
  }

  zoomBy(factor, left = this.map.width / 2, top = this.map.height / 2, smooth = true) {
    const { map } = this, home = map.home(map.drawn);
    const allowed = Math.min(Math.max(map.lens.k * factor, home.k * 0.5), home.k * 400) / map.lens.k;
    const lens = this.bound(map.lens.scaled(allowed, left, top));
    if (smooth) this.fly(lens);
    else {
      map.lens = lens;
      this.soon();
    }
  }
}
