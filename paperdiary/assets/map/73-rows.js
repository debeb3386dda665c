/* The table's rows. Only those in sight are in the page, between two spacers, so ten thousand stay smooth. */

const BEYOND = 8; // rows kept ready above and below those in sight
const PRINTED = 2000; // rows on paper, at most

class TableRows {
  constructor(map) {
    this.map = map;
    this.rows = []; // of the data, in the table's order
  }

  soon() {
    this.frame ??= requestAnimationFrame(() => {
      this.frame = null;
      this.draw(false);
    });
  }

  height() {
    return parseFloat(getComputedStyle(this.table).getPropertyValue("--pd-row")) || 40;
  }

  /** The rows in sight, between two spacers as high as the rest. */
  draw(anew) {
    const { scroller, rows } = this, height = this.height(), head = this.table.tHead.offsetHeight;
    const first = this.printing ? 0 : Math.max(0, Math.floor((scroller.scrollTop - head) / height) - BEYOND);
    const last = Math.min(rows.length, this.printing ? PRINTED : Math.ceil((scroller.scrollTop + scroller.clientHeight) / height) + BEYOND);
    if (!anew && this.span?.[0] === first && this.span[1] === last && this.span[2] === height) return;
    const held = this.body.contains(document.activeElement) ? document.activeElement.closest("tr") : null;
    const old = new Map(anew ? [] : [...this.body.querySelectorAll("tr[data-at]")].map((tr) => [Number(tr.dataset.at), tr]));
    this.span = [first, last, height];
    const spacer = (count) => {
      const tr = ui.make("tr", "pd-table__space", { "aria-hidden": "true" }, ui.make("td"));
      tr.style.height = `${count * height}px`;
      return tr;
    };
    const shown = [];
    for (let at = first; at < last; at++) shown.push(old.get(at) ?? this.row(at));
    const wanted = [...(first ? [spacer(first)] : []), ...shown, ...(last < rows.length ? [spacer(rows.length - last)] : [])];
    /* rows that stay are not touched, so that the focus stays too */
    const stay = new Set(wanted);
    for (const tr of [...this.body.children]) if (!stay.has(tr)) tr.remove();
    wanted.forEach((tr, n) => this.body.children[n] !== tr && this.body.insertBefore(tr, this.body.children[n] ?? null));
    if (held && !held.isConnected && !anew) this.scroller.focus({ preventScroll: true });
    this.mark();
  }

  row(at) {
    const { map } = this, { data } = map, row = this.rows[at], topic = ui.topic(map, row), cluster = ui.cluster(map, row);
    const title = ui.title(map, row), cell = (column, ...children) => ui.make("td", `pd-table__${column}`, {}, ...children);
    const link = ui.make("a", "", { href: map.link(row), dir: "auto", title: title.length > 60 ? title : "" }, title);
    if (!link.title) link.removeAttribute("title");
    const date = data.dates[row], status = ui.status(map, row);
    const tr = ui.make("tr", "", { "aria-rowindex": String(at + 2) },
      cell("tick", ui.make("input", "", { type: "checkbox", "aria-label": `Choose ${[...title].slice(0, 80).join("")}` })),
      ui.make("th", "pd-table__title", { scope: "row" }, link, ui.facts(map, row)),
      cell("read", date ? ui.make("time", "", { dateTime: date }, date) : ""), cell("kind", ui.kind(map, row)), cell("status", status),
      cell("topic", topic ? ui.make("a", "", { href: ui.page(map, topic.page), dir: "auto" }, topic.name) : ""),
      cell("cluster", ...(cluster ? [ui.dot(cluster), ui.make("a", "", { href: ui.page(map, cluster.page), dir: "auto" }, cluster.name)] : [])),
      cell("year", data.years[row] === null || data.years[row] === undefined ? "" : String(data.years[row])));
    tr.dataset.at = String(at);
    tr.dataset.row = String(row);
    return tr;
  }

  rowOf(target) {
    const tr = target.closest?.("tr[data-row]");
    return tr ? Number(tr.dataset.row) : -1;
  }

  /** Ticks and the picked row as the view has them. */
  mark() {
    if (this.element.hidden || !this.body) return;
    const chosen = this.map.view.get("selected"), picked = ui.rowOf(this.map, this.map.view.get("picked"));
    for (const tr of this.body.querySelectorAll("tr[data-row]")) {
      const row = Number(tr.dataset.row);
      tr.querySelector("input").checked = Boolean(chosen?.has(row));
      tr.classList.toggle("pd-table--picked", row === picked);
    }
    let count = 0;
    if (chosen) for (const row of this.rows) if (chosen.has(row)) count += 1;
    this.every.checked = count > 0 && count === this.rows.length;
    this.every.indeterminate = count > 0 && count < this.rows.length;
  }
}
