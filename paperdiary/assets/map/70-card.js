/* The card of an entry: opened by a click on its point; a second click opens the note. */

const NEARNESS = [[0.7, "very near"], [0.55, "near"], [0.4, "akin"], [-2, "far"]];
const FILTERS = ["kinds", "statuses", "topics", "clusters", "from", "to", "by", "undated", "only", "selected"];
const SHEET = 0.52; // of the window's height: the sheet of a narrow window, as in map.css

/** How much of an entry's neighbourhood the map keeps (`kept` % of its `among` nearest), in a sentence. */
function keptSentence(kept, among) {
  const n = Math.round((kept / 100) * among), nearest = `the ${among} entries`;
  if (n === among) return `Well placed: ${nearest} nearest to it in meaning are also nearest to it on this map.`;
  const fact = `${n || "none"} of ${nearest} nearest to it in meaning ${n === 1 ? "is" : "are"} also among its nearest on this map`;
  if (kept < 30) return `Badly placed: ${fact}. Trust the list above more than the distances.`;
  return `${kept < 60 ? "Fairly placed" : "Well placed"}: ${fact}.`;
}

class Card {
  constructor(map) {
    this.map = map;
    this.panel = ui.panel(map, "card", "Entry");
    this.panel.closed = () => map.view.set({ picked: null });
    map.view.on(FILTERS, () => (map.mask = null)); // before anybody asks what is visible
    map.view.on(["picked"], () => this.follow());
    map.view.on(["projection"], () => this.panel.shown && this.place());
    map.onPoint((row, event) => this.clicked(row, event));
    map.onEmpty?.(() => this.panel.top && this.panel.close());
    map.plotElement?.addEventListener("auxclick", (event) => {
      const row = event.button === 1 ? map.rowAt(event.clientX, event.clientY) : -1;
      if (row < 0) return;
      event.preventDefault();
      ui.open(map, row, true);
    });
    map.root.addEventListener("keydown", (event) => this.escape(event));
    this.follow();
  }

  clicked(row, event) {
    const { map } = this;
    if (event && (event.ctrlKey || event.metaKey)) return ui.open(map, row, true);
    if (map.view.get("picked") === map.data.ids[row] && this.panel.shown) return ui.open(map, row);
    map.walk?.(row);
    map.hover?.show(-1); // the card says it all
    ui.pick(map, row, { focus: true });
    this.uncover(row);
  }

  /** On a narrow window the sheet must not lie over the point. */
  uncover(row) {
    const { map } = this, place = map.at(row), box = map.plotElement?.getBoundingClientRect();
    const behavior = ui.calm() ? "auto" : "smooth";
    if (!map.large) return this.panel.section.scrollIntoView({ block: "nearest", behavior });
    if (!place || getComputedStyle(map.side).position !== "fixed") return;
    const hidden = box.top + place.y + 40 - innerHeight * (1 - SHEET); // as high as it may grow
    if (hidden > 0) scrollBy({ top: hidden, behavior });
  }

  escape(event) {
    if (event.key !== "Escape" || event.defaultPrevented || event.isComposing) return;
    const top = this.map.panels?.at(-1);
    if (!top || (top.name !== "card" && !this.map.side.contains(event.target))) return;
    event.preventDefault();
    top.close();
  }

  follow() {
    const row = ui.rowOf(this.map, this.map.view.get("picked"));
    if (row < 0) return this.panel.hide();
    this.row = row;
    const kind = ui.kind(this.map, row) || "entry";
    this.panel.heading.textContent = kind.charAt(0).toUpperCase() + kind.slice(1);
    const held = this.panel.shown && this.panel.section.contains(document.activeElement);
    this.panel.show(...this.content(row));
    if (held) this.panel.body.querySelector(".pd-sheet__title a")?.focus({ preventScroll: true });
    if (this.map.large)
      this.map.cards().then((cards) => this.row === row && this.panel.shown && this.fill(row, cards), (error) => this.lack(row, error));
  }

