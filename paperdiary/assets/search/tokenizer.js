/* BERT's tokenizer, uncased: clean, accents off, lower case, split at white space and punctuation, WordPiece.
   The same ids as Hugging Face tokenizers (BertNormalizer, BertPreTokenizer, WordPiece). */
import * as tables from "./unicode.js";

const LONGEST = 100; // code points of a word; longer ones are unknown

/** Ranges packed as in unicode.js -> a test of code points. */
function membership(packed) {
  const numbers = packed.split(" ").map((n) => parseInt(n, 36));
  const starts = [], ends = [];
  let at = 0;
  for (let n = 0; n < numbers.length; n += 2) {
    starts.push(at + numbers[n]);
    at += numbers[n] + numbers[n + 1] + 1;
    ends.push(at);
  }
  return (code) => {
    let low = 0, high = starts.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (starts[middle] <= code) low = middle + 1;
      else high = middle;
    }
    return low > 0 && code < ends[low - 1];
  };
}

const isControl = membership(tables.CONTROL);
const isSpace = membership(tables.SPACE);
const isChinese = membership(tables.CHINESE);
const isMark = membership(tables.MARK);
const isPunctuation = membership(tables.PUNCTUATION);
const decomposes = membership(tables.DECOMPOSES);
const PLAIN = /^[\x20-\x7e]*$/; // nothing but lower case is left to do

/** BertNormalizer: control characters off, Chinese characters apart, accents off, lower case. */
export function normalise(text) {
  if (PLAIN.test(text)) return text.toLowerCase();
  let out = "", piece = "";
  const flush = () => {
    for (const char of piece.normalize("NFD")) if (!isMark(char.codePointAt(0))) out += char.toLowerCase();
    piece = "";
  };
  for (const char of text) {
    const code = char.codePointAt(0);
    if (isControl(code) || code === 0xfffd || (code >= 0xd800 && code <= 0xdfff)) continue;
    if (isSpace(code)) piece += " ";
    else if (isChinese(code)) piece += ` ${char} `;
    else if (code > 0x7f && !decomposes(code) && !isMark(code) && char.normalize("NFD") !== char) {
      flush(); // the browser's Unicode is newer than the tokenizer's
      out += char.toLowerCase();
    } else piece += char;
  }
  flush();
  return out;
}

/** BertPreTokenizer over a normalised text: words and single marks of punctuation, in order. */
export function split(normalised) {
  const out = [];
  let word = "";
  const end = () => {
    if (word) out.push(word);
    word = "";
  };
  for (const char of normalised) {
    const code = char.codePointAt(0);
    if (isSpace(code)) end();
    else if (isPunctuation(code)) {
      end();
      out.push(char);
    } else word += char;
  }
  end();
  return out;
}

export const words = (text) => split(normalise(text));

export class Tokenizer {
  /** @param {string} vocabulary one token a line, its number is its id; "##" begins a token inside a word */
  constructor(vocabulary) {
    this.ids = new Map();
    vocabulary.replace(/\n$/, "").split("\n").forEach((token, id) => this.ids.set(token.replace(/\r$/, ""), id));
    this.unknown = this.ids.get("[UNK]") ?? -1;
    this.longest = 0;
    for (const token of this.ids.keys()) this.longest = Math.max(this.longest, token.length);
  }

  /** The ids of a text, without [CLS] and [SEP]. */
  tokens(text) {
    return words(text).flatMap((word) => this.pieces(word));
  }

  /** WordPiece: the longest known beginning, again and again; a word with a gap is unknown as a whole. */
  pieces(word) {
    const chars = [...word];
    if (chars.length > LONGEST) return [this.unknown];
    const out = [];
    let start = 0;
    while (start < chars.length) {
      let end = Math.min(chars.length, start + this.longest), id;
      for (; end > start; end--) {
        id = this.ids.get((start ? "##" : "") + chars.slice(start, end).join(""));
        if (id !== undefined) break;
      }
      if (id === undefined) return [this.unknown];
      out.push(id);
      start = end;
    }
    return out;
  }
}
