/* The search on the map: hits light up, and lie in the panel by rank. Words and meaning where the site is served, words alone from disk. */

const FIRST_HITS = 20, MOST_HITS = 1000;
const searchClients = new Map(); // one for each index, however often instant navigation comes back to the map
const TYPING_PAUSE = 250; // milliseconds

/**
 * Rows whose title (first), tags, authors or description hold all words.
 * @param {{titles: string[]}} data
 * @param {?object} cards
 */
function findWords(data, cards, text) {
  const words = plainText(text).split(/[^\p{L}\p{N}]+/u).filter(Boolean), hits = [];
  if (!words.length) return [];
  data.titles.forEach((title, row) => {
    const head = plainText(title);
    const rest = cards ? plainText(`${(cards.tags[row] ?? []).join(" ")} ${cards.authors[row] ?? ""} ${cards.descriptions[row] ?? ""}`) : "";
    let score = 0;
    for (const word of words) {
      const worth = (hay, weight) => (hay.includes(word) ? weight * (new RegExp(`(^|[^\\p{L}\\p{N}])${word}`, "u").test(hay) ? 2 : 1) : 0);
      const found = worth(head, 3) + worth(rest, 1);
      if (!found) return;
      score += found;
    }
    hits.push([score, row]);
  });
  return hits.sort((a, b) => b[0] - a[0] || a[1] - b[1]).map(([, row]) => row);
}

class Find {
  constructor(map) {
    this.map = map;
    this.count = Math.min(Math.max(Number(new URLSearchParams(location.search).get("n")) || FIRST_HITS, 1), MOST_HITS);
    this.panel = ui.panel(map, "found", "Found", "Clear");
    this.panel.closed = () => this.clear();
    this.input = ui.make("input", "pd-find__input", {
      type: "search", name: "q", placeholder: "Search the map", "aria-label": "Search the map", autocomplete: "off", spellcheck: false, enterkeyhint: "search",
    });
    this.form = ui.make("form", "pd-find", { role: "search" }, this.input);
    map.tools.before(this.form);
    this.form.append(...map.tools.querySelectorAll(".pd-map__keys"));
    this.input.addEventListener("input", () => this.typed());
    this.input.addEventListener("search", () => this.typed());
    this.form.addEventListener("submit", (event) => this.submitted(event));
    this.input.addEventListener("keydown", (event) => this.key(event));
    map.view.on(["query"], () => this.follow());
    this.follow();
  }

  typed() {
    clearTimeout(this.pause);
    this.pause = setTimeout(() => this.map.view.set({ query: this.input.value.trim() }), TYPING_PAUSE);
  }

  submitted(event) {
    event.preventDefault();
    clearTimeout(this.pause);
    this.wantsFirst = true;
    if (this.map.view.get("query") === this.input.value.trim()) this.goToFirst();
    else this.map.view.set({ query: this.input.value.trim() });
  }

  key(event) {
    if (event.isComposing) return;
    if (event.key === "ArrowDown") {
      this.wantsFirst = true;
      event.preventDefault();
      this.goToFirst();
    }
    if (event.key !== "Escape") return;
    event.preventDefault();
    if (this.input.value) this.clear();
    else this.map.plotElement?.focus({ preventScroll: true });
  }

  goToFirst() {
    const first = this.panel.top && !this.asking && this.panel.body.querySelector(".pd-entries a");
    if (!this.wantsFirst || !first) return;
    this.wantsFirst = false;
    this.map.back = this.input;
    first.focus();
  }

  clear() {
    clearTimeout(this.pause);
    this.input.value = "";
    this.map.view.set({ query: "", lit: null });
    if (this.map.root.contains(document.activeElement) || document.activeElement === document.body) this.input.focus({ preventScroll: true });
  }

