/* The search page: results as one types, by keyboard as well, with the query in the address. */
import { Client } from "./client.js";
import { item, make } from "./view.js";

const PAUSE = 60; // milliseconds after a key before the search runs
const STEP = 10; // results at first, and more at a time
const SLOW = 300; // milliseconds before the page says that it is searching
const MOST_CHARS = 2000; // of a query
const LONGEST_ADDRESS = 4000;

class SearchPage {
  constructor(root) {
    this.root = root;
    const part = (name) => root.querySelector(`.pd-search__${name}`);
    this.form = part("form");
    this.input = this.form.querySelector("input");
    this.status = part("status");
    this.notes = part("notes");
    this.list = root.querySelector(".pd-hits");
    this.more = part("more");
    this.refine = part("refine");
    this.map = part("map");
    this.everything = part("all");
    this.site = { base: root.dataset.base, topics: JSON.parse(root.dataset.topics || "{}") };
    this.client = new Client(new URL(root.dataset.index, document.baseURI).href, (data) => this.opened(data));
    this.shown = null; // the answer in the list
    this.held = null; // a better one that waits until the list is not in use
    this.text = null;
    this.count = STEP;
  }

  start() {
    this.root.classList.add("pd-search--live");
    this.input.addEventListener("input", () => this.typed());
    this.input.addEventListener("search", () => this.typed());
    this.form.addEventListener("submit", (event) => this.submitted(event));
    this.root.addEventListener("keydown", (event) => this.key(event));
    this.more.addEventListener("click", () => this.showMore());
    this.refine.addEventListener("click", () => this.showHeld(true));
    this.list.addEventListener("pointerleave", () => this.release());
    this.list.addEventListener("focusout", () => setTimeout(() => this.release()));
    this.list.addEventListener("click", () => this.remember());
    this.popped = () => this.root.isConnected && this.fromAddress();
    addEventListener("popstate", this.popped);
    this.fromAddress(this.input.value); // what was typed before the script came is kept
    if (!matchMedia("(hover: none)").matches || !this.input.value) this.input.focus({ preventScroll: true });
    this.input.setSelectionRange(this.input.value.length, this.input.value.length);
  }

  /* -- the query and the address */

  fromAddress(typed = "") {
    const asked = new URLSearchParams(location.search).get("q") ?? "", text = typed || asked;
    this.committed = asked;
    this.input.value = text;
    this.search(text);
  }

  typed() {
    clearTimeout(this.pause);
    this.pause = setTimeout(() => this.search(this.input.value), PAUSE);
  }

  /** The address follows the query: in place while one types, as a step of its own once it was meant. */
  remember() {
    const text = this.input.value;
    if (text === this.committed) return;
    if (this.committed.trim()) {
      this.write("replaceState", this.committed);
      this.write("pushState", text);
    }
    this.committed = text;
  }

  write(how, text) {
    try {
      history[how](history.state, "", this.address(text));
    } catch {
      /* a browser that thinks it is too often: the address follows with the next key */
    }
  }

  /** No longer than servers take. */
  address(text) {
    const url = new URL(location.href), chars = [...text].slice(0, MOST_CHARS);
    url.hash = "";
    url.searchParams.delete("q");
    if (text.trim()) url.searchParams.set("q", chars.join(""));
    while (url.href.length > LONGEST_ADDRESS && chars.length) {
      chars.length = Math.floor(chars.length * 0.8);
      url.searchParams.set("q", chars.join(""));
    }
    return url.href;
  }

  submitted(event) {
    event.preventDefault();
    clearTimeout(this.pause);
    this.search(this.input.value);
    this.remember();
    this.wantsFirst = true;
    this.goToFirst();
  }

  /** Enter leads from the box to the first result, as soon as there is one. */
  goToFirst() {
    const first = this.list.querySelector("a");
    if (!this.wantsFirst || !first || this.shown?.text !== this.text) return;
    this.wantsFirst = false;
    first.focus();
  }

