/* The search in a thread of its own, so that typing never waits. All modules are named here: they load side by side. */
import "./unicode.js";
import "./tokenizer.js";
import "./text.js";
import "./query.js";
import "./words.js";
import "./faiss.js";
import "./encoder.js";
import { Files } from "./files.js";
import { Engine } from "./engine.js";
import { serve } from "./serve.js";

let answer = null;
addEventListener("message", ({ data }) => {
  if (data.base) answer = serve(new Engine(new Files(data.base)), (message) => postMessage(message));
  else answer?.(data);
});