  follow() {
    const { map } = this, text = (map.view.get("query") ?? "").trim();
    if (document.activeElement !== this.input || !text) this.input.value = text;
    if (text === this.text) return;
    this.text = text;
    this.client?.forget();
    if (!text) {
      this.asking = false;
      this.count = FIRST_HITS;
      map.view.set({ lit: null });
      return this.panel.hide();
    }
    this.ask();
  }

  async ask() {
    const { text } = this, { map } = this, stale = () => this.text !== text || !map.root.isConnected;
    this.asking = true;
    const slow = setTimeout(() => !stale() && this.asking && this.say("Searching …"), 400);
    try {
      await this.open();
      if (stale()) return;
      this.client.ask(text, this.count, ({ answer, failed }) => {
        if (stale()) return;
        clearTimeout(slow);
        if (failed) this.words(`The search failed (${failed}).`);
        else this.show(answer.hits.map((hit) => map.data.row(hit.id)).filter((row) => row >= 0), answer.more, answer.notices ?? [], answer.complete);
      });
    } catch (error) {
      clearTimeout(slow);
      if (!stale()) this.words(error.message);
    }
  }

  /** The search engine of the site, once. */
  async open() {
    if (this.client) return;
    if (location.protocol === "file:") throw new Error("Opened from disk, the map is searched by words alone; `diary serve` shows the site with search by meaning.");
    const { data, root } = this.map;
    if (!data.search) throw new Error("This site has no search index, so the map is searched by words alone.");
    try {
      const { Client } = await import(new URL("search/client.js", new URL(root.dataset.assets, document.baseURI)).href);
      const index = new URL(ui.page(this.map, data.search), document.baseURI).href;
      if (!searchClients.has(index)) searchClients.set(index, new Client(index));
      this.client = searchClients.get(index);
    } catch {
      throw new Error("The search by meaning could not be loaded; loading the page again may help.");
    }
  }

  /** Words in titles and descriptions, and a sentence that says why no more. */
  async words(reason) {
    const { map } = this, { text } = this;
    const cards = await map.cards().catch(() => null);
    if (this.text !== text) return;
    const all = findWords(map.data, cards, text);
    this.show(all.slice(0, this.count), all.length > this.count, [`${reason} ${cards ? "Titles, authors and descriptions" : "Titles"} are looked through.`]);
  }

  say(sentence) {
    this.panel.heading.textContent = sentence;
    if (!this.panel.shown) this.panel.show();
  }

  show(rows, more, notices, complete = true) {
    const { map } = this, inside = this.panel.section.contains(document.activeElement);
    this.asking = false;
    this.rows = rows;
    map.view.set({ lit: rows });
    const short = [...this.text].slice(0, 60).join(""), short2 = short === this.text ? short : `${short} …`;
    this.panel.heading.textContent = rows.length ? `${rows.length}${more ? " best" : ""} for “${short2}”` : `Nothing for “${short2}”`;
    const tools = ui.make("div", "pd-panel__tools", {},
      rows.length ? ui.button("Choose these", () => map.view.set({ selected: new Set(this.rows) })) : null,
      more ? ui.button("More", () => ((this.count = Math.min(this.count * 2, MOST_HITS)), this.ask())) : null,
      map.data.search && location.protocol !== "file:" ? ui.make("a", "", { href: `${ui.page(map, map.data.search)}?q=${encodeURIComponent(this.text)}` }, "Passages") : null);
    const parts = [...notices.map((text) => ui.make("p", "pd-panel__note", { dir: "auto" }, text)), tools, ...ui.list(map, rows, { ordered: true })];
    if (this.panel.shown && !this.panel.top) this.panel.body.replaceChildren(...parts); // a card lies above; it stays
    else this.panel.show(...parts);
    if (inside && this.panel.top) this.panel.body.querySelector("a, button")?.focus({ preventScroll: true });
    if (complete) map.say(rows.length ? `${ui.entries(rows.length)} found for ${short2}.` : `Nothing found for ${short2}.`);
    this.goToFirst();
  }
}

function attachFind(map) {
  if (map.large && map.options.tools !== false) return new Find(map);
}