  content(row) {
    const { map } = this, { data } = map, topic = ui.topic(map, row), cluster = ui.cluster(map, row), status = ui.status(map, row);
    const link = ui.make("a", "", { href: map.link(row), dir: "auto", textContent: ui.title(map, row) });
    const part = (name) => ui.make("div", `pd-sheet__${name}`, { hidden: true });
    Object.assign(this, { authors: part("authors"), about: part("about"), tags: part("tags"), sources: part("sources"), near: part("near") });
    this.kept = ui.make("p", "pd-sheet__kept", { hidden: true });
    const facts = ui.make("dl", "pd-sheet__facts");
    const fact = (name, value) => value && facts.append(ui.make("div", "", {}, ui.make("dt", "", {}, name), ui.make("dd", "", {}, value)));
    fact("Read", data.dates[row] && ui.make("time", "", { dateTime: data.dates[row] }, ui.when(data.dates[row])));
    fact("Published", data.published[row] && ui.when(data.published[row]));
    fact("Kind", ui.kind(map, row));
    fact("Status", status && ui.make("span", "pd-status", {}, status));
    fact("Topic", topic && ui.make("a", "", { href: ui.page(map, topic.page), dir: "auto" }, topic.name));
    fact("Cluster", cluster && ui.make("a", "", { href: ui.page(map, cluster.page), dir: "auto" }, ui.dot(cluster), cluster.name));
    const actions = ui.make("div", "pd-sheet__actions", {}, ui.make("a", "pd-button pd-button--main", { href: map.link(row), textContent: "Open the note" }));
    this.actions = actions;
    const title = ui.make("h3", "pd-sheet__title", {}, link);
    if (!map.large) return [title, facts, actions];
    this.place();
    actions.append(this.sources);
    return [title, this.authors, this.about, actions, facts, this.tags, this.near, this.kept];
  }

  /** What the second file knows. */
  fill(row, cards) {
    const { map } = this;
    const put = (element, ...children) => {
      element.replaceChildren(...children);
      element.hidden = !children.some((c) => (typeof c === "string" ? c.trim() : c));
    };
    put(this.authors, ui.make("span", "", { dir: "auto" }, cards.authors[row] ?? ""));
    this.authors.hidden = !cards.authors[row];
    put(this.about, ui.make("p", "", { dir: "auto" }, cards.descriptions[row] ?? ""));
    this.about.hidden = !cards.descriptions[row];
    put(this.sources, ...(cards.links[row] ?? []).filter(([, url]) => /^(https?|ftp|mailto|doi):/i.test(url))
      .map(([label, url]) => ui.make("a", "pd-sheet__source", { href: url, rel: "noopener", dir: "auto" }, label || url)));
    put(this.tags, ...(cards.tags[row] ?? []).map((tag) => ui.make("span", "pd-tag", { dir: "auto" }, tag)));
    const neighbours = cards.neighbours[row] ?? [];
    if (neighbours.length) put(this.near, ...this.neighbours(row, neighbours, cards.near[row] ?? []));
    if (cards.bibtex?.[row] && this.actions.children.length < 3)
      this.sources.before(ui.button("Copy BibTeX", async (event) => {
        const done = await copyText(cards.bibtex[row], event.target);
        map.say(done ? "BibTeX copied." : "The browser does not allow copying here.");
        event.target.textContent = done ? "Copied" : "Not copied";
      }));
  }

  neighbours(row, rows, near) {
    const { map } = this, list = ui.make("ol", "pd-sheet__neighbours");
    rows.forEach((other, n) => {
      const share = Math.max(0, Math.min(1, near[n] ?? 0)), [, word] = NEARNESS.find(([least]) => share >= least);
      const nearness = ui.make("span", "pd-sheet__nearness", { title: `cosine ${share.toFixed(2)}` }, `${word}, ${Math.round(share * 100)} %`);
      list.append(ui.make("li", "", {}, ui.link(map, other), ui.make("span", "pd-facts", {}, nearness, ...ui.facts(map, other).children)));
    });
    const tick = ui.make("input", "", { type: "checkbox", checked: map.view.get("lines") !== false && map.view.get("lines") !== 0 });
    tick.addEventListener("change", () => map.view.set({ lines: tick.checked }));
    const head = ui.make("h4", "pd-sheet__head", {}, "Nearest in meaning");
    return [ui.make("div", "pd-sheet__row", {}, head, ui.make("label", "pd-check", {}, tick, "Lines on the map")), list];
  }

  lack(row, error) {
    if (this.row !== row || !this.panel.shown) return;
    this.about.replaceChildren(ui.make("p", "pd-sheet__lack", {}, `The rest of this card could not be loaded (${error.message}). The note has it all.`));
    this.about.hidden = false;
  }

  place() {
    const { map, row } = this, { data } = map, kept = data.projections[map.view.get("projection") ?? data.first]?.kept?.[row];
    const known = data.judged && data.nearby > 1 && kept !== null && kept !== undefined;
    this.kept.textContent = known ? keptSentence(kept, data.nearby) : "";
    this.kept.hidden = !this.kept.textContent;
    this.kept.classList.toggle("pd-sheet__kept--bad", known && kept < 30);
  }
}

/** Copies a text; where the browser offers no clipboard (a page from disk), the old way. */
async function copyText(text, place) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = ui.make("textarea", "pd-off", { value: text, readOnly: true, "aria-hidden": "true", tabIndex: -1 });
    (place?.parentElement ?? document.body).append(area);
    area.select();
    let done = false;
    try {
      done = document.execCommand("copy");
    } catch {
      /* said by the caller */
    }
    area.remove();
    place?.focus();
    return done;
  }
}

function attachCard(map) {
  map.card = new Card(map);
}
