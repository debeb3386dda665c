/* Postings of words, and what stands in for words that are unknown; docs/search-format.md, "words/n.bin". */
import { byUnits, stem } from "./text.js";
import { Damaged } from "./faiss.js";

const MOST_TERMS = 64;
const KNOWN = 256, COMPOUND = 128, UNFINISHED = 192, ONE_EDIT = 204, TWO_EDITS = 153; // weights of a term and of stand-ins
const SHORTEST_MISTYPED = 5; // characters
const MOST_BEGINNINGS = 32, MOST_NEIGHBOURS = 8;

/** One words/n.bin. */
export class Postings {
  /** @param {ArrayBuffer} buffer */
  constructor(buffer) {
    const view = new DataView(buffer), bytes = new Uint8Array(buffer);
    const whole = (ok) => {
      if (!ok) throw new Damaged("a file of words is damaged");
    };
    whole(buffer.byteLength >= 12 && String.fromCharCode(...bytes.subarray(0, 4)) === "PDW1");
    const count = view.getUint32(4, true), size = view.getUint32(8, true);
    const tables = 12 + size, rest = tables + 4 * (3 * count + 1);
    whole(size % 4 === 0 && rest <= buffer.byteLength);
    this.terms = new TextDecoder().decode(bytes.subarray(12, tables)).trimEnd().split("\n").slice(0, count);
    whole(this.terms.length === count || count === 0);
    this.starts = new Uint32Array(buffer, tables, count + 1);
    this.df = new Uint32Array(buffer, tables + 4 * (count + 1), count);
    this.idf = new Uint32Array(buffer, tables + 4 * (2 * count + 1), count);
    this.data = bytes.subarray(rest);
    whole(this.starts[count] === this.data.length);
    this.at = new Map(this.terms.map((term, n) => [term, n]));
    this.read = new Map(); // what was unpacked, since one types a word letter by letter
  }

  /** {term, df, idf, rows, weights} or null. */
  get(term) {
    const n = this.at.get(term);
    if (n === undefined) return null;
    if (!this.read.has(term)) this.read.set(term, this.unpack(term, n));
    return this.read.get(term);
  }

  unpack(term, n) {
    const df = this.df[n], rows = new Uint32Array(df), end = this.starts[n + 1];
    let at = this.starts[n], row = 0;
    for (let k = 0; k < df; k++) {
      let step = 0, scale = 1, byte;
      do {
        byte = this.data[at++];
        step += (byte & 127) * scale;
        scale *= 128;
      } while (byte > 127);
      row += step;
      rows[k] = row;
    }
    if (at + df !== end) throw new Damaged("a file of words is damaged");
    return { term, df, idf: this.idf[n], rows, weights: this.data.subarray(at, end) };
  }
}

/** In which file a term would be; -1 for none. */
export function fileOf(first, term) {
  let low = 0, high = first.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (first[middle] <= term) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

const byDf = (a, b) => b.df - a.df || byUnits(a.term, b.term);

/** Known terms that begin with a word. */
export function beginnings(postings, word) {
  const found = postings.flatMap((p) =>
    p.terms.map((term, n) => ({ term, df: p.df[n] })).filter(({ term }) => term.startsWith(word)));
  return found.sort(byDf).slice(0, MOST_BEGINNINGS).map(({ term }) => term);
}

/** Are typing errors looked for in a term? */
function mayBeMistyped({ term, joined }) {
  const length = [...term].length;
  return !joined && length >= SHORTEST_MISTYPED && length <= 32 && !/^[0-9]/.test(term);
}

/**
 * Known terms nearest to one with typing errors.
 * @param {{term: string, chars: string[], df: number}[]} all words/terms.txt
 * @returns {{terms: string[], weight: number}}
 */
export function neighbours(all, term) {
  const wanted = [...term], most = wanted.length >= 8 ? 2 : 1, letters = lettersOf(term);
  let best = most, found = [];
  for (const other of all) {
    const gap = other.length - wanted.length;
    if (gap > best || gap < -best) continue;
    /* an edit changes the set of letters in two places at most */
    if (bits(letters ^ (other.letters ??= lettersOf(other.term))) > 2 * best) continue;
    const distance = edits(wanted, (other.chars ??= [...other.term]), best);
    if (distance > best) continue;
    if (distance < best) {
      best = distance;
      found = [];
    }
    found.push(other);
  }
  return {
    terms: found.sort(byDf).slice(0, MOST_NEIGHBOURS).map((t) => t.term),
    weight: best <= 1 ? ONE_EDIT : TWO_EDITS,
  };
}

/** The set of a term's letters, folded into 32 bits. */
function lettersOf(term) {
  let out = 0;
  for (let n = 0; n < term.length; n++) out |= 1 << (term.charCodeAt(n) & 31);
  return out;
}

function bits(value) {
  let count = 0;
  for (let rest = value; rest; rest &= rest - 1) count++;
  return count;
}

/** Optimal string alignment distance, or something above `most`. */
export function edits(a, b, most) {
  let before = [], last = Array.from({ length: b.length + 1 }, (_, n) => n);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    let least = i;
    for (let j = 1; j <= b.length; j++) {
      let value = Math.min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) value = Math.min(value, before[j - 2] + 1);
      row.push(value);
      if (value < least) least = value;
    }
    if (least > most) return most + 1;
    before = last;
    last = row;
  }
  return last[b.length];
}

