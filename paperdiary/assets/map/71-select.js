/* Lasso and box; lists of entries that leave the map as Markdown, CSV or BibTeX. The files are made here, so it works from disk. */

const CSV_COLUMNS = ["title", "authors", "year", "published", "read", "kind", "status", "topic", "cluster", "tags", "description", "link", "note"];

/** A cell as every spreadsheet reads it: quoted, and never taken for a formula. */
function csvCell(value) {
  const text = String(value ?? "").replace(/\0/g, "");
  const guarded = /^\s*[=+\-@\uff1d\uff0b\uff0d\uff20\t\r\n]/.test(text) ? `'${text}` : text;
  return `"${guarded.replace(/"/g, '""')}"`;
}

/** Text that Markdown shows as it is. */
const plainMarkdown = (text) => text.replace(/\s+/g, " ").trim().replace(/[\\`*_[\]<>|~$]|&(?=#?\w+;)/g, "\\$&");

/** The address of the note for a reader elsewhere; none for a page from disk. */
function noteAddress(map, row) {
  const url = new URL(map.link(row), document.baseURI);
  return /^https?:$/.test(url.protocol) ? url.href : "";
}

const firstLink = (cards, row) => (cards.links[row] ?? []).map(([, url]) => url).find((url) => /^https?:/i.test(url)) ?? "";

/** Rows as a list in Markdown: title with its source (or its note), authors, year, description. */
function asMarkdown(map, cards, rows) {
  return rows.map((row) => {
    const url = (firstLink(cards, row) || noteAddress(map, row)).replace(/[()<>\s\\]/g, (c) => `%${c.charCodeAt(0).toString(16).padStart(2, "0")}`);
    const title = plainMarkdown(ui.title(map, row)), head = url ? `[${title}](${url})` : `**${title}**`;
    const by = [cards.authors[row], map.data.years[row]].filter(Boolean).map((part) => plainMarkdown(String(part))).join(", ");
    const about = plainMarkdown(cards.descriptions[row] ?? "");
    return `- ${head}${by ? `, ${by}` : ""}${about ? `. ${about}` : ""}`;
  }).join("\n") + "\n";
}

/** Rows as CSV (RFC 4180, with the mark that tells spreadsheets it is UTF-8). */
function asCsv(map, cards, rows) {
  const { data } = map;
  const lines = rows.map((row) => [
    ui.title(map, row), cards.authors[row], data.years[row], data.published[row], data.dates[row], ui.kind(map, row), ui.status(map, row),
    ui.topic(map, row)?.name, ui.cluster(map, row)?.name, (cards.tags[row] ?? []).join(", "), cards.descriptions[row], firstLink(cards, row),
    noteAddress(map, row),
  ]);
  return "\ufeff" + [CSV_COLUMNS, ...lines].map((line) => line.map(csvCell).join(",") + "\r\n").join("");
}

const asBibtex = (map, cards, rows) => rows.map((row) => (cards.bibtex[row] ?? "").trim()).filter(Boolean).join("\n\n") + "\n";

function saveFile(name, type, text) {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = ui.make("a", "", { href: url, download: name, hidden: true });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), 60000);
}

/** Buttons that copy or save the rows which `rowsNow` gives. */
function exportTools(map, rowsNow) {
  const status = ui.make("span", "pd-exports__status", {});
  const tell = (text) => {
    status.textContent = text;
    map.say(text);
  };
  const act = (make) => async (event) => {
    const button = event.target, rows = rowsNow();
    let cards;
    try {
      cards = await map.cards();
    } catch (error) {
      return tell(`What is needed for this could not be loaded (${error.message}).`);
    }
    return make(cards, rows, button);
  };
  const name = (rows, end) => `paper-diary-${rows.length}-${rows.length === 1 ? "entry" : "entries"}.${end}`;
  return ui.make("div", "pd-exports", { role: "group", "aria-label": "Copy or save this list" },
    ui.button("Copy as Markdown", act(async (cards, rows, button) => {
      const text = asMarkdown(map, cards, rows), done = await copyText(text, button);
      tell(done ? `${ui.entries(rows.length)} copied.` : "The browser does not allow copying here; the list was saved as a file.");
      if (!done) saveFile(name(rows, "md"), "text/markdown;charset=utf-8", text);
    })),
    ui.button("CSV", act((cards, rows) => {
      saveFile(name(rows, "csv"), "text/csv;charset=utf-8", asCsv(map, cards, rows));
      tell(`${ui.entries(rows.length)} saved as CSV.`);
    })),
    ui.button("BibTeX", act((cards, rows) => {
      saveFile(name(rows, "bib"), "application/x-bibtex;charset=utf-8", asBibtex(map, cards, rows));
      tell(`${ui.entries(rows.length)} saved as BibTeX.`);
    })),
    status);
}

class Selection {
  constructor(map) {
    this.map = map;
    this.panel = ui.panel(map, "chosen", "Chosen entries", "Clear");
    this.panel.closed = () => this.clear();
    this.only = ui.make("input", "", { type: "checkbox" });
    this.only.addEventListener("change", () => map.view.set({ only: this.only.checked }));
    this.buttons = [["lasso", "Lasso", "Draw around entries to choose them"], ["box", "Box", "Draw a box to choose entries"]].map(([mode, label, title]) => {
      const button = ui.button(label, () => this.mode(this.current === mode ? "pan" : mode), "pd-choose");
      Object.assign(button, { title });
      button.dataset.mode = mode;
      button.setAttribute("aria-pressed", "false");
      return button;
    });
    this.group = ui.make("div", "pd-map__choice pd-choosers", { role: "group", "aria-label": "Choose entries by" }, ...this.buttons);
    if (map.options.tools !== false) map.tools.append(this.group);
    map.ready?.then(() => (this.group.hidden = map.failed));
    map.onSelect((rows) => this.taken(rows));
    map.view.on(["selected"], () => this.follow());
    map.view.on(["only"], () => (this.only.checked = Boolean(map.view.get("only"))));
    map.root.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || event.defaultPrevented || !this.current || this.current === "pan") return;
      event.preventDefault();
      this.mode("pan");
    });
    this.follow();
  }

  mode(mode) {
    this.current = mode;
    for (const button of this.buttons) button.setAttribute("aria-pressed", String(button.dataset.mode === mode));
    this.map.root.classList.toggle("pd-map--choosing", mode !== "pan");
    this.map.drag?.(mode);
    if (mode !== "pan") this.map.say(mode === "lasso" ? "Draw around entries. Escape ends it." : "Draw a box around entries. Escape ends it.");
  }

  taken(rows) {
    if (!rows?.length) return this.map.say("No entry lies there.");
    this.map.view.set({ selected: new Set(rows) });
    if (this.current === "lasso" || this.current === "box") this.mode("pan");
  }

  clear() {
    this.map.view.set({ selected: null, only: false });
  }

  follow() {
    const { map } = this, rows = [...(map.view.get("selected") ?? [])];
    if (!rows.length) {
      if (map.view.get("only")) map.view.set({ only: false });
      return this.panel.hide();
    }
    const newest = (row) => map.data.dates[row] ?? "";
    rows.sort((a, b) => (newest(a) < newest(b) ? 1 : newest(a) > newest(b) ? -1 : a - b));
    this.rows = rows;
    this.panel.heading.textContent = `${ui.entries(rows.length)} chosen`;
    this.only.checked = Boolean(map.view.get("only"));
    const bar = ui.make("div", "pd-panel__tools", {}, ui.make("label", "pd-check", {}, this.only, "Only these"));
    this.panel.show(exportTools(map, () => this.rows), bar, ...ui.list(map, rows));
    map.say(`${ui.entries(rows.length)} chosen.`);
  }
}

function attachSelect(map) {
  if (map.large) return new Selection(map);
}
