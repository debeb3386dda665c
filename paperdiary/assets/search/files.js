/* The files under search/, each checked against the sum in meta.json; docs/search-format.md. */
import { Damaged, parse } from "./faiss.js";
import { Postings, dictionary } from "./words.js";

const VERSION = 1;
const HEAD = /^\{"check":"([0-9a-f]{8})",/;

/** A file that is not there, or a server that does not answer. */
export class Missing extends Error {}
/** Files of a form that this page does not know. */
export class Unknown extends Error {}

const TABLES = Array.from({ length: 8 }, () => new Int32Array(256));
for (let n = 0; n < 256; n++) {
  let value = n;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  TABLES[0][n] = value;
}
for (let n = 0; n < 256; n++)
  for (let k = 1; k < 8; k++)
    TABLES[k][n] = (TABLES[k - 1][n] >>> 8) ^ TABLES[0][TABLES[k - 1][n] & 255];

/** The CRC-32 of zlib, as 8 hexadecimal digits; eight bytes a step, since an index has many. */
export function crc32(bytes) {
  const [t0, t1, t2, t3, t4, t5, t6, t7] = TABLES;
  let value = -1, at = 0;
  for (const end = bytes.length - 7; at < end; at += 8) {
    value ^= bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24);
    value = t7[value & 255] ^ t6[(value >>> 8) & 255] ^ t5[(value >>> 16) & 255] ^ t4[value >>> 24]
      ^ t3[bytes[at + 4]] ^ t2[bytes[at + 5]] ^ t1[bytes[at + 6]] ^ t0[bytes[at + 7]];
  }
  for (; at < bytes.length; at++) value = t0[(value ^ bytes[at]) & 255] ^ (value >>> 8);
  return (~value >>> 0).toString(16).padStart(8, "0");
}

export class Files {
  /**
   * @param {string} base address of the folder, ending in a slash
   * @param {typeof fetch} ask
   */
  constructor(base, ask = (address, options) => fetch(address, options)) {
    this.base = base;
    this.ask = ask;
    this.kept = new Map();
    this.ready = new Set();
  }

  async bytes(name, cache) {
    let answer;
    try {
      answer = await this.ask(this.base + name, { cache, credentials: "same-origin" });
    } catch {
      throw new Missing(`${name.split("?")[0]} could not be loaded`);
    }
    if (!answer.ok) throw new Missing(`${name.split("?")[0]} is missing (${answer.status})`);
    try {
      return await answer.arrayBuffer();
    } catch {
      throw new Damaged(`${name.split("?")[0]} arrived in part`);
    }
  }

  /** What `make` gives for a name, made once; a failure is forgotten, so that it can be tried again. */
  once(name, make) {
    if (!this.kept.has(name)) {
      const promise = make();
      this.kept.set(name, promise);
      promise.then(() => this.ready.add(name), () => this.kept.delete(name));
    }
    return this.kept.get(name);
  }

  meta() {
    return this.once("meta.json", async () => {
      for (const cache of ["no-cache", "reload"]) {
        const buffer = await this.bytes("meta.json", cache), all = new Uint8Array(buffer);
        const head = HEAD.exec(new TextDecoder().decode(all.subarray(0, 20)));
        if (!head || crc32(all.subarray(20)) !== head[1]) continue;
        this.about = JSON.parse(new TextDecoder().decode(all));
        if (this.about.version !== VERSION) throw new Unknown(`the search files are of version ${this.about.version}`);
        return this.about;
      }
      throw new Damaged("meta.json is damaged");
    });
  }

  /** A file whose checksum is known, read by `make`. */
  file(name, sum, make) {
    return this.once(name, async () => {
      const address = `${name.split("/").map(encodeURIComponent).join("/")}?v=${encodeURIComponent(this.about.made)}`;
      for (const cache of ["default", "reload"]) {
        const buffer = await this.bytes(address, cache);
        if (crc32(new Uint8Array(buffer)) === sum) return make(buffer);
      }
      throw new Damaged(`${name} is damaged`);
    });
  }

  json(name, sum) { return this.file(name, sum, (buffer) => JSON.parse(new TextDecoder().decode(buffer))); }
  text(name, sum) { return this.file(name, sum, (buffer) => new TextDecoder().decode(buffer)); }

  entries() { return this.json("entries.json", this.about.list.crc32); }
  index() { return this.file("index.faiss", this.about.index.crc32, parse); }
  block(n) { return this.json(`passages/${n}.json`, this.about.blocks.crc32[n]); }
  postings(n) { return this.file(`words/${n}.bin`, this.about.words.crc32[n], (buffer) => new Postings(buffer)); }
  terms() { return this.file("words/terms.txt", this.about.words.terms.crc32,
    (buffer) => dictionary(new TextDecoder().decode(buffer))); }
  vocabulary() { return this.text(`encoder/${this.about.encoder.identity}/vocab.txt`, this.about.encoder.vocab.crc32); }
  rows(n) { return this.file(`encoder/${this.about.encoder.identity}/${n}.bin`, this.about.encoder.crc32[n], (b) => b); }
}
