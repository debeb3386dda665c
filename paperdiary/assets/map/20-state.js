/* What is shown: one object that the URL mirrors, so that a view can be sent to somebody. */

const MONTH = /^\d{4}-(0[1-9]|1[0-2])$/;

/* In a list, a comma that belongs to a name has a backslash before it. */
const joinList = (names) => names.map((name) => name.replace(/[\\,]/g, "\\$&")).join(",");
const splitList = (text) => (text.match(/(?:\\.|[^,\\])+/gs) ?? []).map((part) => part.replace(/\\(.)/gs, "$1"));

const sameValue = (a, b) => {
  if (a === b) return true;
  if (a instanceof Set && b instanceof Set) return a.size === b.size && [...a].every((v) => b.has(v));
  return Array.isArray(a) && Array.isArray(b) && JSON.stringify(a) === JSON.stringify(b);
};

/** What each key may be, and how it is written in the URL; `read` answers undefined for what makes no sense. */
const viewKeys = (data) => {
  const flag = (url, fallback) => ({
    url, fallback, read: (t) => ({ 1: true, 0: false })[t], write: (v) => (v ? "1" : "0"),
  });
  const word = (url, fallback, words) => ({ url, fallback, read: (t) => (words.includes(t) ? t : undefined), write: (v) => v });
  const month = (url) => ({ url, fallback: null, read: (t) => (MONTH.test(t) ? t : undefined), write: (v) => v });
  const some = (url, names) => ({
    url, fallback: null,
    read: (text) => {
      const codes = splitList(text).map((name) => names.indexOf(name)).filter((code) => code >= 0);
      return codes.length ? new Set(codes) : undefined;
    },
    write: (set) => joinList([...set].sort((a, b) => a - b).map((code) => names[code])),
  });
  const page = { fallback: null };
  return {
    projection: word("view", data.first, data.names),
    colour: word("colour", "cluster", Object.keys(FIELDS)),
    hulls: flag("hulls", false),
    order: flag("order", false),
    names: flag("names", true),
    doubt: flag("doubt", true),
    lines: flag("lines", true),
    table: flag("table", false),
    query: { url: "q", fallback: "", read: (t) => t.slice(0, 1000), write: (v) => v },
    from: month("from"),
    to: month("to"),
    by: word("by", "read", ["read", "published"]),
    undated: flag("undated", true),
    picked: { url: "pick", fallback: null, read: (id) => (data.rows.has(id) ? id : undefined), write: (v) => v },
    kinds: some("kind", data.kindNames),
    statuses: some("status", data.statusNames),
    topics: some("topic", [...data.topicNames.map(({ name }) => name), NO_TOPIC]),
    clusters: some("cluster", data.clusterNames.map(({ id }) => id)),
    zoom: {
      url: "at", fallback: null,
      read: (text) => {
        const n = text.split(",").map(Number);
        const sound = n.length === 4 && n.every((v) => Number.isFinite(v) && Math.abs(v) < 1e6) && n[1] - n[0] > 1e-6 && n[3] - n[2] > 1e-6;
        return sound ? [[n[0], n[1]], [n[2], n[3]]] : undefined;
      },
      write: ([[x0, x1], [y0, y1]]) => {
        const places = Math.max(0, Math.min(8, 3 - Math.floor(Math.log10(Math.min(x1 - x0, y1 - y0)))));
        return [x0, x1, y0, y1].map((v) => String(Number(v.toFixed(places)))).join(",");
      },
    },
    selected: page,
    lit: page,
    only: { fallback: false },
  };
};

class View {
  /** `shared`: this view is the page's, so the URL follows it. `first`: what the marker's options ask for. */
  constructor(data, { shared = false, first = {} } = {}) {
    this.keys = viewKeys(data);
    this.shared = shared;
    this.path = location.pathname; // instant navigation goes on to other pages while this one is still there
    this.listeners = [];
    this.fallbacks = Object.fromEntries(Object.entries(this.keys).map(([key, { fallback }]) => [key, fallback]));
    for (const [key, text] of Object.entries(first)) {
      const value = this.keys[key]?.read?.(String(text));
      if (value !== undefined) this.fallbacks[key] = value;
    }
    this.values = { ...this.fallbacks, ...(shared ? this.fromUrl() : {}) };
  }

  get(key) {
    return this.values[key];
  }

  set(changes) {
    const changed = Object.keys(changes).filter((key) => key in this.keys && !sameValue(this.values[key], changes[key]));
    if (!changed.length) return;
    for (const key of changed) this.values[key] = changes[key];
    this.writeSoon();
    for (const { keys, fn } of [...this.listeners]) if (!keys || changed.some((key) => keys.has(key))) fn(changed);
  }

  /** `keys`: "a b", ["a", "b"] or "*". Answers a function that ends it. */
  on(keys, fn) {
    const names = typeof keys === "string" ? keys.split(/\s+/) : keys;
    const listener = { keys: names.includes("*") ? null : new Set(names), fn };
    this.listeners.push(listener);
    return () => { this.listeners = this.listeners.filter((other) => other !== listener); };
  }

  fromUrl(text = location.search) {
    const found = {};
    for (const [name, value] of new URLSearchParams(text)) {
      const key = Object.keys(this.keys).find((k) => this.keys[k].url === name);
      const read = key && this.keys[key].read(value);
      if (read !== undefined && key) found[key] = read;
    }
    return found;
  }

  /** The query string of this view; parameters that are not the map's stay. */
  query(keys = Object.keys(this.keys), kept = new URLSearchParams(location.search)) {
    for (const key of keys) {
      const { url, write } = this.keys[key];
      if (!url) continue;
      const value = this.values[key];
      if (sameValue(value, this.fallbacks[key]) || (value === null && this.fallbacks[key] === null)) kept.delete(url);
      else if (value !== null) kept.set(url, write(value));
    }
    return kept.toString().replaceAll("%2C", ",");
  }

  /** Writing waits until nothing changed for a moment: browsers refuse hundreds of changes a minute. */
  writeSoon() {
    if (!this.shared) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.write(), 250);
  }

  write() {
    clearTimeout(this.timer);
    if (location.pathname !== this.path) return;
    const query = this.query();
    const address = `${location.pathname}${query ? `?${query}` : ""}${location.hash}`;
    if (address !== location.pathname + location.search + location.hash) history.replaceState(history.state, "", address);
  }

  /** After back or forward: what the URL does not say is as at first. */
  restore() {
    clearTimeout(this.timer);
    if (location.pathname !== this.path) return;
    const kept = Object.fromEntries(Object.entries(this.keys).filter(([, k]) => !k.url).map(([key]) => [key, this.values[key]]));
    this.set({ ...this.fallbacks, ...this.fromUrl(), ...kept });
  }
}
