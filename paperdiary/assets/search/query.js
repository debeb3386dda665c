/* The query language; docs/search-format.md, "Query language". */
import { MAX_CHARS, fold, terms, termsOf } from "./text.js";

const NAME = /^(?:tag|topic|status|kind|before|after)$/i;
const STATUSES = ["queued", "reading", "read"];
const KINDS = ["paper", "blog", "talk", "book", "code", "note"];
const DATE = /^(\d{4})(?:-(\d\d)(?:-(\d\d))?)?$/;

/**
 * @typedef {object} Query
 * @property {string} text the words, without filters and quotation marks
 * @property {{name: string, value: string}[]} filters
 * @property {string[][]} phrases terms of each quoted piece
 * @property {{text: string, quoted?: boolean}[]} pieces
 * @property {{term, word, joined, compound, piece, start, end, open, exact}[]} terms in order, repeats left in; `open`: it may go on,
 *   `exact`: from a phrase
 * @property {string[]} problems sentences about filters that cannot find anything
 */

/** @returns {Query} */
export function parse(raw) {
  const { pieces, filters, openEnd } = cut([...raw].slice(0, MAX_CHARS).join(""));
  const phrases = pieces.filter((p) => p.quoted).map((p) => termsOf(p.text)).filter((list) => list.length);
  const list = pieces.flatMap(({ text, quoted }, n) => {
    const chars = [...fold(text)], open = openEnd && n === pieces.length - 1;
    return terms(chars).map((t) => ({
      term: t.term, word: t.word, joined: t.joined, compound: t.compound === true, piece: n, start: t.start, end: t.end,
      open: open && !t.compound && t.end === chars.length, exact: quoted === true,
    }));
  });
  return { text: pieces.map((p) => p.text).join(" "), pieces, filters, phrases, terms: list, problems: filters.flatMap(problem) };
}

/**
 * The text of a query as its meaning is read: words with typing errors as they were meant.
 * @param {Query} query
 * @param {Map<string, string>} repairs term -> what it was meant to be
 * @param {(word: string) => boolean} isWord true for what is a word though the notes do not hold it; it stays
 */
export function meant(query, repairs, isWord) {
  let changed = false;
  const texts = query.pieces.map(({ text, quoted }, n) => {
    const chars = [...fold(text)];
    for (const t of quoted ? [] : query.terms.filter((each) => each.piece === n).reverse())
      if (!t.compound && repairs.has(t.term) && !isWord(t.word)) {
        chars.splice(t.start, t.end - t.start, ...repairs.get(t.term));
        changed = true;
      }
    return chars.join("");
  });
  return changed ? texts.join(" ") : query.text;
}

/** Pieces at white space, with "…" held together, and filters. */
function cut(raw) {
  const pieces = [], filters = [];
  const closed = (raw.match(/"/g) ?? []).length % 2 === 0;
  const source = closed ? raw : raw.replace(/"(?=[^"]*$)/, " ");
  const pattern = /([^\s":]+):"([^"]*)"|"([^"]*)"|[^\s"]+/g;
  let openEnd = false;
  for (const match of source.matchAll(pattern)) {
    const [all, label, named, quoted] = match;
    openEnd = false;
    if (label !== undefined && NAME.test(label)) {
      if (named.trim()) filters.push({ name: label.toLowerCase(), value: named.trim() });
      else pieces.push({ text: `${label}:` });
    } else if (label !== undefined) pieces.push({ text: `${label}:` }, { text: named, quoted: true });
    else if (quoted !== undefined) pieces.push({ text: quoted, quoted: true });
    else {
      const colon = Math.max(all.indexOf(":"), 0), value = all.slice(colon + 1);
      if (NAME.test(all.slice(0, colon)) && value) filters.push({ name: all.slice(0, colon).toLowerCase(), value });
      else {
        pieces.push({ text: all });
        openEnd = match.index + all.length === source.length;
      }
    }
  }
  return { pieces: pieces.filter((p) => p.text.trim()), filters, openEnd };
}

function problem({ name, value }) {
  const known = { status: STATUSES, kind: KINDS }[name];
  if (known && !known.includes(fold(value))) return [`There is no ${name} “${value}”; there are: ${known.join(", ")}.`];
  if ((name === "before" || name === "after") && !firstDay(value))
    return [`“${name}:${value}” is no date; write it as ${name}:2025-06-04, ${name}:2025-06 or ${name}:2025.`];
  return [];
}

/** The first day that a value of before: or after: means, or null. */
function firstDay(value) {
  const found = DATE.exec(value);
  if (!found) return null;
  const day = `${found[1]}-${found[2] ?? "01"}-${found[3] ?? "01"}`;
  const date = new Date(`${day}T00:00:00Z`);
  return !Number.isNaN(+date) && date.toISOString().startsWith(day) ? day : null;
}

/** A test of entries: does it answer to all filters? */
export function filter(filters) {
  const values = (name) => filters.filter((f) => f.name === name).map((f) => f.value);
  const folded = (name) => values(name).map(fold);
  const tags = folded("tag").map((v) => v.replace(/^#+/, ""));
  const topics = folded("topic"), statuses = folded("status"), kinds = folded("kind");
  const before = values("before").map(firstDay), after = values("after").map(firstDay);
  return (entry) => {
    if (tags.length) {
      const own = entry.tags.map((t) => fold(t).trim().replace(/^#+/, ""));
      if (!tags.every((t) => own.includes(t))) return false;
    }
    if (topics.length) {
      const own = fold(entry.topic), parts = own.split("/");
      if (!topics.some((t) => own === t || own.startsWith(`${t}/`) || parts.includes(t))) return false;
    }
    if (statuses.length && !statuses.includes(entry.status)) return false;
    if (kinds.length && !kinds.includes(entry.kind)) return false;
    if (before.length && !before.every((day) => day && entry.date && entry.date < day)) return false;
    return !after.length || after.every((day) => day && entry.date && entry.date >= day);
  };
}

/** The keys that a text without white space may have as an address of an entry, the likeliest first. */
export function addresses(text) {
  if (!text || /\s/.test(text)) return [];
  const out = [];
  const now = /(?:^|[/:])(\d{4}\.\d{4,5})(?:v\d+)?(?:\.pdf)?(?:[/?#].*)?$/i.exec(text);
  const old = /(?:^|[/:])([a-z][a-z-]*)(?:\.[a-z]{2})?\/(\d{7})(?:v\d+)?(?:\.pdf)?(?:[/?#].*)?$/i.exec(text);
  if (now) out.push(`arxiv:${now[1]}`);
  if (old) out.push(`arxiv:${old[1]}/${old[2]}`.toLowerCase());
  const doi = /(10\.\d{4,9}\/\S+)$/.exec(text);
  if (doi) out.push(`doi:${doi[1].toLowerCase()}`);
  const bare = text.replace(/^https?:\/\//i, "").split("#")[0].replace(/^www\./i, "").replace(/\/+$/, "");
  out.push(`url:${bare.toLowerCase()}`);
  return out;
}