/** words/terms.txt -> [{term, df, length}]. */
export function dictionary(text) {
  return text.split("\n").filter(Boolean).map((line) => {
    const tab = line.indexOf("\t");
    const term = line.slice(0, tab);
    return { term, df: Number(line.slice(tab + 1)), length: [...term].length };
  });
}

/**
 * What a query's terms find in the postings.
 * @param {import("./query.js").Query} query
 * @param {object} meta `words` of meta.json
 * @param {{postings: (n: number) => Promise<Postings>, terms: () => Promise<object[]>}} files
 * @returns {Promise<{groups: {weight: number, postings: object[]}[], wanted: Set<string>, corrected: [string, string[]][], repairs: Map<string, string>, count: number, rarest: ?object}>}
 *   `wanted`: the terms to mark; `count`: terms of the query; `rarest`: the postings of the term that the fewest passages hold, null where a term is unknown
 */
export async function look(query, meta, files) {
  const { asked, last } = chosen(query, meta.stop);
  const get = (term) => posting(term, meta, files);
  const all = (terms) => Promise.all(terms.map(get));
  const corrected = [], repairs = new Map();
  const groups = await Promise.all(asked.map(async (t) => {
    const own = await get(t.term);
    if (own) return { weight: t.compound ? COMPOUND : KNOWN, postings: [own], known: !t.compound };
    if (!t.plain) return null;
    if (t.term === last.term && last.open && !last.exact && [...last.word].length >= (last.joined ? 1 : 2)) {
      const n = Math.max(fileOf(meta.first, last.word), 0), near = [n, n + 1].filter((f) => f < meta.first.length);
      const found = await all(beginnings(await Promise.all(near.map((f) => files.postings(f))), last.word));
      if (found.length) return { weight: UNFINISHED, postings: found };
    }
    if (!mayBeMistyped(t)) return null;
    const { terms, weight } = neighbours(await files.terms(), t.term);
    if (!terms.length) return null;
    corrected.push([t.word, terms]);
    repairs.set(t.term, terms[0]);
    return { weight, postings: await all(terms) };
  }));
  const used = groups.filter(Boolean);
  const wanted = new Set([...asked.map((t) => t.term), ...used.flatMap((g) => g.postings.map((p) => p.term))]);
  const known = groups.filter((group) => group?.known).map((group) => group.postings[0]);
  const allKnown = known.length === asked.filter((t) => !t.compound).length;
  const count = Math.max(asked.filter((t) => !t.compound).length, 1);
  return { groups: used, wanted, corrected, repairs, count, rarest: allKnown ? known.sort((a, b) => a.df - b.df)[0] ?? null : null };
}

/** The postings of one term, or null. */
export async function posting(term, meta, files) {
  const n = fileOf(meta.first, term);
  return n < 0 ? null : (await files.postings(n)).get(term);
}

/** The rows that hold every term of every phrase, ascending. */
export async function rowsOfPhrases(phrases, meta, files) {
  const lists = await Promise.all([...new Set(phrases.flat())].map((term) => posting(term, meta, files)));
  if (!lists.every(Boolean)) return [];
  const [first, ...others] = lists.sort((a, b) => a.df - b.df);
  const sets = others.map((p) => new Set(p.rows));
  return [...first.rows].filter((row) => sets.every((set) => set.has(row)));
}

/** Do the terms of a phrase follow each other in a text's terms? */
export const follows = (terms, phrase) =>
  terms.some((_, at) => phrase.every((term, n) => terms[at + n] === term));

/** The distinct terms that count, and the last of the query. */
export function chosen(query, stop) {
  const stops = new Set(stop), kept = query.terms.filter((t) => !stops.has(t.term));
  const all = kept.length ? kept : query.terms, distinct = new Map();
  for (const t of all) {
    const known = distinct.get(t.term);
    if (!known) distinct.set(t.term, { ...t, plain: !t.compound && !t.exact });
    else {
      if (known.compound && !t.compound) Object.assign(known, { word: t.word, compound: false });
      known.plain ||= !t.compound && !t.exact;
    }
  }
  return { asked: [...distinct.values()].slice(0, MOST_TERMS), last: all.filter((t) => !t.compound).at(-1) };
}

/**
 * The keyword sum of each passage: whole numbers.
 * @returns {Float64Array}
 */
export function sums(groups, rows) {
  const out = new Float64Array(rows);
  for (const { weight, postings } of groups) {
    const [only] = postings;
    if (postings.length === 1) {
      const each = weight * only.idf;
      for (let k = 0; k < only.df; k++) out[only.rows[k]] += each * only.weights[k];
      continue;
    }
    const each = weight * Math.min(...postings.map((p) => p.idf));
    const best = new Map();
    for (const p of postings)
      for (let k = 0; k < p.df; k++) best.set(p.rows[k], Math.max(best.get(p.rows[k]) ?? 0, p.weights[k]));
    for (const [row, most] of best) out[row] += each * most;
  }
  return out;
}
