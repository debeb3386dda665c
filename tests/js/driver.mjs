/* Runs parts of the search page's scripts in Node: one JSON task a line in, one JSON answer a line out. */
import fs from "node:fs";
import readline from "node:readline";
import { pathToFileURL } from "node:url";

const scripts = pathToFileURL(`${process.argv[2]}/`);
const load = (name) => import(new URL(name, scripts));
const bytes = (path) => {
  const data = fs.readFileSync(path);
  return data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength);
};

const { Tokenizer } = await load("tokenizer.js");
const faiss = await load("faiss.js");
const text = await load("text.js");
const query = await load("query.js");
const words = await load("words.js");
const { Files, crc32 } = await load("files.js");
const { Engine } = await load("engine.js");
const view = await load("view.js");

const made = new Map();
const once = (key, make) => made.get(key) ?? made.set(key, make()).get(key);
const folder = (path) => new Engine(new Files(`${path}/`, async (address) => {
  const file = decodeURIComponent(address.split("?")[0]);
  return fs.existsSync(file) ? new Response(fs.readFileSync(file)) : new Response("", { status: 404 });
}));

const tasks = {
  tokens: ({ vocabulary, texts }) => {
    const tokenizer = once(vocabulary, () => new Tokenizer(fs.readFileSync(vocabulary, "utf-8")));
    return texts.map((each) => tokenizer.tokens(each));
  },
  units: ({ vocabulary, units }) => new Tokenizer(fs.readFileSync(vocabulary, "utf-8")).tokens(String.fromCharCode(...units)),
  index: ({ path, query, probe, rows }) => {
    try {
      const index = faiss.parse(bytes(path));
      return { d: index.d, rows: index.rows, scores: [...index.scores(query, probe).values], some: rows.map((n) => [...index.row(n)]) };
    } catch (error) {
      return { refused: error instanceof faiss.Damaged, message: error.message };
    }
  },
  damaged: ({ path, cuts, flips }) => {
    const whole = new Uint8Array(bytes(path)), outcomes = {};
    const note = (copy) => {
      let outcome = "read";
      try {
        faiss.parse(copy.buffer);
      } catch (error) {
        outcome = error instanceof faiss.Damaged ? "refused" : `${error.constructor.name}: ${error.message}`;
      }
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
    };
    for (const cut of cuts) note(whole.slice(0, cut));
    for (const [at, value] of flips) {
      const copy = whole.slice();
      copy[at] = value;
      note(copy);
    }
    return outcomes;
  },
  terms: ({ texts }) => texts.map((each) => text.terms([...text.fold(each)]).map((t) => t.term)),
  marks: ({ pairs }) => pairs.map(([shown, wanted]) => text.marks(shown, new Set(wanted)).map(([a, b]) => shown.slice(a, b))),
  parse: ({ texts }) => texts.map((each) => query.parse(each)),
  addresses: ({ texts }) => texts.map((each) => query.addresses(each)),
  edits: ({ pairs, most }) => pairs.map(([a, b]) => words.edits([...a], [...b], most)),
  crc: ({ texts }) => texts.map((each) => crc32(new TextEncoder().encode(each))),
  excerpt: ({ shown, ranges }) => view.excerpt(shown, ranges),
  search: async ({ path, session = "", text: asked, k }) => {
    try {
      return await once(`${session} ${path}`, () => folder(path)).search(asked, k);
    } catch (error) {
      return { failed: error.message, kind: error.constructor.name };
    }
  },
};

for await (const line of readline.createInterface({ input: process.stdin })) {
  const task = JSON.parse(line);
  console.log(JSON.stringify(await tasks[task.task](task)));
}
