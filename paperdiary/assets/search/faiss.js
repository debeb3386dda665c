/* Reads an index that FAISS wrote: IndexFlat (IP), IndexScalarQuantizer and their IVF forms, inner product.
   Little-endian and packed, so vectors are sliced out before they are viewed. Every length is checked against
   the bytes that are there: a file that ends early, or is not one, ends in Damaged. */

export class Damaged extends Error {}

const NAMES = { IxFI: "flat", IxSQ: "scalar", IwFl: "ivf-flat", IwSq: "ivf-scalar" };
const EIGHT_BIT = 0, HALF = 4; // quantizer types

class Reader {
  constructor(buffer) {
    this.buffer = buffer;
    this.view = new DataView(buffer);
    this.at = 0;
  }

  take(size) {
    if (!(size >= 0 && this.at + size <= this.buffer.byteLength)) throw new Damaged("the index ends too early");
    const at = this.at;
    this.at += size;
    return at;
  }

  byte() { return this.view.getUint8(this.take(1)); }
  int() { return this.view.getInt32(this.take(4), true); }
  float() { return this.view.getFloat32(this.take(4), true); }

  /** A 64-bit count of things that each take a byte or more: never negative, never more than the file holds. */
  count() {
    const value = this.view.getBigInt64(this.take(8), true);
    if (value < 0n || value > BigInt(this.buffer.byteLength)) throw new Damaged("a length in the index makes no sense");
    return Number(value);
  }

  name() {
    const at = this.take(4);
    return String.fromCharCode(...new Uint8Array(this.buffer, at, 4));
  }

  /** `count` elements of `Kind`, viewed in place where they are aligned. */
  array(Kind, count) {
    const at = this.take(count * Kind.BYTES_PER_ELEMENT);
    if (at % Kind.BYTES_PER_ELEMENT === 0) return new Kind(this.buffer, at, count);
    return new Kind(this.buffer.slice(at, this.at));
  }

  vector(Kind) { return this.array(Kind, this.count()); }

  header() {
    const d = this.int(), rows = this.count();
    this.take(16);
    const trained = this.byte(), metric = this.int();
    if (d < 1 || d > 65536) throw new Damaged(`the index has ${d} dimensions`);
    if (!trained && rows) throw new Damaged("the index is not trained");
    if (metric !== 0) throw new Damaged("the index is not one of inner products");
    return { d, rows };
  }

  quantizer(d) {
    const type = this.int();
    this.take(8);
    const own = this.count(), size = this.count(), trained = this.vector(Float32Array);
    if (own !== d) throw new Damaged("the quantizer has other dimensions than the index");
    if (type === EIGHT_BIT) {
      if (size !== d || trained.length !== 2 * d) throw new Damaged("the quantizer is not of 8 bits");
      return { size, low: trained.subarray(0, d), step: trained.subarray(d) };
    }
    if (type === HALF && size === 2 * d) return { size };
    throw new Damaged(`quantizer ${type} is not known here`);
  }
}

/**
 * The index in a file.
 * @param {ArrayBuffer} buffer
 * @returns {Index}
 * @throws {Damaged} it is not an index that is known here, or not whole
 */
export function parse(buffer) {
  const reader = new Reader(buffer);
  const kind = NAMES[reader.name()];
  if (!kind) throw new Damaged("this is not an index of a kind that is known here");
  const { d, rows } = reader.header();
  const index = kind === "flat" || kind === "scalar" ? whole(reader, kind, d, rows) : lists(reader, kind, d, rows);
  if (reader.at !== buffer.byteLength) throw new Damaged("the index is longer than it says");
  return index;
}

function whole(reader, kind, d, rows) {
  const quantizer = kind === "scalar" ? reader.quantizer(d) : null;
  const codes = quantizer ? reader.vector(Uint8Array) : reader.vector(Float32Array);
  if (codes.length !== rows * (quantizer ? quantizer.size : d)) throw new Damaged("the index lacks rows");
  return new Index(d, rows, quantizer, [{ codes, count: rows, ids: null, centroid: null }]);
}

function lists(reader, kind, d, rows) {
  const count = reader.count();
  reader.take(8); // how many lists FAISS would look into
  if (reader.name() !== "IxFI") throw new Damaged("the lists' centroids are not a flat index");
  const head = reader.header();
  const centroids = reader.vector(Float32Array);
  if (head.d !== d || head.rows !== count || centroids.length !== count * d) throw new Damaged("centroids are missing");
  const map = reader.byte();
  if (map > 1) throw new Damaged("the index has a map of rows of a kind that is not known here");
  reader.vector(BigInt64Array);
  let quantizer = null, residual = false;
  if (kind === "ivf-scalar") {
    quantizer = reader.quantizer(d);
    if (reader.count() !== quantizer.size) throw new Damaged("the lists have rows of another size");
    residual = reader.byte() === 1;
  }
  if (reader.name() !== "ilar") throw new Damaged("the lists are of a kind that is not known here");
  const size = reader.count() === count ? reader.count() : -1;
  if (size !== (quantizer ? quantizer.size : 4 * d)) throw new Damaged("the lists do not belong to the index");
  const form = reader.name(), sizes = new Float64Array(count);
  const listed = reader.vector(BigUint64Array);
  if (form === "full" && listed.length === count) listed.forEach((n, list) => (sizes[list] = Number(n)));
  else if (form === "sprs" && listed.length % 2 === 0)
    for (let n = 0; n < listed.length; n += 2) {
      if (listed[n] >= count) throw new Damaged("a list is out of range");
      sizes[Number(listed[n])] = Number(listed[n + 1]);
    }
  else throw new Damaged("the sizes of the lists are missing");
  const seen = new Uint8Array(rows), parts = [];
  let total = 0;
  sizes.forEach((n, list) => {
    if (!n) return;
    const codes = quantizer ? reader.array(Uint8Array, n * size) : reader.array(Float32Array, n * d);
    const wide = reader.array(BigInt64Array, n), ids = new Uint32Array(n);
    for (let row = 0; row < n; row++) {
      if (wide[row] < 0n || wide[row] >= BigInt(rows) || seen[Number(wide[row])])
        throw new Damaged("a row of the lists is out of range");
      ids[row] = Number(wide[row]);
      seen[ids[row]] = 1;
    }
    total += n;
    parts.push({ codes, count: n, ids, list, centroid: residual ? centroids.subarray(list * d, list * d + d) : null });
  });
  if (total !== rows) throw new Damaged("the lists lack rows");
  return new Index(d, rows, quantizer, parts, centroids);
}

