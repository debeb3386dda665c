/* A hit as elements. Everything from a note goes in as text, never as markup. */

const LONG = 320, BEFORE = 90; // characters of a passage that are shown, and of those before its first marked word
const FOUND = { words: "found by words", meaning: "found by meaning", both: "found by words and meaning" };

export function make(name, className, ...children) {
  const element = document.createElement(name);
  if (className) element.className = className;
  element.append(...children);
  return element;
}

/** Text with ranges in <mark>. */
function marked(text, ranges) {
  const out = [];
  let at = 0;
  for (const [start, end] of ranges) {
    if (start > at) out.push(text.slice(at, start));
    out.push(make("mark", "", text.slice(start, end)));
    at = end;
  }
  out.push(text.slice(at));
  return out;
}

/**
 * The part of a text that shows the most different marked words, with its marks.
 * @returns {{text: string, ranges: [number, number][]}}
 */
export function excerpt(text, ranges) {
  if (text.length <= LONG) return { text, ranges };
  let best = 0, most = -1;
  for (const [start] of ranges) {
    const words = new Set();
    for (const [from, to] of ranges) if (from >= start && to <= start + LONG - BEFORE) words.add(text.slice(from, to).toLowerCase());
    if (words.size > most) {
      most = words.size;
      best = start;
    }
  }
  const from = wordAt(text, Math.max(0, Math.min(best - BEFORE, text.length - LONG)), 1);
  const to = wordAt(text, Math.min(text.length, from + LONG), -1);
  const lead = from > 0 ? "… " : "", tail = to < text.length ? " …" : "";
  const shift = lead.length - from;
  return {
    text: lead + text.slice(from, to) + tail,
    ranges: ranges.filter(([a, b]) => a >= from && b <= to).map(([a, b]) => [a + shift, b + shift]),
  };
}

/** The nearest gap between words in a direction, within 24 characters; never inside a surrogate pair. */
function wordAt(text, at, step) {
  if (at <= 0 || at >= text.length) return at;
  for (let n = 0; n < 24; n++) {
    const near = at + n * step;
    if (text[near] === " ") return step > 0 ? near + 1 : near;
  }
  return /[\udc00-\udfff]/.test(text[at]) ? at + step : at;
}

const day = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });

/** A place in the site, never another scheme: `page` comes from a file. */
export function address(base, page) {
  const url = new URL(base + page, document.baseURI);
  return url.protocol === location.protocol && url.host === location.host ? url.href : base;
}

/**
 * One hit of the list.
 * @param {object} hit as the engine gives it
 * @param {{base: string, topics: Object<string, string>}} site
 */
export function item(hit, site) {
  const link = make("a", "pd-hit__title", ...marked(hit.title || "Untitled", hit.marks.title));
  link.href = address(site.base, hit.page);
  const body = [make("h2", "pd-hit__head", link)];
  if (hit.text || hit.heading) {
    const { text, ranges } = excerpt(hit.text, hit.marks.text);
    const passage = make("p", "pd-hit__text");
    if (hit.heading && hit.heading !== hit.title)
      passage.append(make("span", "pd-hit__heading", ...marked(hit.heading, hit.marks.heading)), " ");
    passage.append(...marked(text, ranges));
    body.push(passage);
  }
  const facts = make("p", "pd-hit__facts");
  if (hit.date) {
    const date = new Date(`${hit.date}T00:00:00Z`);
    const when = make("time", "", Number.isNaN(+date) ? hit.date : day.format(date));
    when.dateTime = hit.date;
    facts.append(when);
  }
  if (hit.topic) facts.append(make("span", "", site.topics[hit.topic] ?? hit.topic));
  if (hit.kind && hit.kind !== "paper") facts.append(make("span", "pd-kind", hit.kind));
  if (hit.status && hit.status !== "read") facts.append(make("span", "pd-status", hit.status));
  if (FOUND[hit.found]) facts.append(make("span", "pd-hit__found", FOUND[hit.found]));
  body.push(facts);
  const element = make("li", "pd-hit", ...body);
  element.dataset.id = hit.id;
  element.dataset.found = hit.found;
  return element;
}
