/* The columns of map-points.js (row i is entry i), with what the map asks of them. */

/** Index of every value that occurs, the most frequent first. */
const byFrequency = (codes, count) => {
  const counts = new Array(count).fill(0);
  for (const code of codes) if (code >= 0) counts[code] += 1;
  return counts.map((_, code) => code).filter((code) => counts[code]).sort((a, b) => counts[b] - counts[a] || a - b);
};

class Columns {
  constructor(raw) {
    Object.assign(this, raw);
    this.size = raw.ids.length;
    this.rows = new Map(raw.ids.map((id, row) => [id, row]));
    this.made = new Map();
  }

  row(id) {
    return this.rows.get(id) ?? -1;
  }

  get names() {
    return Object.keys(this.projections);
  }

  /** One projection: x and y as numbers in the plane, and all that lies in it. */
  plane(name) {
    if (!this.made.has(name)) {
      const raw = this.projections[name], scale = raw.scale ?? 1;
      const numbers = (values) => Float64Array.from(values, (v) => v / scale);
      this.made.set(name, { ...raw, x: numbers(raw.x), y: numbers(raw.y) });
    }
    return this.made.get(name);
  }

  /** Rows whose place is doubtful on this map: at most `limit` % of their neighbours are kept.
      The limit is chosen so that a mark stays an exception (a tenth of the rows at most). */
  doubtful(name) {
    const { kept } = this.projections[name];
    if (!kept || !this.judged) return { limit: 0, rows: [] };
    const below = (limit) => kept.flatMap((share, row) => (share !== null && share <= limit ? [row] : []));
    for (const limit of [30, 20, 10]) {
      const rows = below(limit);
      if (rows.length && rows.length <= this.size / 10) return { limit, rows };
    }
    return { limit: 0, rows: below(0) };
  }

  /** How many entries a neighbourhood has here (ten, fewer in a small diary). */
  get nearby() {
    return this.near || Math.min(10, this.size - 1);
  }

  /** In a handful of entries everything is near everything: there is nothing to say. */
  get judged() {
    return this.size > 12;
  }

  month(row) {
    return this.dates[row]?.slice(0, 7) ?? null;
  }

  /** The first and last month that may be meant: a published "2017" is all of that year. */
  months(row, by) {
    const text = by === "published" ? this.published[row] : this.dates[row];
    if (!text) return null;
    return text.length < 7 ? [`${text.slice(0, 4)}-01`, `${text.slice(0, 4)}-12`] : [text.slice(0, 7), text.slice(0, 7)];
  }
}

/** A row's mask for the options of a marker: `topic=marl cluster=c3 since=2024-01`. */
const optionMask = (data, options) => {
  const mask = new Uint8Array(data.size).fill(1);
  const keep = (test) => {
    for (let row = 0; row < data.size; row++) if (!test(row)) mask[row] = 0;
  };
  const same = (a, b) => String(a ?? "").toLowerCase() === String(b ?? "").toLowerCase();
  if (options.topic) {
    const topic = data.topicNames.findIndex(({ name, page, key }) =>
      same(key, options.topic) || same(name, options.topic) || same(page?.replace(/\/$/, "").split("/").at(-1), options.topic));
    keep((row) => topic >= 0 && data.topics[row] === topic);
  }
  if (options.cluster) {
    const cluster = data.clusterNames.findIndex(({ id, name }) => same(id, options.cluster) || same(name, options.cluster));
    keep((row) => cluster >= 0 && data.clusters[row] === cluster);
  }
  if (options.since) keep((row) => (data.dates[row] ?? "") >= options.since);
  return mask;
};
