/* Messages to an engine and back; the same in a worker and in the page. */

const PATIENCE = 120; // milliseconds: once results are shown, meaning may take so long before words alone replace them

/**
 * @param {import("./engine.js").Engine} engine
 * @param {(message: object) => void} post
 * @returns {(message: {number: number, text: string, k: number}) => void}
 */
export function serve(engine, post) {
  let newest = 0;
  const failure = (error) => ({ failed: error.message, kind: error.constructor.name });
  engine.open().then((meta) => post({ number: 0, made: meta.made }), (error) => post({ number: 0, ...failure(error) }));
  return async ({ number, text, k }) => {
    newest = number;
    const stale = () => number !== newest;
    try {
      const early = (answer) => stale() || post({ number, answer });
      const answer = await engine.search(text, k, early, stale);
      if (answer) post({ number, answer, made: engine.meta.made });
      engine.patience = PATIENCE;
    } catch (error) {
      if (!stale()) post({ number, ...failure(error) });
    }
  };
}
