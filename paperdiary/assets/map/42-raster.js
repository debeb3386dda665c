/* Points while something moves: drawn by hand into pixels, since neither SVG nor WebGL without a graphics card
   redraws ten thousand points within a frame. At rest Plotly draws them (40-plot.js), at the same places. */

const RING = 4; //: the symbol after the four of the palette: a thin ring around a point
const PAD = 160; //: px that are drawn around what is seen
const PHASES = 4; //: places within a pixel, in each direction

/** The outline of a symbol of radius r around (x, y), in the shapes that Plotly and the SVG have. */
const outline = (pen, symbol, x, y, r) => {
  pen.beginPath();
  if (symbol === 1) {
    for (const [dx, dy] of [[1.3, 0], [0, 1.3], [-1.3, 0], [0, -1.3]]) pen.lineTo(x + dx * r, y + dy * r);
  } else if (symbol === 2) pen.rect(x - r, y - r, 2 * r, 2 * r);
  else if (symbol === 3) {
    for (const [dx, dy] of [[-1.1547, 0.5], [1.1547, 0.5], [0, -1]]) pen.lineTo(x + dx * r, y + dy * r);
  } else pen.arc(x, y, r, 0, 2 * Math.PI);
  pen.closePath();
};

class Raster {
  constructor(canvas) {
    this.canvas = canvas;
    this.pen = canvas.getContext("2d", { willReadFrequently: true });
    this.stamps = new Map();
  }

  /** Size in CSS pixels of what is seen; the canvas is larger by PAD on every side, so that it can be pushed about.
      The stamps are made anew where pixels have another size. */
  fit(seenWidth, seenHeight) {
    const width = seenWidth + 2 * PAD, height = seenHeight + 2 * PAD, ratio = Math.min(devicePixelRatio || 1, 2);
    Object.assign(this.canvas.style, { left: `${-PAD}px`, top: `${-PAD}px`, width: `${width}px`, height: `${height}px` });
    const wide = Math.max(1, Math.round(width * ratio)), high = Math.max(1, Math.round(height * ratio));
    if (wide === this.wide && high === this.high && ratio === this.ratio) return;
    if (ratio !== this.ratio) this.stamps.clear();
    Object.assign(this, { ratio, wide, high });
    Object.assign(this.canvas, { width: wide, height: high });
    this.image = this.pen.createImageData(wide, high);
    this.pixels = new Uint32Array(this.image.data.buffer);
    for (const stamp of this.stamps.values()) stamp.row = 0;
  }

  /** The pixels that a mark covers: their places beside the middle and how much of each is covered (0..255). */
  stamp(symbol, open, size, line, px, py) {
    const key = `${symbol} ${open} ${size} ${line} ${px} ${py}`;
    let stamp = this.stamps.get(key);
    if (!stamp) {
      const r = (size / 2) * this.ratio, half = Math.ceil(r * 1.4 + line * this.ratio + 1), side = 2 * half + 1;
      this.scrap ??= document.createElement("canvas").getContext("2d", { willReadFrequently: true });
      const pen = this.scrap;
      Object.assign(pen.canvas, { width: side, height: side });
      outline(pen, symbol, half + px / PHASES, half + py / PHASES, r);
      if (open) {
        pen.lineWidth = line * this.ratio;
        pen.stroke();
      } else pen.fill();
      const alpha = pen.getImageData(0, 0, side, side).data, dx = [], dy = [], cover = [];
      for (let n = 0; n < side * side; n++)
        if (alpha[4 * n + 3]) {
          dx.push((n % side) - half);
          dy.push(Math.floor(n / side) - half);
          cover.push(alpha[4 * n + 3]);
        }
      stamp = { half, dx: Int16Array.from(dx), dy: Int16Array.from(dy), cover: Uint8Array.from(cover), off: new Int32Array(dx.length), row: 0 };
      this.stamps.set(key, stamp);
    }
    if (stamp.row !== this.wide) {
      stamp.row = this.wide;
      for (let j = 0; j < stamp.off.length; j++) stamp.off[j] = stamp.dy[j] * this.wide + stamp.dx[j];
    }
    return stamp;
  }

