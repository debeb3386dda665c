/* Colour by a field: what each row belongs to, how that looks, and what a click in the legend filters. */

const FIELDS = {
  cluster: "Cluster", topic: "Topic", kind: "Kind", status: "Status", read: "Month read", published: "Year published",
};
const NO_TOPIC = "none";
const LOOKS = 20; //: topics that have a look of their own; the rest share one
const BINS = 9; //: steps of a ramp, at most

/* Oklab (Ottosson, 2020): equal steps in it are equal steps to the eye. */
const fromOklab = ([l, a, b]) => {
  const cubes = [l + 0.3963377774 * a + 0.2158037573 * b, l - 0.1055613458 * a - 0.0638541728 * b, l - 0.0894841775 * a - 1.291485548 * b].map((v) => v ** 3);
  const linear = [
    4.0767416621 * cubes[0] - 3.3077115913 * cubes[1] + 0.2309699292 * cubes[2],
    -1.2684380046 * cubes[0] + 2.6097574011 * cubes[1] - 0.3413193965 * cubes[2],
    -0.0041960863 * cubes[0] - 0.7034186147 * cubes[1] + 1.707614701 * cubes[2],
  ];
  return linear.map((v) => {
    const c = Math.min(Math.max(v, 0), 1);
    return Math.round(255 * (c <= 0.0031308 ? 12.92 * c : 1.055 * c ** (1 / 2.4) - 0.055));
  });
};
const hex = (rgb) => `#${rgb.map((v) => v.toString(16).padStart(2, "0")).join("")}`;

/* From long ago to lately: ochre, rose, blue on paper; blue, rose, yellow on dark. Lightness falls or rises all the
   way, so that the ramp can be read without telling hues apart. */
const RAMPS = {
  light: [[0.71, 0.03, 0.13], [0.5, 0.13, 0.02], [0.28, 0.02, -0.13]],
  dark: [[0.53, 0.03, -0.15], [0.69, 0.12, 0.01], [0.92, -0.02, 0.14]],
};

/** `count` colours along a ramp, at equal distances in Oklab. */
const ramp = (count, dark) => {
  const [a, b, c] = RAMPS[dark ? "dark" : "light"];
  const first = Math.hypot(...a.map((v, i) => b[i] - v)), second = Math.hypot(...b.map((v, i) => c[i] - v));
  return Array.from({ length: count }, (_, n) => {
    const way = (count < 2 ? 1 : n / (count - 1)) * (first + second);
    const [from, to, t] = way < first ? [a, b, way / first] : [b, c, (way - first) / second];
    return hex(fromOklab(from.map((v, i) => v + (to[i] - v) * t)));
  });
};

const MONTH_NAMES = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const monthName = (text) => `${MONTH_NAMES[Number(text.slice(5, 7)) - 1]} ${text.slice(0, 4)}`;

/** Neighbouring values put together so that every step holds about as many rows; values are sorted strings. */
const bins = (values) => {
  const counts = new Map();
  for (const value of [...values].sort()) counts.set(value, (counts.get(value) ?? 0) + 1);
  const steps = [];
  let left = values.length, open = BINS;
  for (const [value, count] of counts) {
    const last = steps.at(-1);
    const scarce = counts.size > BINS;
    if (last && scarce && last.count + count / 2 <= last.aim) {
      last.to = value;
      last.count += count;
    } else if (last && scarce && open === 0) {
      last.to = value;
      last.count += count;
    } else {
      steps.push({ from: value, to: value, count, aim: left / open });
      open -= 1;
    }
    left -= count;
  }
  return steps;
};

/** The items of a field: {label, count, colour: number | "soft", symbol: 0..3, filter: {key: value} | null}. */
class Field {
  constructor(data, name) {
    Object.assign(this, { name, label: FIELDS[name], ordinal: name === "read" || name === "published" });
    this.codes = new Int16Array(data.size).fill(-1);
    if (this.ordinal) this.byTime(data);
    else this.byName(data);
    this.counts = new Array(this.items.length).fill(0);
    for (const code of this.codes) if (code >= 0) this.counts[code] += 1;
  }

  byName(data) {
    const { name } = this;
    if (name === "cluster") {
      this.key = "clusters";
      this.codes = Int16Array.from(data.clusters);
      this.items = data.clusterNames.map(({ name: label, look, page }) => ({
        label, page, colour: look % 10, symbol: Math.floor(look / 10) % 4,
      }));
    } else if (name === "topic") {
      this.key = "topics";
      const none = data.topicNames.length;
      this.codes = Int16Array.from(data.topics, (code) => (code < 0 ? none : code));
      const rank = new Map(byFrequency(data.topics, none).map((code, n) => [code, n]));
      this.items = [...data.topicNames, { name: "No topic" }].map(({ name: label, page }, code) => {
        const n = rank.get(code) ?? LOOKS;
        return { label, page, colour: n < LOOKS ? n % 10 : "soft", symbol: n < LOOKS ? Math.floor(n / 10) : 0 };
      });
    } else {
      this.key = name === "kind" ? "kinds" : "statuses";
      this.codes = Int16Array.from(name === "kind" ? data.kinds : data.statuses);
      const labels = name === "kind" ? data.kindNames : data.statusNames;
      const rank = new Map(byFrequency(this.codes, labels.length).map((code, n) => [code, n]));
      this.items = labels.map((label, code) => {
        const n = rank.get(code) ?? 0;
        return { label: label.charAt(0).toUpperCase() + label.slice(1), colour: n % 10, symbol: Math.floor(n / 10) % 4 };
      });
    }
  }

