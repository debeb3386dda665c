/* The table: everything the map shows, sorted and filtered; its rows: 73-rows.js. */

const TABLE_COLUMNS = [
  ["title", "Title"], ["read", "Read"], ["kind", "Kind"], ["status", "Status"], ["topic", "Topic"], ["cluster", "Cluster"], ["year", "Year"],
];
const NEWEST_FIRST = new Set(["read", "year"]);

/** Text as the filter compares it: lower case, without accents. */
const plainText = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

class Table extends TableRows {
  constructor(map) {
    super(map);
    this.collator = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });
    this.sort = { column: "read", down: true };
    this.ranked = false; // sorted by the search's rank
    this.orders = new Map();
    this.active = 0;
    this.toggle = ui.button("Table", () => map.view.set({ table: !map.view.get("table") }), "pd-map__table");
    map.tools.append(this.toggle);
    this.element = ui.make("section", "pd-table", { hidden: true, "aria-label": "All entries of the map as a table" });
    (map.root.querySelector(".pd-time") ?? map.root.querySelector(".pd-map__plot")).after(this.element);
    map.view.on(["table"], () => this.follow(true));
    map.view.on(["query", "lit"], () => (this.ranked = Boolean(map.view.get("lit"))));
    map.view.on(["kinds", "statuses", "topics", "clusters", "from", "to", "by", "undated", "only", "lit"], () => this.fresh());
    map.view.on(["selected"], () => (map.view.get("only") ? this.fresh() : this.mark()));
    map.view.on(["picked"], () => this.mark());
    for (const [name, on] of [["beforeprint", true], ["afterprint", false]])
      window.addEventListener(name, () => {
        this.printing = on && this.element.isConnected;
        if (this.element.isConnected && this.body && !this.element.hidden) this.draw(true);
      });
    this.ranked = Boolean(map.view.get("lit"));
    this.follow(false);
    map.ready?.then(() => map.failed && map.view.set({ table: true }));
  }

  follow(byHand) {
    const { map } = this, open = Boolean(map.view.get("table"));
    this.toggle.setAttribute("aria-pressed", String(open));
    this.element.hidden = !open;
    map.root.classList.toggle("pd-map--table", open);
    if (!open) return;
    if (!this.body) this.build();
    this.fresh();
    if (byHand) this.element.scrollIntoView({ block: "nearest", behavior: ui.calm() ? "auto" : "smooth" });
  }

  build() {
    const { map } = this, { data } = map;
    this.search = ui.make("input", "pd-table__filter", { type: "search", placeholder: "Filter rows", "aria-label": "Filter rows by words", autocomplete: "off", spellcheck: false });
    this.search.addEventListener("input", () => this.fresh());
    this.search.addEventListener("keydown", (event) => {
      if (event.key === "ArrowDown") this.go(0, event);
      if (event.key !== "Escape" || !this.search.value) return;
      event.preventDefault();
      this.search.value = "";
      this.fresh();
    });
    this.choices = [
      this.choice("kinds", "Kind", data.kindNames.map((name, n) => [n, name]), data.kinds),
      this.choice("statuses", "Status", data.statusNames.map((name, n) => [n, name]), data.statuses),
      this.choice("topics", "Topic", data.topicNames.map(({ name }, n) => [n, name]), data.topics),
      this.choice("clusters", "Cluster", data.clusterNames.map(({ name }, n) => [n, name]), data.clusters),
    ].filter(Boolean);
    this.best = ui.make("option", "", { value: "rank" }, "Best first");
    this.chosenOrder = ui.make("select", "", {}, this.best, ...TABLE_COLUMNS.map(([value, label]) => ui.make("option", "", { value }, label)));
    this.chosenOrder.addEventListener("change", () => this.sortBy(this.chosenOrder.value));
    const order = ui.make("label", "pd-table__choice pd-table__order", {}, "Sort by ", this.chosenOrder);
    this.words = ui.make("p", "pd-table__words", { role: "status" });
    this.every = ui.make("input", "", { type: "checkbox", "aria-label": "Choose all rows shown" });
    this.every.addEventListener("change", () => {
      const chosen = new Set(map.view.get("selected") ?? []);
      for (const row of this.rows) if (this.every.checked) chosen.add(row);
        else chosen.delete(row);
      this.choose(chosen);
    });
    this.heads = TABLE_COLUMNS.map(([column, label]) => {
      const button = ui.make("button", "pd-table__sort", { type: "button" }, label);
      button.addEventListener("click", () => this.sortBy(column));
      return ui.make("th", `pd-table__${column}`, { scope: "col" }, button);
    });
    this.body = ui.make("tbody");
    this.table = ui.make("table", "pd-table__table", { "aria-label": "Entries" },
      ui.make("thead", "", {}, ui.make("tr", "", { "aria-rowindex": "1" }, ui.make("th", "pd-table__tick", { scope: "col" }, this.every), ...this.heads)), this.body);
    this.scroller = ui.make("div", "pd-table__rows", { tabIndex: -1 }, this.table);
    this.scroller.addEventListener("scroll", () => this.soon());
    new ResizeObserver(() => this.soon()).observe(this.scroller);
    this.body.addEventListener("keydown", (event) => this.key(event));
    this.body.addEventListener("focusin", (event) => this.focused(event));
    this.body.addEventListener("change", (event) => this.ticked(event));
    this.body.addEventListener("mouseover", (event) => ui.ring(map, this.rowOf(event.target)));
    this.body.addEventListener("mouseleave", () => ui.ring(map, -1));
    this.table.addEventListener("click", (event) => this.clicked(event));
    this.element.append(ui.make("div", "pd-table__bar", {}, this.search, ...this.choices.map(({ label }) => label), order, this.words), this.scroller);
    this.pieces = map.data.titles.map((title, row) =>
      plainText([title, ui.kind(map, row), ui.status(map, row), ui.topic(map, row)?.name ?? "", ui.cluster(map, row)?.name ?? "", data.years[row] ?? ""].join(" ")));
    map.cards().then((cards) => {
      this.pieces = this.pieces.map((text, row) =>
        `${text} ${plainText([cards.authors[row] ?? "", cards.descriptions[row] ?? "", (cards.tags[row] ?? []).join(" ")].join(" "))}`);
      if (this.search.value) this.fresh();
    }, () => {});
  }

  /** A select for one filter of the view; none where there is nothing to choose. */
  choice(key, name, values, codes) {
    const { map } = this, present = new Set(codes), shown = values.filter(([n]) => present.has(n));
    if (shown.length < 2) return null;
    const select = ui.make("select", "", {}, ui.make("option", "", { value: "" }, "all"),
      ...shown.map(([n, text]) => ui.make("option", "", { value: String(n), dir: "auto" }, text)));
    select.dataset.filter = key;
    const several = ui.make("option", "", { value: "several", hidden: true }, "several");
    select.append(several);
    select.addEventListener("change", () => map.view.set({ [key]: select.value === "" ? null : new Set([Number(select.value)]) }));
    const follow = () => {
      const set = map.view.get(key);
      select.value = !set ? "" : set.size === 1 ? String([...set][0]) : "several";
      if (set?.size === 1 && select.selectedIndex < 0) select.value = "several";
    };
    map.view.on([key], follow);
    follow();
    return { label: ui.make("label", "pd-table__choice", {}, `${name} `, select) };
  }

  sortBy(column) {
    if (column === "rank") {
      this.ranked = true;
      return this.fresh();
    }
    const same = this.sort.column === column && !this.ranked;
    this.sort = { column, down: same ? !this.sort.down : NEWEST_FIRST.has(column) };
    this.ranked = false;
    this.fresh();
  }

  /** What a row is sorted by; the empty comes last either way. */
  value(row, column) {
    const { map } = this, { data } = map;
    if (column === "title") return ui.title(map, row);
    if (column === "read") return data.dates[row] ?? "";
    if (column === "year") return data.years[row] === null || data.years[row] === undefined ? "" : String(data.years[row]).padStart(6, "0");
    if (column === "topic" || column === "cluster") return ui[column](map, row)?.name ?? "";
    return ui[column](map, row);
  }

  /** All rows sorted by a column; sorted once for each. */
  order({ column, down }) {
    if (!this.orders.has(column)) {
      const rows = [...this.map.data.ids.keys()], values = rows.map((row) => this.value(row, column));
      const compare = NEWEST_FIRST.has(column) ? (a, b) => (a < b ? -1 : a > b ? 1 : 0) : this.collator.compare;
      const filled = rows.filter((row) => values[row]).sort((a, b) => compare(values[a], values[b]) || a - b);
      this.orders.set(column, [filled, rows.filter((row) => !values[row])]);
    }
    const [filled, empty] = this.orders.get(column);
    return [...(down ? [...filled].reverse() : filled), ...empty];
  }

  /** Rows that pass the map's filters and the words; sorted. */
  fresh() {
    if (this.element.hidden || !this.body) return;
    const { map } = this, mask = map.visible(), lit = map.view.get("lit"), words = plainText(this.search.value).split(/\s+/).filter(Boolean);
    if (!lit) this.ranked = false;
    const all = this.ranked ? lit : this.order(this.sort), hits = lit && !this.ranked ? new Set(lit) : null, rows = [];
    for (const row of all)
      if (mask[row] && (!hits || hits.has(row)) && words.every((word) => this.pieces[row].includes(word))) rows.push(row);
    this.rows = rows;
    for (const [n, [column]] of TABLE_COLUMNS.entries())
      if (!this.ranked && this.sort.column === column) this.heads[n].setAttribute("aria-sort", this.sort.down ? "descending" : "ascending");
      else this.heads[n].removeAttribute("aria-sort");
    this.best.hidden = this.best.disabled = !lit;
    this.chosenOrder.value = this.ranked ? "rank" : this.sort.column;
    const total = map.data.ids.length, query = map.view.get("query");
    this.words.textContent = lit
      ? `${ui.entries(rows.length)} found for “${[...query].slice(0, 60).join("")}”${this.ranked ? ", best first" : ""}.`
      : rows.length === total ? `${ui.entries(total)}.` : `${rows.length.toLocaleString("en-GB")} of ${ui.entries(total)}.`;
    this.table.setAttribute("aria-rowcount", String(rows.length + 1));
    this.table.classList.toggle("pd-table--none", !rows.length);
    this.active = Math.min(this.active, Math.max(0, rows.length - 1));
    this.scroller.scrollTop = 0;
    this.draw(true);
  }

  choose(chosen) {
    this.map.view.set({ selected: chosen.size ? chosen : null });
  }

  ticked(event) {
    const row = this.rowOf(event.target), chosen = new Set(this.map.view.get("selected") ?? []);
    if (event.target.checked) chosen.add(row);
    else chosen.delete(row);
    this.choose(chosen);
  }

  /** The title opens the note like any link; a click elsewhere in the row shows the card. */
  clicked(event) {
    if (event.target.closest("a, input, label")) return;
    const tick = event.target.closest(".pd-table__tick")?.querySelector("input"); // the whole cell is its target
    if (tick) return tick.click();
    const row = this.rowOf(event.target);
    if (row < 0 || getSelection()?.toString()) return;
    ui.pick(this.map, row);
    ui.reveal(this.map, row);
  }

  focused(event) {
    const row = this.rowOf(event.target);
    if (row < 0) return;
    this.active = Number(event.target.closest("tr").dataset.at);
    ui.ring(this.map, row);
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const page = Math.max(1, Math.floor(this.scroller.clientHeight / this.height()) - 2);
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -this.rows.length, End: this.rows.length }[event.key];
    if (step) return this.go(this.active + step, event);
    if (event.key === " " && event.target.tagName === "A" && event.target.closest("th")) {
      const row = this.rowOf(event.target);
      event.preventDefault();
      ui.pick(this.map, row);
      ui.reveal(this.map, row);
    }
  }

  /** The focus goes to a row; above the first it goes to the filter. */
  go(at, event) {
    event.preventDefault();
    if (at < 0 && event.key === "ArrowUp") return this.search.focus();
    if (!this.rows.length) return;
    this.active = Math.max(0, Math.min(this.rows.length - 1, at));
    const height = this.height(), top = this.active * height, room = this.scroller.clientHeight - this.table.tHead.offsetHeight;
    if (top < this.scroller.scrollTop) this.scroller.scrollTop = top;
    else if (top + height > this.scroller.scrollTop + room) this.scroller.scrollTop = top + height - room;
    this.draw(false);
    this.body.querySelector(`tr[data-at="${this.active}"] .pd-table__title a`)?.focus({ preventScroll: true });
  }
}

function attachTable(map) {
  if (map.large && map.options.tools !== false) return new Table(map);
}