  /** Draw layers of marks: {rows, x, y (CSS px per row), colour: [r, g, b][], look: index per row or a number,
      symbol, open (per row or a number), fade (0..255 per row or a number), size, line}. */
  draw(layers) {
    const began = performance.now();
    this.pixels.fill(0);
    this.canvas.style.transform = "";
    for (const layer of layers) this.layer(layer);
    this.pen.putImageData(this.image, 0, 0);
    const took = performance.now() - began;
    this.cost = this.cost === undefined ? took : Math.min(0.7 * this.cost + 0.3 * took, took * 2);
    this.drawnAt = performance.now();
  }

  /** Show the last picture moved and scaled: [[left, top] of what was at the corner, scale]. */
  push(left, top, scale) {
    this.canvas.style.transform = `translate(${left}px,${top}px) scale(${scale})`;
  }

  layer({ rows, x, y, colours, look, symbol, open, fade, size, line }) {
    const { pixels, wide, high, ratio } = this, stamps = new Array(5 * 2 * PHASES * PHASES).fill(null);
    const solids = Uint32Array.from(colours, ([r, g, b]) => (b << 16) | (g << 8) | r);
    const looks = typeof look !== "number", symbols = typeof symbol !== "number", opens = typeof open !== "number", fades = typeof fade !== "number";
    for (let n = 0; n < rows.length; n++) {
      const row = rows[n], left = (x[row] + PAD) * ratio, top = (y[row] + PAD) * ratio;
      if (!(left > -40 && top > -40 && left < wide + 40 && top < high + 40)) continue;
      const fx = Math.floor(left), fy = Math.floor(top);
      const px = ((left - fx) * PHASES) | 0, py = ((top - fy) * PHASES) | 0;
      const shape = symbols ? symbol[row] : symbol, hollow = opens ? open[row] : open;
      const key = ((shape * 2 + hollow) * PHASES + px) * PHASES + py;
      const stamp = stamps[key] ?? (stamps[key] = this.stamp(shape, hollow, size, line, px, py));
      const solid = solids[looks ? look[row] : look], strength = fades ? fade[row] : fade;
      const { half } = stamp;
      if (fx >= half && fy >= half && fx < wide - half && fy < high - half)
        this.print(pixels, stamp.off, stamp.cover, fy * wide + fx, solid, strength);
      else this.print(pixels, ...this.cut(stamp, fx, fy), fy * wide + fx, solid, strength);
    }
  }

  /** What of a stamp lies within the picture. */
  cut({ off, cover, dx, dy }, fx, fy) {
    const some = [...off.keys()].filter((j) => fx + dx[j] >= 0 && fx + dx[j] < this.wide && fy + dy[j] >= 0 && fy + dy[j] < this.high);
    return [some.map((j) => off[j]), some.map((j) => cover[j])];
  }

  /** One mark over what is there; this is the inner loop, so it is plain. */
  print(pixels, off, cover, base, solid, strength) {
    const sb = (solid >> 16) & 255, sg = (solid >> 8) & 255, sr = solid & 255;
    for (let j = 0; j < off.length; j++) {
      const at = base + off[j], a = strength === 255 ? cover[j] : (cover[j] * strength) >> 8, under = pixels[at];
      if (a === 255 || under === 0) pixels[at] = (a << 24) | solid;
      else {
        const ua = under >>> 24;
        if (ua === 255) {
          const rest = 255 - a;
          pixels[at] = 0xff000000 | ((((sb * a + ((under >> 16) & 255) * rest) * 257) >>> 16) << 16)
            | ((((sg * a + ((under >> 8) & 255) * rest) * 257) >>> 16) << 8) | (((sr * a + (under & 255) * rest) * 257) >>> 16);
        } else {
          const weight = a * 255, rest = ua * (255 - a), whole = weight + rest;
          pixels[at] = (((whole / 255) | 0) << 24) | (((sb * weight + ((under >> 16) & 255) * rest) / whole) << 16)
            | ((((sg * weight + ((under >> 8) & 255) * rest) / whole) | 0) << 8) | (((sr * weight + (under & 255) * rest) / whole) | 0);
        }
      }
    }
  }
}
