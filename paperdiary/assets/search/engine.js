/* One ranking of words and meaning; docs/search-format.md, "One ranking". Runs in a worker, in the page, and in Node. */
import { Damaged } from "./faiss.js";
import { Encoder } from "./encoder.js";
import { addresses, filter, meant, parse } from "./query.js";
import { marks, termsOf } from "./text.js";
import { fileOf, follows, look, rowsOfPhrases, sums } from "./words.js";

const MOST_PHRASE_ROWS = 200, AT_ONCE = 8;
const NEAR = 1; // standard deviations of meaning from which a passage counts as found by it
const UNHEARD = "None of these words is in the notes; these entries are the nearest in meaning.";

/**
 * @typedef {object} Hit
 * @property {string} id of the entry
 * @property {number} row of the passage
 * @property {number} score
 * @property {"words"|"meaning"|"both"|""} found
 */

export class Engine {
  /** @param {import("./files.js").Files} files */
  constructor(files) {
    this.files = files;
    this.patience = 0; // milliseconds that an answer waits for meaning before words alone are shown
  }

  /** What every search needs first. */
  async open() {
    this.meta = await this.files.meta();
    this.entries = await this.files.entries();
    this.encoder ??= this.meta.encoder && this.meta.index && this.meta.passages ? new Encoder(this.files) : null;
    return this.meta;
  }

  /**
   * The best `k` entries for a query.
   * @param {string} raw
   * @param {number} k
   * @param {(answer: object) => void} early called with what words alone find, where meaning is not at hand yet
   * @param {() => boolean} stale true once nobody waits for the answer
   * @returns {Promise<?{hits: object[], more: boolean, notices: string[], complete: boolean}>} null where stale
   */
  async search(raw, k, early = () => {}, stale = () => false) {
    await this.open();
    const query = parse(raw), notices = [...query.problems];
    const allows = query.filters.length ? filter(query.filters) : () => true;
    const allowed = this.entries.filter(allows);
    const wanted = new Set();
    if (!query.text && !query.filters.length) return this.answer([], k, wanted, notices);
    if (!query.text) return this.answer(newest(allowed).map(firstHit), k, wanted, notices);
    const addressed = this.byAddress(query.text, allowed);
    if (addressed.length) return this.answer(addressed.map(firstHit), k, wanted, notices);
    this.fetchAhead(query.text);
    const found = await look(query, this.meta.words, this.files);
    if (stale()) return null;
    notices.push(...found.corrected.map(instead));
    const meaning = this.meaning(query, found.repairs, notices, stale);
    const keyword = sums(found.groups, this.meta.passages);
    const ranked = (semantic) => this.rank({ query, allowed, keyword, semantic, k, found, notices });
    if (this.encoder && (await this.later(meaning))) early({ ...(await ranked(null)), complete: false });
    const semantic = await meaning;
    return stale() ? null : ranked(semantic);
  }

  /** Ask for what meaning will need while the words are looked up; what goes wrong is told then. */
  fetchAhead(text) {
    if (!this.encoder) return;
    this.files.index().catch(() => {});
    this.encoder.fetch(text).catch(() => {});
  }

  /** Is something not at hand within `patience` milliseconds? */
  later(promise) {
    const late = new Promise((done) => setTimeout(done, this.patience, true));
    return Promise.race([promise.then(() => false), late]);
  }

  /** Inner products of all rows with the query's vector, or null; a sentence where files are missing. */
  async meaning(query, repairs, notices, stale) {
    if (!this.meta.passages) return null;
    if (!this.encoder) {
      notices.push(this.meta.index
        ? "This diary's model has no query encoder, so the page searches by words alone; `diary search` searches by meaning too."
        : "The site was built without the embedding model, so the page searches by words alone.");
      return null;
    }
    try {
      const text = repairs.size ? meant(query, repairs, await this.encoder.wordTest()) : query.text;
      const [vector, index] = await Promise.all([this.encoder.encode(text), this.files.index()]);
      if (index.rows !== this.meta.passages || index.d !== this.meta.d)
        throw new Damaged("index.faiss does not belong to the other files");
      return vector && !stale() ? index.scores(vector, this.meta.index.probe) : null;
    } catch (error) {
      notices.push(`These results are by words alone: ${error.message}. Loading the page again may help; otherwise build the site again.`);
      return null;
    }
  }

  byAddress(text, allowed) {
    for (const key of addresses(text)) {
      const known = allowed.filter((e) => e.keys.includes(key));
      if (known.length) return known;
    }
    return [];
  }

  async rank({ query, allowed, keyword, semantic, k, found, notices }) {
    const { fusion } = this.meta;
    const byWords = zScores(keyword), byMeaning = semantic ? zScores(semantic.values, semantic.missing) : null;
    const share = fusion.words + fusion.short / found.count;
    const keys = new Float64Array(keyword.length);
    for (let row = 0; row < keys.length; row++) {
      const total = share * byWords[row] + (byMeaning ? fusion.meaning * byMeaning[row] : 0);
      keys[row] = Math.floor(total * 1e9 + 0.5);
    }
    const counts = (row) => byMeaning !== null || keyword[row] > 0;
    const hit = (entry, row) => ({ entry, row, key: keys[row] });
    const named = this.named(query, found.rarest), first = [];
    const ordered = new Best(k + 1);
    const add = (entry, row) => (named.has(entry) ? first.push(hit(entry, row)) : ordered.add(entry, row, keys[row]));
    if (query.phrases.length)
      for (const { entry, row } of await this.withPhrases(query, allowed, keys, counts)) add(entry, row);
    else
      for (const entry of allowed) {
        let top = -1;
        for (let row = entry.row, end = row + entry.count; row < end; row++)
          if (counts(row) && (top < 0 || keys[row] > keys[top])) top = row;
        if (top >= 0) add(entry, top);
      }
    first.sort((a, b) => a.entry.row - b.entry.row);
    const hits = [...first, ...ordered.hits].map(({ entry, row, key }) => {
      const far = byMeaning === null || (byMeaning[row] < NEAR && keyword[row] > 0);
      return { entry, row, score: key / 1e9, found: keyword[row] > 0 ? (far ? "words" : "both") : "meaning" };
    });
    const unheard = hits.length && byMeaning && query.terms.length && !found.groups.length;
    return this.answer(hits, k, found.wanted, unheard ? [...notices, UNHEARD] : notices);
  }

