/* The page's end of the search: asks the worker, hands over what comes back for the newest question only. */

export class Client {
  /**
   * @param {string} base address of the folder with the search files
   * @param {(data: {failed?: string, made?: string}) => void} opened called once the files were looked at
   */
  constructor(base, opened = () => {}) {
    this.base = base;
    this.opened = opened;
    this.number = 0;
    this.waiting = null;
    this.start();
  }

  start() {
    try {
      this.worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
    } catch {
      this.inThePage();
      return;
    }
    this.worker.addEventListener("message", ({ data }) => this.hear(data));
    /* the worker itself could not be loaded: a browser without module workers */
    this.worker.addEventListener("error", (event) => {
      event.preventDefault();
      this.inThePage();
    });
    this.worker.postMessage({ base: this.base });
    this.send = (message) => this.worker.postMessage(message);
  }

  /** Without a worker the search runs here; typing may stutter then. */
  inThePage() {
    this.worker?.terminate();
    this.worker = null;
    const engine = Promise.all([import("./engine.js"), import("./files.js"), import("./serve.js")])
      .then(([{ Engine }, { Files }, { serve }]) => serve(new Engine(new Files(this.base)), (data) => this.hear(data)));
    this.send = (message) => engine.then((answer) => answer(message), (error) =>
      this.hear({ number: message.number, failed: error.message, kind: error.constructor.name }));
    if (this.waiting) this.send(this.waiting.message);
  }

  hear(data) {
    if (data.number === 0 && !this.waiting) this.opened(data);
    if (data.number !== this.number || !this.waiting) return;
    this.waiting.hear(data);
  }

  /**
   * Ask; an answer to an older question is dropped.
   * @param {(data: {answer?: object, failed?: string, made?: string}) => void} hear called once or twice
   */
  ask(text, k, hear) {
    const message = { number: ++this.number, text, k };
    this.waiting = { message, hear };
    this.send(message);
  }

  /** Nobody waits any more. */
  forget() {
    this.number += 1;
    this.waiting = null;
  }
}