  /* -- keys */

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const links = [...this.list.querySelectorAll("a")], at = links.indexOf(document.activeElement);
    const inBox = document.activeElement === this.input;
    const go = (element) => {
      event.preventDefault();
      element?.focus();
    };
    if (event.key === "ArrowDown" && (inBox || at >= 0)) {
      if (at < links.length - 1) go(links[at + 1]);
      else if (!this.more.hidden) go(this.more);
    } else if (event.key === "ArrowUp" && at >= 0) go(at > 0 ? links[at - 1] : this.input);
    else if (event.key === "ArrowUp" && document.activeElement === this.more) go(links.at(-1));
    else if (event.key === "Home" && at >= 0) go(links[0]);
    else if (event.key === "End" && at >= 0) go(links.at(-1));
    else if (event.key === "Escape" && !inBox) go(this.input);
    else if (event.key === "Escape" && this.input.value) {
      event.preventDefault();
      this.input.value = "";
      clearTimeout(this.pause);
      this.search("");
    } else if (event.key === "Escape") this.input.blur();
  }

  /* -- asking */

  search(text, count = STEP) {
    if (text === this.text && count === this.count && this.shown) return;
    const fresh = text !== this.text;
    this.text = text;
    this.count = count;
    this.held = null;
    this.wantsFirst = this.wantsFirst && !fresh;
    this.refine.hidden = true;
    if (fresh) this.write("replaceState", text);
    clearTimeout(this.slow);
    if (!text.trim()) return this.showEverything();
    this.root.dataset.state = "searching";
    if (!this.shown?.hits.length) this.everything.hidden = true;
    this.slow = setTimeout(() => this.say("Searching …"), SLOW);
    this.client.ask(text, count, (data) => this.hear(text, data));
  }

  /** The files were looked at before anything was asked. */
  opened(data) {
    if (data.failed) this.fail(data);
    else this.tell(this.warnings({ text: "", made: data.made }));
  }

  hear(text, data) {
    clearTimeout(this.slow);
    if (data.failed) return this.fail(data);
    const answer = { ...data.answer, text, made: data.made };
    const replaces = this.shown?.text === text && this.count <= this.shown.count;
    if (replaces && this.inUse() && !sameHits(this.shown, answer)) {
      this.held = answer;
      this.refine.hidden = false;
      this.root.dataset.state = "held";
      return;
    }
    this.show(answer);
  }

  /** Is a result under the pointer, or does it have the focus? */
  inUse() {
    return this.list.contains(document.activeElement) || this.list.matches(":hover");
  }

  release() {
    if (this.held && !this.inUse()) this.showHeld(false);
  }

  showHeld(pressed) {
    const answer = this.held;
    this.held = null;
    this.refine.hidden = true;
    if (answer && answer.text === this.text) this.show(answer);
    if (pressed) (this.list.querySelector("a") ?? this.input).focus();
  }

  showMore() {
    this.next = this.shown?.hits.length ?? 0;
    this.remember();
    this.search(this.text, this.count + STEP);
  }

  /* -- showing */

  show(answer) {
    answer.count = this.count;
    this.root.dataset.state = answer.complete ? "complete" : "early";
    this.shown = answer;
    const focused = document.activeElement?.closest?.(".pd-hit")?.dataset.id;
    this.list.replaceChildren(...answer.hits.map((hit) => item(hit, this.site)));
    const links = [...this.list.querySelectorAll("a")];
    if (this.next !== undefined && answer.complete) {
      links[this.next]?.focus();
      this.next = undefined;
    } else if (focused) (links.find((a) => a.closest(".pd-hit").dataset.id === focused) ?? links[0] ?? this.input).focus();
    const some = answer.hits.length > 0;
    this.list.hidden = !some;
    this.everything.hidden = true;
    this.more.hidden = !answer.more;
    this.map.hidden = !some || !this.root.dataset.map;
    if (!this.map.hidden) this.map.href = `${this.root.dataset.map}?q=${encodeURIComponent(answer.text)}&n=${answer.hits.length}`;
    this.tell([...this.warnings(answer), ...answer.notices]);
    if (!some) this.say(answer.complete ? nothing(answer) : "Searching …");
    else this.say(count(answer), !answer.complete);
    this.goToFirst();
  }

  warnings(answer) {
    const out = [], here = this.root.dataset.made;
    if ([...answer.text].length > MOST_CHARS) out.push("Only the first 2,000 characters were searched for.");
    if (here && answer.made && here !== answer.made)
      out.push("The search index and this page are from different builds: what was written in between may be missing here. Loading the page again may help.");
    return out;
  }

  showEverything() {
    this.client.forget();
    this.root.dataset.state = "empty";
    this.shown = { text: "", hits: [], count: 0 };
    this.list.replaceChildren();
    this.list.hidden = true;
    this.more.hidden = true;
    this.map.hidden = true;
    this.everything.hidden = false;
    this.tell([]);
    this.say("");
  }

  fail({ failed, kind }) {
    const why = {
      Missing: `The search index could not be loaded (${failed}). The site may be incomplete, or the network away.`,
      Damaged: `The search index is damaged or arrived in part (${failed}). Loading the page again may help; otherwise build the site again.`,
      Unknown: `The search index is of another version of Paper Diary than this page (${failed}). Build the site again.`,
    }[kind] ?? `The search failed (${failed}).`;
    this.showEverything();
    this.root.dataset.state = "failed";
    this.shown = null; // the same words may be tried again
    this.say(`${why} Everything in the diary is listed below.`);
  }

  /** The live region; `quiet` leaves it alone while a better answer is on its way. */
  say(sentence, quiet = false) {
    this.status.classList.toggle("pd-search__status--busy", quiet);
    if (this.status.textContent !== sentence) this.status.textContent = sentence;
  }

  tell(sentences) {
    this.notes.replaceChildren(...sentences.map((sentence) => make("p", "", sentence)));
  }
}

const sameHits = (a, b) => a.hits.length === b.hits.length && a.hits.every((hit, n) => hit.id === b.hits[n].id && hit.row === b.hits[n].row);

const quoted = (text) => {
  const chars = [...text.trim()];
  return `“${chars.slice(0, 80).join("")}${chars.length > 80 ? "…" : ""}”`;
};

function count({ hits, more, text }) {
  const many = hits.length === 1 ? "1 result" : `${hits.length} results`;
  return `${more ? `The best ${many}` : many} for ${quoted(text)}.`;
}

function nothing({ text, notices }) {
  const filtered = /(^|\s)(tag|topic|status|kind|before|after):/i.test(text);
  if (notices.length && filtered) return "Nothing was found.";
  return `Nothing was found for ${quoted(text)}.${filtered ? " Fewer filters find more." : " Other words may find it."}`;
}

export function start(root) {
  new SearchPage(root).start();
}
