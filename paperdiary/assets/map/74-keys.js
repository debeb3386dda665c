/* The map by keyboard: from point to point, by place or by meaning. Every step is said in few words. */

const WAYS = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const KEYS_HELP = [
  ["← → ↑ ↓", "to the nearest entry in that direction"],
  ["N, P", "to the next, the previous of its nearest in meaning"],
  ["Enter", "open the card, and then the note"],
  ["Space", "choose the entry for the list"],
  ["+, −, 0", "nearer, farther, the whole map"],
  ["/", "search"],
  ["T", "the table"],
  ["Escape", "close"],
  ["?", "these keys"],
];

/**
 * The place in a direction that one would call next: near, and not far off the way.
 * @param {{row: number, x: number, y: number}[]} places
 * @returns {number} row, or -1
 */
function nextInDirection(places, from, [dx, dy]) {
  let best = -1, least = Infinity;
  for (const { row, x, y } of places) {
    const along = (x - from.x) * dx + (y - from.y) * dy, aside = Math.abs((x - from.x) * dy - (y - from.y) * dx);
    if (row === from.row || along <= 0.5 || aside > along * 2.2) continue;
    const cost = along + 2 * aside;
    if (cost < least) [best, least] = [row, cost];
  }
  return best;
}

class Walk {
  constructor(map) {
    this.map = map;
    this.row = -1;
    this.path = null; // {anchor, rows, at}: a walk by meaning
    const plot = (this.plot = map.plotElement);
    if (!plot) return;
    this.help = ui.panel(map, "keys", "Keys");
    plot.tabIndex = 0;
    plot.setAttribute("role", "application");
    plot.setAttribute("aria-roledescription", "map");
    plot.setAttribute("aria-label", `Map of ${ui.entries(map.data.ids.length)}. Arrow keys go from entry to entry, Enter opens, question mark shows all keys. The table holds the same.`);
    plot.addEventListener("keydown", (event) => this.key(event));
    plot.addEventListener("focus", () => plot.matches(":focus-visible") && this.enter());
    plot.addEventListener("blur", () => ui.ring(map, -1));
    map.root.addEventListener("keydown", (event) => this.everywhere(event));
    map.walk = (row) => {
      this.row = row;
      this.path = null;
    };
    const button = ui.button("?", () => this.showHelp(), "pd-map__keys");
    Object.assign(button, { title: "Keys for the map" });
    button.setAttribute("aria-label", "Keys for the map");
    (map.root.querySelector(".pd-find") ?? map.tools).append(button);
  }

  enter() {
    this.map.mover?.wake?.(); // the still picture's links would all be stops on the way
    const picked = ui.rowOf(this.map, this.map.view.get("picked"));
    if (picked >= 0) this.row = picked;
    if (this.row >= 0 && this.map.visible()[this.row]) ui.ring(this.map, this.row);
  }