  byTime(data) {
    this.by = this.name;
    const value = (row) => (this.by === "read" ? data.month(row) : (data.published[row]?.slice(0, 4) ?? null));
    const values = Array.from({ length: data.size }, (_, row) => value(row));
    const steps = bins(values.filter((v) => v !== null));
    this.items = steps.map(({ from, to }, n) => ({
      label: this.by === "published" ? (from === to ? from : `${from} – ${to}`)
        : from === to ? monthName(from) : `${monthName(from)} – ${monthName(to)}`,
      colour: n, symbol: 0,
      filter: this.by === "published" ? { by: "published", from: `${from}-01`, to: `${to}-12` } : { by: "read", from, to },
    }));
    this.items.push({ label: "No date", colour: "soft", symbol: 0 });
    values.forEach((v, row) => {
      this.codes[row] = v === null ? steps.length : steps.findIndex(({ to }) => v <= to);
    });
  }
}

/** Colours as they are now: of the scheme, of the reader's own stylesheet. */
class Palette {
  constructor(root, data) {
    Object.assign(this, { root, data, fields: new Map() });
    this.refresh();
  }

  /** Read the scheme and the named colours anew; whether any is another now. */
  refresh() {
    const style = getComputedStyle(this.root);
    const named = (...names) => names.map((name) => style.getPropertyValue(name).trim()).find(Boolean);
    this.dark = this.isDark();
    const fixed = this.data.palette[this.dark ? "dark" : "light"];
    this.theme = {
      dark: this.dark,
      ink: named("--pd-ink", "--md-default-fg-color") ?? style.color,
      paper: named("--pd-paper", "--md-default-bg-color") ?? (this.dark ? "#1b1b1b" : "#fff"),
      raised: named("--pd-raised", "--pd-paper", "--md-default-bg-color") ?? (this.dark ? "#1b1b1b" : "#fff"),
      soft: named("--pd-soft", "--md-default-fg-color--light") ?? (this.dark ? "#a9a9a9" : "#666"),
      line: named("--pd-line", "--md-default-fg-color--lightest") ?? (this.dark ? "#444" : "#ddd"),
      accent: named("--pd-accent", "--md-accent-fg-color") ?? (this.dark ? "#8ab4f8" : "#1a56b0"),
      mark: named("--pd-mark") ?? (this.dark ? "#7a5c00" : "#ffe08a"),
      sans: named("--pd-sans") ?? style.fontFamily,
    };
    // Plotly reads fewer ways to write a colour than browsers do
    for (const name of Object.keys(this.theme)) if (name !== "dark" && name !== "sans") this.theme[name] = plain(this.theme[name], this.theme.paper);
    this.categories = fixed.map((colour, n) => plain(named(`--pd-c${n + 1}`) ?? colour, this.theme.paper));
    this.faint = this.dark ? "#8b8b86" : "#87877f";
    const before = this.read;
    this.read = JSON.stringify([this.theme, this.categories]);
    return this.read !== before;
  }

  /** The scheme is that of the page behind the map, whoever made its theme. */
  isDark() {
    for (let element = this.root; element; element = element.parentElement) {
      const [r, g, b, a = 1] = (getComputedStyle(element).backgroundColor.match(/[\d.]+/g) ?? []).map(Number);
      if (r !== undefined && a > 0.5) return 0.2126 * r + 0.7152 * g + 0.0722 * b < 128;
    }
    return false;
  }

  field(name) {
    if (!this.fields.has(name)) this.fields.set(name, new Field(this.data, name));
    return this.fields.get(name);
  }

  /** The colour of each item of a field, as CSS. */
  colours(field) {
    const steps = field.ordinal ? ramp(field.items.length - 1, this.dark) : this.categories;
    return field.items.map(({ colour }) => (colour === "soft" ? this.faint : steps[colour]));
  }
}

/** Any CSS colour as [r, g, b]; one that lets light through as it looks on `ground`. */
const rgbOf = (() => {
  const seen = new Map();
  let context = null;
  return (css, ground = "#fff") => {
    const key = `${css} ${ground}`;
    if (!seen.has(key)) {
      context ??= Object.assign(document.createElement("canvas"), { width: 1, height: 1 }).getContext("2d", { willReadFrequently: true });
      for (const colour of ["#fff", ground, css]) {
        context.fillStyle = "#888";
        context.fillStyle = colour;
        context.fillRect(0, 0, 1, 1);
      }
      seen.set(key, [...context.getImageData(0, 0, 1, 1).data.slice(0, 3)]);
    }
    return seen.get(key);
  };
})();
const plain = (css, ground) => hex(rgbOf(css, ground));
