/* Text -> terms, the same for passages, queries and filters; docs/search-format.md, "Words". */

const LONGEST = 64;
export const MAX_CHARS = 2000;

const JOINED =
  /[\u3041-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u0e01-\u0e5b\u0e81-\u0edf\u1000-\u109f\u1780-\u17ff\u{20000}-\u{3ffff}]/u;
const WORD =
  /[a-z0-9\u00b5\u00de-\u1fff\u2c00-\u2dff\ua000-\ud7ff\ufb00-\ufdff\ufe70-\ufefc\u{10000}-\u{1d0ff}\u{1d200}-\u{1efff}\u{e0100}-\u{e01ef}]/u;
const NOT_WORD =
  /[\u00f7\u037e\u0387\u055a-\u055f\u0589-\u058f\u05be\u05c0\u05c3\u05c6\u05f3\u05f4\u0600-\u060f\u061b-\u061f\u066a-\u066d\u06d4\u0964\u0965\u1680\u180e]/u;
const LETTERS = {
  "ς": "σ", "ß": "ss", "ı": "i", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "’": "'", "ʼ": "'",
};

/** Lower case, no accents, one form of each character. */
export function fold(text) {
  return text.normalize("NFKD").replace(/[\u0300-\u036f]/g, "").normalize("NFC").toLowerCase()
    .replace(/[ςßıøłđðþæœ’ʼ]/g, (char) => LETTERS[char]);
}

/** "word", "joined" (written without spaces) or "" for what separates. */
export function kindOf(char) {
  if (char < "\x7f") return (char >= "a" && char <= "z") || (char >= "0" && char <= "9") ? "word" : "";
  if (JOINED.test(char)) return "joined";
  return WORD.test(char) && !NOT_WORD.test(char) ? "word" : "";
}

/** A plural becomes its singular; one step, and only for words of a-z. */
export function stem(word) {
  if (!/^[a-z]+$/.test(word)) return word;
  if (word.length > 4 && word.endsWith("ies")) return `${word.slice(0, -3)}y`;
  if (word.length > 3 && word.endsWith("s") && !/(ss|us|is)$/.test(word)) return word.slice(0, -1);
  return word;
}

const cut = (term) => (term.length > LONGEST ? [...term].slice(0, LONGEST).join("") : term);

/**
 * The runs of a folded text: {kind, chars, start, end}, places in characters.
 * @param {string[]} chars
 */
export function runs(chars) {
  const out = [];
  let run = null;
  chars.forEach((char, at) => {
    const kind = kindOf(char);
    if (!kind) run = null;
    else if (run?.kind === kind) run.end = at + 1;
    else out.push((run = { kind, start: at, end: at + 1 }));
  });
  for (const r of out) r.text = chars.slice(r.start, r.end).join("");
  return out.filter((r) => !(r.text === "s" && r.kind === "word" && chars[r.start - 1] === "'"));
}

/**
 * The terms of a query's text, in order, with repeats.
 * @returns {{term: string, word: string, joined: boolean, start: number, end: number, compound?: boolean}[]}
 *   places in characters of `chars`
 */
export function terms(chars) {
  const out = [];
  let chain = [];
  const close = () => {
    if (chain.length > 1) {
      const word = chain.map((r) => r.text).join("");
      out.push({ term: cut(stem(word)), word, joined: false, start: chain[0].start, end: chain.at(-1).end, compound: true });
    }
    chain = [];
  };
  for (const run of runs(chars)) {
    const { kind, text, start, end } = run;
    const last = chain.at(-1);
    if (!(kind === "word" && last && last.end === start - 1 && chars[last.end] === "-")) close();
    if (kind === "word") {
      chain.push(run);
      out.push({ term: cut(stem(text)), word: text, joined: false, start, end });
    } else if (end - start === 1) out.push({ term: text, word: text, joined: true, start, end });
    else
      for (let at = start; at + 1 < end; at++) {
        const pair = chars[at] + chars[at + 1];
        out.push({ term: pair, word: pair, joined: true, start: at, end: at + 2 });
      }
  }
  close();
  return out;
}

/** The terms of a text, as a query cuts it, without compounds. */
export const termsOf = (text) => terms([...fold(text)]).filter((t) => !t.compound).map((t) => t.term);

/** Order of the strings in the files: by UTF-16 code unit. */
export const byUnits = (a, b) => (a < b ? -1 : a > b ? 1 : 0);

/**
 * Where the words to mark lie in a text.
 * @param {string} text as it is shown
 * @param {Set<string>} wanted terms
 * @returns {[number, number][]} ranges in UTF-16 units, ascending and apart
 */
export function marks(text, wanted) {
  if (!wanted.size) return [];
  const chars = [], places = [];
  let at = 0;
  for (const char of text) {
    const end = at + char.length;
    for (const folded of fold(char)) {
      chars.push(folded);
      places.push([at, end]);
    }
    /* an accent written apart belongs to the letter before it */
    if (places.length && places.at(-1)[1] === at && !fold(char)) places[places.length - 1] = [places.at(-1)[0], end];
    at = end;
  }
  const out = [];
  const add = (start, end) => {
    const from = places[start][0], to = places[end - 1][1];
    if (out.length && out.at(-1)[1] >= from) out.at(-1)[1] = Math.max(out.at(-1)[1], to);
    else out.push([from, to]);
  };
  const found = terms(chars).filter((t) => wanted.has(t.term));
  for (const run of runs(chars))
    if (run.kind === "joined")
      for (let n = run.start; n < run.end; n++)
        if (wanted.has(chars[n])) found.push({ start: n, end: n + 1 });
  found.sort((a, b) => a.start - b.start || a.end - b.end);
  for (const { start, end } of found) add(start, end);
  return out;
}