export class Index {
  /**
   * @param {number} d dimensions
   * @param {number} rows
   * @param {?{size: number, low?: Float32Array, step?: Float32Array}} quantizer null: float32
   * @param {{codes, count, ids, centroid}[]} parts runs of rows; `ids` null: the rows in order
   * @param {?Float32Array} centroids of the lists, one after the other
   */
  constructor(d, rows, quantizer, parts, centroids = null) {
    Object.assign(this, { d, rows, quantizer, parts, centroids });
  }

  /**
   * Inner products of all rows with a query, summed in float64.
   * @param {Float64Array|Float32Array} query d numbers
   * @param {number} probe of an IVF index: lists to look into; the rows of the others have the inner product
   *   of their centroid. 0: all lists.
   * @returns {{values: Float64Array, missing: number}} one number a row; the variance that is missing in them:
   *   rows of lists not looked into are taken to vary as those of the others do
   */
  scores(query, probe = 0) {
    const out = new Float64Array(this.rows);
    const { weights, base } = this.prepare(query);
    const far = probe && this.centroids ? this.lists(query, probe) : null;
    let seen = 0, squares = 0;
    for (const { codes, count, ids, centroid, list } of this.parts) {
      if (far && !far.visited.has(list)) {
        for (const row of ids) out[row] = far.products[list];
        continue;
      }
      let start = base;
      if (centroid) for (let n = 0; n < this.d; n++) start += query[n] * centroid[n];
      dots(codes, weights, count, start, out, ids);
      if (!far) continue;
      seen += count;
      for (const row of ids) squares += (out[row] - far.products[list]) ** 2;
    }
    return { values: out, missing: far ? ((1 - seen / this.rows) * squares) / Math.max(seen, 1) : 0 };
  }

  /** The inner product of each list's centroid, and the lists that are looked into. */
  lists(query, probe) {
    const { d, centroids } = this, products = new Float64Array(centroids.length / d);
    products.forEach((_, list) => {
      for (let n = 0; n < d; n++) products[list] += query[n] * centroids[list * d + n];
    });
    const order = [...products.keys()].sort((a, b) => products[b] - products[a] || a - b);
    return { products, visited: new Set(order.slice(0, probe)) };
  }

  /** 8 bit: x = low + step (c + 1/2) / 255, so q·x = base + Σ weights·c. */
  prepare(query) {
    const weights = Float64Array.from(query), { low, step } = this.quantizer ?? {};
    let base = 0;
    if (low)
      for (let n = 0; n < this.d; n++) {
        weights[n] = (query[n] * step[n]) / 255;
        base += query[n] * (low[n] + (step[n] * 0.5) / 255);
      }
    return { weights, base };
  }

  /** One row as numbers. */
  row(number) {
    for (const { codes, count, ids, centroid } of this.parts) {
      const at = ids ? ids.indexOf(number) : number;
      if (at < 0 || at >= count) continue;
      const { low, step } = this.quantizer ?? {};
      return Float64Array.from({ length: this.d }, (_, n) => {
        const code = codes[at * this.d + n];
        return (low ? low[n] + (step[n] * (code + 0.5)) / 255 : code) + (centroid ? centroid[n] : 0);
      });
    }
    return null;
  }
}

/* Four rows at a time, so that a weight is fetched once for four products. */
function dots(codes, weights, count, start, out, ids) {
  const d = weights.length;
  let row = 0;
  for (; row + 4 <= count; row += 4) {
    const p = row * d;
    let a = 0, b = 0, c = 0, e = 0;
    for (let n = 0, q = p + d, r = q + d, s = r + d; n < d; n++) {
      const w = weights[n];
      a += w * codes[p + n];
      b += w * codes[q + n];
      c += w * codes[r + n];
      e += w * codes[s + n];
    }
    if (ids) {
      out[ids[row]] = start + a;
      out[ids[row + 1]] = start + b;
      out[ids[row + 2]] = start + c;
      out[ids[row + 3]] = start + e;
    } else {
      out[row] = start + a;
      out[row + 1] = start + b;
      out[row + 2] = start + c;
      out[row + 3] = start + e;
    }
  }
  for (; row < count; row++) {
    let a = 0;
    for (let n = 0, p = row * d; n < d; n++) a += weights[n] * codes[p + n];
    if (ids) out[ids[row]] = start + a;
    else out[row] = start + a;
  }
}