  /** Rows that hold the phrases, best first, one an entry, until there are enough. */
  async withPhrases(query, allowed, keys, counts) {
    const mine = new Set(allowed);
    const rows = (await rowsOfPhrases(query.phrases, this.meta.words, this.files))
      .filter((row) => counts(row) && mine.has(this.entryOf(row)))
      .sort((a, b) => keys[b] - keys[a] || a - b).slice(0, MOST_PHRASE_ROWS);
    const found = new Map();
    for (let at = 0; at < rows.length; at += AT_ONCE) {
      const step = rows.slice(at, at + AT_ONCE);
      const passages = await Promise.all(step.map((row) => this.passage(row)));
      step.forEach((row, n) => {
        const entry = this.entryOf(row);
        if (found.has(entry)) return;
        const [heading, text] = passages[n];
        const places = [this.titleTerms(entry), termsOf(heading), termsOf(text)];
        if (query.phrases.every((phrase) => places.some((terms) => follows(terms, phrase)))) found.set(entry, { entry, row });
      });
    }
    return [...found.values()];
  }

  /** Entries whose title the query is. */
  named(query, rarest) {
    const title = query.terms.filter((t) => !t.compound).map((t) => t.term);
    const entries = new Set(rarest && title.length ? Array.from(rarest.rows, (row) => this.entryOf(row)) : []);
    return new Set([...entries].filter((entry) => {
      const size = (entry.size ??= sizeOf(entry.title));
      return (size < 0 || size === title.length) && same(this.titleTerms(entry), title);
    }));
  }

  titleTerms(entry) {
    return (entry.terms ??= termsOf(entry.title));
  }

  entryOf(row) {
    let low = 0, high = this.entries.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.entries[middle].row <= row) low = middle + 1;
      else high = middle;
    }
    return this.entries[low - 1];
  }

  /** [heading, text] of a row. */
  async passage(row) {
    const n = fileOf(this.meta.blocks.first, row);
    const block = await this.files.block(n);
    return block[row - this.meta.blocks.first[n]];
  }

  /** Hits with what is shown of them. */
  async answer(hits, k, wanted, notices) {
    let damaged = "";
    const shown = await Promise.all(hits.slice(0, k).map(async ({ entry, row, score, found }) => {
      let heading = "", text = "";
      try {
        if (entry.count) [heading, text] = await this.passage(row);
      } catch (error) {
        damaged = `Some passages cannot be shown: ${error.message}.`;
      }
      const { id, title, page, date, status, topic, kind } = entry;
      return {
        id, title, page, date, status, topic, kind, row, score, found, heading, text,
        marks: { title: marks(title, wanted), heading: marks(heading, wanted), text: marks(text, wanted) },
      };
    }));
    return { hits: shown, more: hits.length > k, notices: damaged ? [...notices, damaged] : notices, complete: true };
  }
}

const instead = ([word, terms]) =>
  `“${word}” is nowhere in the notes; searched for ${terms.slice(0, 3).join(", ")}${terms.length > 3 ? " and others" : ""} instead.`;
/** How many terms a plain title has; -1 where it takes more to tell. */
const sizeOf = (title) => (/^[\x20-\x26\x28-\x7e]*$/.test(title) ? title.match(/[a-z0-9]+/gi)?.length ?? 0 : -1);
const firstHit = (entry) => ({ entry, row: entry.row, score: 0, found: "" });
const same = (a, b) => a.length === b.length && a.every((value, n) => value === b[n]);

/** By date, newest first, those without one last; then by row. */
const newest = (entries) =>
  [...entries].sort((a, b) => (a.date === b.date ? a.row - b.row : (a.date ?? "") < (b.date ?? "") ? 1 : -1));

/** (x - mean) / deviation; zeros where the deviation is next to nothing. */
export function zScores(values, missing = 0) {
  const count = values.length, out = new Float64Array(count);
  let mean = 0, square = 0;
  for (let n = 0; n < count; n++) mean += values[n];
  mean /= count;
  for (let n = 0; n < count; n++) square += (values[n] - mean) ** 2;
  const deviation = Math.sqrt(square / count + missing);
  if (!(deviation >= 1e-12)) return out;
  for (let n = 0; n < count; n++) out[n] = (values[n] - mean) / deviation;
  return out;
}

/** The `size` best of many hits: largest key first, then the lowest row. */
class Best {
  constructor(size) {
    this.size = size;
    this.hits = [];
  }

  add(entry, row, key) {
    const { hits, size } = this;
    let at = hits.length;
    while (at > 0 && (hits[at - 1].key < key || (hits[at - 1].key === key && hits[at - 1].row > row))) at--;
    if (at >= size) return;
    hits.splice(at, 0, { entry, row, key });
    if (hits.length > size) hits.pop();
  }
}
