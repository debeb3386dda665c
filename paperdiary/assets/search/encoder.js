/* Words -> the vector where the embedding model would put them; docs/search-format.md, "Meaning". */
import { Tokenizer } from "./tokenizer.js";
import { Damaged } from "./faiss.js";

const MOST_TOKENS = 256;

export class Encoder {
  /** @param {import("./files.js").Files} files whose meta.json has an encoder */
  constructor(files) {
    this.files = files;
    this.about = files.about.encoder;
    this.d = files.about.d;
  }

  /** The tokens of a text that count: without unknown words, the first 256, and of those the ones that have a row. */
  async tokens(text) {
    return (await this.known())(text).slice(0, MOST_TOKENS).filter((id) => id < this.about.tokens);
  }

  /** A function: text -> its tokens without unknown words. */
  async known() {
    this.tokenizer ??= new Tokenizer(await this.files.vocabulary());
    const { tokenizer } = this;
    return (text) => tokenizer.tokens(text).filter((id) => id !== tokenizer.unknown);
  }

  /** A function: is it a word, a token of its own? */
  async wordTest() {
    const tokens = await this.known();
    return (word) => tokens(word).length === 1;
  }

  /** The files that hold the rows of tokens: number -> bytes. */
  async rowsOf(tokens) {
    const numbers = [...new Set(tokens.map((id) => Math.floor(id / this.about.rows)))];
    return new Map(await Promise.all(numbers.map(async (n) => [n, await this.files.rows(n)])));
  }

  /** Have at hand what a text will need. */
  async fetch(text) {
    await this.rowsOf(await this.tokens(text));
  }

  /** A unit vector, or null where no token is known. */
  async encode(text) {
    const tokens = await this.tokens(text), files = await this.rowsOf(tokens);
    const { d } = this, { rows } = this.about;
    const sum = new Float64Array(d);
    for (const id of tokens) {
      const buffer = files.get(Math.floor(id / rows)), held = Math.min(rows, this.about.tokens - id + (id % rows));
      if (buffer.byteLength !== held * (4 + d)) throw new Damaged("a file of the query encoder has another size");
      const scale = new Float32Array(buffer, 0, held)[id % rows];
      const codes = new Int8Array(buffer, 4 * held + (id % rows) * d, d);
      for (let n = 0; n < d; n++) sum[n] += codes[n] * scale;
    }
    let square = 0;
    for (let n = 0; n < d; n++) square += sum[n] * sum[n];
    const length = Math.sqrt(square);
    return length > 0 ? Float64Array.from(sum, (value) => Math.fround(value / length)) : null;
  }
}