  everywhere(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.defaultPrevented) return;
    if (event.target.closest("input:not([type=checkbox]):not([type=range]), textarea, select")) return;
    if (event.key === "/") {
      const box = this.map.root.querySelector(".pd-find input[type=search]");
      if (!box) return;
      event.preventDefault();
      event.stopPropagation();
      box.focus();
      box.select();
    } else if (event.key === "?") {
      event.preventDefault();
      event.stopPropagation();
      this.showHelp();
    }
  }

  showHelp() {
    if (this.help.top) return this.help.close();
    if (!this.map.side.contains(document.activeElement)) this.map.back = document.activeElement;
    this.help.show(ui.make("dl", "pd-keys", {}, ...KEYS_HELP.map(([keys, text]) =>
      ui.make("div", "", {}, ui.make("dt", "", {}, ...keys.split(/(, | )/).map((k) => (/^(, | )$/.test(k) ? k : ui.make("kbd", "", {}, k)))), ui.make("dd", "", {}, text)))));
    this.help.closer.focus({ preventScroll: true });
  }

  places() {
    const { map } = this, mask = map.visible(), lit = map.view.get("lit"), out = [];
    const take = (row) => {
      const place = mask[row] ? map.at(row) : null;
      if (place) out.push({ row, ...place });
    };
    if (lit?.length) lit.forEach(take); // a search narrows the walk to what it found
    else for (let row = 0; row < mask.length; row++) take(row);
    return out;
  }

  key(event) {
    if (event.target !== this.plot || event.ctrlKey || event.metaKey || event.altKey) return;
    const { map } = this, act = {
      Enter: () => this.enterCard(), n: () => this.byMeaning(1), p: () => this.byMeaning(-1), " ": () => this.choose(),
      t: () => map.view.set({ table: !map.view.get("table") }), "+": () => this.zoom(1.5), "=": () => this.zoom(1.5), "-": () => this.zoom(1 / 1.5),
      0: () => this.zoom(0),
    }[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    const way = WAYS[event.key];
    if (!act && !way) return;
    event.preventDefault();
    event.stopPropagation(); // the theme has keys of its own: N and P turn its pages
    if (way) this.step(way);
    else act();
  }

  step(way) {
    const { map } = this, places = this.places();
    if (!places.length) return map.say("No entry is shown.");
    const from = places.find(({ row }) => row === this.row);
    if (!from) return this.go(this.middle(places), "");
    this.path = null;
    const next = nextInDirection(places, from, way);
    if (next < 0) return map.say("Nothing farther that way.");
    this.go(next, "");
  }

  /** The entry nearest the middle of what is in sight. */
  middle(places) {
    const box = this.plot.getBoundingClientRect(), off = ({ x, y }) => Math.hypot(x - box.width / 2, y - box.height / 2);
    return places.reduce((a, b) => (off(b) < off(a) ? b : a)).row;
  }

  async byMeaning(way) {
    const { map } = this;
    if (this.row < 0) this.step(WAYS.ArrowRight);
    if (this.row < 0) return;
    if (!this.path) {
      let cards;
      try {
        cards = await map.cards();
      } catch (error) {
        return map.say(`The neighbours could not be loaded (${error.message}).`);
      }
      const rows = (cards.neighbours[this.row] ?? []).filter((row) => map.visible()[row]);
      if (!rows.length) return map.say("It has no neighbours here.");
      this.path = { anchor: this.row, rows, at: -1 };
    }
    const { path } = this, count = path.rows.length;
    path.at = Math.max(-2, path.at + way);
    if (path.at === -2) path.at = count - 1;
    if (path.at >= count) path.at = -1;
    if (path.at < 0) return this.go(path.anchor, "Back at the start: ");
    this.go(path.rows[path.at], `${path.at + 1} of ${count} nearest in meaning: `);
  }

  go(row, before) {
    const { map } = this, cluster = ui.cluster(map, row), date = map.data.dates[row];
    this.row = row;
    ui.reveal(map, row);
    ui.ring(map, row);
    if (map.panels?.at(-1)?.name === "card") ui.pick(map, row);
    const title = [...ui.title(map, row)], short = title.length > 90 ? `${title.slice(0, 90).join("")} …` : title.join("");
    map.say(`${before}${short}. ${[cluster?.name, date ? ui.when(date) : ui.status(map, row)].filter(Boolean).join(", ")}`);
  }

  enterCard() {
    const { map } = this;
    if (this.row < 0) return this.step(WAYS.ArrowRight);
    ui.pick(map, this.row, { focus: true });
  }

  choose() {
    const { map } = this;
    if (this.row < 0) return;
    const chosen = new Set(map.view.get("selected") ?? []), had = chosen.delete(this.row);
    if (!had) chosen.add(this.row);
    map.view.set({ selected: chosen.size ? chosen : null });
    map.say(`${had ? "No longer chosen" : "Chosen"}; ${ui.entries(chosen.size)} in the list.`);
  }

  /** Nearer or farther around the entry, or the middle; 0: the whole map. */
  zoom(factor) {
    const { map } = this;
    map.mover.wake?.();
    if (!map.plotted) return;
    const place = (this.row >= 0 && map.at(this.row)) || { x: map.width / 2, y: map.height / 2 };
    if (factor) map.mover.zoomBy(factor, place.x, place.y);
    else map.mover.fly(map.home(map.drawn));
    map.say(!factor ? "The whole map." : factor > 1 ? "Nearer." : "Farther.");
  }
}

function attachKeys(map) {
  if (map.large) return new Walk(map);
}
