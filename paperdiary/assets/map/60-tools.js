/* What stands above the map: projection, colour, what is drawn besides; zoom buttons; a sentence on the map's worth. */

class Tools {
  constructor(map) {
    this.map = map;
    this.buttons = new Map();
  }

  build() {
    const { map } = this;
    if (map.options.tools !== false) {
      const own = ui.make("div", "pd-tools");
      own.append(this.projections(), this.colours());
      if (map.large) own.append(this.toggles());
      map.tools.prepend(own);
    }
    if (!map.large) this.onwards();
    map.plotElement.append(this.zooms());
    this.about = ui.make("p", "pd-map__about");
    if (map.large) map.plotElement.after(this.about);
    map.view.on("projection colour hulls order names doubt zoom", () => this.refresh());
    this.refresh();
  }

  toggle(key, label, title) {
    const { view } = this.map, button = ui.button(label, () => view.set({ [key]: !view.get(key) }));
    if (title) button.title = title;
    this.buttons.set(key, button);
    return button;
  }

  projections() {
    const { map } = this, box = ui.make("div", "pd-tools__choice", { role: "group", "aria-label": "Projection" });
    for (const name of map.data.names) {
      const { label, quality } = map.data.projections[name];
      const button = ui.button(label, () => map.view.set({ projection: name, zoom: null }));
      if (map.data.judged && Number.isFinite(quality)) button.title = this.worth(name);
      this.buttons.set(`projection ${name}`, button);
      box.append(button);
    }
    return box;
  }

  colours() {
    const { map } = this, select = ui.make("select", "pd-tools__select");
    for (const [name, label] of Object.entries(FIELDS)) {
      const used = map.palette.field(name).counts.filter(Boolean).length;
      if (used < 2 && name !== "cluster" && name !== map.view.get("colour")) continue; // all of one colour says nothing
      select.append(ui.make("option", "", { value: name }, label));
    }
    select.addEventListener("change", () => map.view.set({ colour: select.value }));
    this.select = select;
    return ui.make("label", "pd-tools__label", {}, "Colour", select);
  }

  toggles() {
    const { map } = this, { limit, rows } = map.data.doubtful(map.drawn);
    const box = ui.make("div", "pd-tools__toggles", { role: "group", "aria-label": "Show on the map" });
    box.append(
      this.toggle("names", "Names"),
      this.toggle("hulls", "Hulls", "An outline around each cluster"),
      this.toggle("order", "Reading order", "A line through the entries in the order they were read, stronger towards today"),
    );
    if (rows.length || limit) box.append(this.toggle("doubt", "Doubtful"));
    return box;
  }

  /** The large map opens as this one is. */
  onwards() {
    const { map } = this, link = map.root.querySelector(".pd-map__more a"), address = map.root.dataset.map;
    if (!link || !address) return;
    const follow = () => {
      const query = map.view.query(["projection", "colour"], new URLSearchParams());
      link.href = PaperDiary.href(address + (query ? `?${query}` : ""));
    };
    follow();
    map.view.on("projection colour", follow);
  }

  zooms() {
    const { map } = this, box = ui.make("div", "pd-map__zoom", { role: "group", "aria-label": "Zoom" });
    const add = (text, label, action) => {
      const button = ui.button(text, action);
      button.setAttribute("aria-label", label);
      button.title = label;
      box.append(button);
      return button;
    };
    add("+", "Zoom in", () => map.mover.zoomBy(1.7));
    add("−", "Zoom out", () => map.mover.zoomBy(1 / 1.7));
    this.whole = add("⤢", "Show the whole map", () => map.mover.fly(map.home(map.drawn)));
    return box;
  }

  /** How far a projection can be believed, in a sentence. */
  worth(name) {
    const { data } = this.map, { label, quality } = data.projections[name];
    return `Of each entry’s ${data.nearby} nearest by meaning, ${label} keeps ${Math.round(quality)} % nearest here.`;
  }

  refresh() {
    const { map } = this, { view, data } = map;
    for (const [key, button] of this.buttons) {
      const [what, name] = key.split(" ");
      button.setAttribute("aria-pressed", String(name ? view.get(what) === name : view.get(what)));
    }
    if (this.select) this.select.value = view.get("colour");
    if (this.whole) this.whole.disabled = view.get("zoom") === null;
    const name = view.get("projection"), { limit, rows } = data.doubtful(name), most = Math.floor((limit * data.nearby) / 100);
    const marked = data.size > RINGS_UNTIL ? "drawn faint" : "with a thin ring", one = rows.length === 1;
    const doubt = rows.length
      ? `${ui.entries(rows.length)} ${marked} ${one ? "keeps" : "keep"} ${most ? `at most ${most}` : "none"}: ${one ? "its place means" : "their places mean"} little.`
      : "";
    this.buttons.get("doubt")?.setAttribute("title", doubt || "No entry is misplaced on this map");
    const worth = data.judged && Number.isFinite(data.projections[name].quality) ? this.worth(name) : "";
    this.about.textContent = [worth, view.get("doubt") ? doubt : ""].filter(Boolean).join(" ");
  }

  /** Plotly did not come: what would not work goes, and a sentence says so. */
  fail() {
    const { map } = this;
    map.tools.querySelector(".pd-tools")?.remove();
    map.plotElement.querySelector(".pd-map__zoom")?.remove();
    this.about.className = "pd-map__note";
    this.about.textContent = "This is the map as a still picture: the script that moves it could not be loaded.";
    if (!this.about.isConnected) map.plotElement.after(this.about);
  }
}
