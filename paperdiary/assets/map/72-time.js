/* The time slider: two handles over months, a histogram behind them, and play. */

const SVG = "http://www.w3.org/2000/svg";
const MOST_BARS = 120, OUTLYING = 0.02; // of the entries, the earliest may share the slider's first step
const monthNumber = (text) => Number(text.slice(0, 4)) * 12 + (text.length > 4 ? Number(text.slice(5, 7)) - 1 : 0);
const monthText = (n) => `${String(Math.floor(n / 12)).padStart(4, "0")}-${String((n % 12) + 1).padStart(2, "0")}`;

/** Months of all entries: first and last (a year alone means all its months), or null. */
function monthsOf(data, by) {
  return (by === "published" ? data.published : data.dates).map((text) => {
    if (!text) return null;
    const first = monthNumber(text);
    return [first, text.length === 4 ? first + 11 : first];
  });
}

class TimeBar {
  constructor(map) {
    this.map = map;
    this.element = ui.make("div", "pd-time", { role: "group", "aria-label": "Time" });
    this.play = ui.button("Play", () => (this.timer ? this.stop() : this.start()), "pd-time__play");
    this.from = this.handle("From");
    this.to = this.handle("To");
    this.bars = ["pd-time__bars", "pd-time__bars pd-time__bars--in"].map((name) => {
      const svg = document.createElementNS(SVG, "svg");
      for (const [key, value] of Object.entries({ class: name, "aria-hidden": "true", preserveAspectRatio: "none" })) svg.setAttribute(key, value);
      svg.append(document.createElementNS(SVG, "path"));
      return svg;
    });
    this.track = ui.make("div", "pd-time__track", {}, ...this.bars, this.from, this.to);
    this.track.addEventListener("pointerdown", (event) => this.grab(event));
    this.words = ui.make("p", "pd-time__words");
    this.all = ui.button("All of it", () => (this.stop(), map.view.set({ from: null, to: null })), "pd-time__all");
    this.by = ui.make("div", "pd-map__choice pd-time__by", { role: "group", "aria-label": "Time means" });
    for (const [value, label] of [["read", "Read"], ["published", "Published"]]) {
      const button = ui.button(label, () => (this.stop(), map.view.set({ by: value, from: null, to: null })));
      button.dataset.by = value;
      this.by.append(button);
    }
    this.undated = ui.make("input", "", { type: "checkbox" });
    this.undated.addEventListener("change", () => map.view.set({ undated: this.undated.checked }));
    this.undatedWords = ui.make("span");
    this.undatedLabel = ui.make("label", "pd-check pd-time__undated", {}, this.undated, this.undatedWords);
    this.element.append(this.play, this.track, this.by, ui.make("div", "pd-time__foot", {}, this.words, this.all, this.undatedLabel));
    (map.root.querySelector(".pd-map__plot") ?? map.plotElement).after(this.element);
    map.view.on(["by"], () => (this.measure(), this.follow()));
    map.view.on(["from", "to", "undated"], () => this.follow());
    map.view.on(["kinds", "statuses", "topics", "clusters", "only", "lit"], () => this.follow());
    this.measure();
    this.follow();
  }

  handle(label) {
    const input = ui.make("input", "pd-time__handle", { type: "range", min: "0", step: "1", "aria-label": label });
    input.addEventListener("input", () => {
      this.stop();
      const other = input === this.from ? this.to : this.from, n = Number(input.value);
      if (input === this.from ? n > Number(other.value) : n < Number(other.value)) input.value = other.value;
      this.write(Number(this.from.value), Number(this.to.value));
    });
    input.addEventListener("keydown", (event) => {
      const step = { PageUp: 12, PageDown: -12 }[event.key];
      if (!step) return;
      event.preventDefault();
      input.value = String(Number(input.value) + step);
      input.dispatchEvent(new Event("input"));
    });
    return input;
  }

  /** The span of the months, and the histogram. */
  measure() {
    const { map } = this, by = map.view.get("by") === "published" ? "published" : "read";
    for (const button of this.by.children) button.setAttribute("aria-pressed", String(button.dataset.by === by));
    this.months = monthsOf(map.data, by);
    const dated = this.months.filter(Boolean), starts = dated.map(([first]) => first).sort((a, b) => a - b);
    this.missing = this.months.length - dated.length;
    this.usable = dated.length > 0;
    this.element.classList.toggle("pd-time--empty", !this.usable);
    if (!this.usable) return;
    let last = -Infinity;
    for (const [, end] of dated) last = Math.max(last, end);
    const now = new Date(), today = now.getUTCFullYear() * 12 + now.getUTCMonth();
    this.last = Math.max(Math.min(last, Math.max(today, starts.at(-1))), starts.at(-1)); // a year alone does not reach into the future
    this.first = starts[0];
    const cut = starts[Math.floor(starts.length * OUTLYING)];
    this.cut = cut - this.first > (this.last - this.first) / 2;
    if (this.cut) this.first = cut - 1;
    for (const input of [this.from, this.to]) input.max = String(this.last - this.first);
    this.play.disabled = this.last === this.first;
    this.draw(dated);
  }

  draw(dated) {
    const steps = this.last - this.first + 1, wide = Math.ceil(steps / MOST_BARS), counts = new Float64Array(Math.ceil(steps / wide));
    for (const [start, end] of dated) {
      const a = Math.max(start, this.first), b = Math.max(a, Math.min(end, this.last));
      for (let month = a; month <= b; month++) counts[Math.floor((month - this.first) / wide)] += 1 / (b - a + 1);
    }
    const most = counts.reduce((a, b) => Math.max(a, b), 0) || 1, parts = [];
    counts.forEach((count, n) => {
      if (!count) return;
      const height = Math.max(4, (count / most) * 100), width = Math.min(wide, steps - n * wide), gap = counts.length > 60 ? 0 : 0.12 * wide;
      parts.push(`M${n * wide + gap} 100v${-height}h${width - 2 * gap}v${height}z`);
    });
    for (const svg of this.bars) {
      svg.setAttribute("viewBox", `0 0 ${steps} 100`);
      svg.firstChild.setAttribute("d", parts.join(""));
    }
    this.element.style.setProperty("--pd-steps", String(steps));
  }

  /** Steps (0 .. last) of the handles as the view has them. */
  range() {
    const { view } = this.map, most = this.last - this.first, from = view.get("from"), to = view.get("to");
    const step = (text, other) => (text ? Math.max(0, Math.min(most, monthNumber(text) - this.first)) : other);
    const a = step(from, 0), b = step(to, most);
    return [Math.min(a, b), Math.max(a, b)];
  }

  write(a, b) {
    const most = this.last - this.first;
    this.map.view.set({ from: a <= 0 ? null : monthText(this.first + a), to: b >= most ? null : monthText(this.first + b) });
  }

  name(step) {
    const month = monthText(this.first + step);
    return this.cut && step === 0 ? "Start" : ui.when(month, true);
  }

  follow() {
    const { map } = this, limited = Boolean(map.view.get("from") || map.view.get("to"));
    const by = map.view.get("by") === "published" ? "published" : "read", undated = map.view.get("undated") !== false && map.view.get("undated") !== 0;
    this.undatedLabel.hidden = !this.missing || !this.usable;
    this.undated.checked = undated;
    this.undatedWords.textContent = `Without a date: ${this.missing.toLocaleString("en-GB")} ${undated ? "shown" : "hidden"}`;
    this.all.hidden = !limited;
    this.element.classList.toggle("pd-time--limited", limited);
    if (!this.usable) {
      this.words.textContent = by === "published" ? "No entry says when it was published." : "No entry has the day on which it was read.";
      return;
    }
    const [a, b] = this.range(), steps = this.last - this.first + 1;
    this.from.value = String(a);
    this.to.value = String(b);
    this.from.setAttribute("aria-valuetext", this.name(a));
    this.to.setAttribute("aria-valuetext", this.name(b));
    /* both handles at the end: the left one must stay within reach */
    this.from.classList.toggle("pd-time__handle--over", a > (steps - 1) / 2);
    this.element.style.setProperty("--pd-from", String(a / steps));
    this.element.style.setProperty("--pd-to", String((b + 1) / steps));
    let shown = 0;
    for (const each of map.visible()) shown += each;
    const span = a === b ? this.name(a) : `${this.name(a)} – ${this.name(b)}`, total = map.data.ids.length;
    this.words.replaceChildren(ui.make("strong", "", {}, span), ` ${by === "read" ? "read" : "published"} · ${shown.toLocaleString("en-GB")} of ${ui.entries(total)}`);
  }

  /** A press on the track moves the nearer handle; one between the handles takes both along. */
  grab(event) {
    if (event.button || !this.usable || event.target.classList.contains("pd-time__handle")) return;
    event.preventDefault();
    this.stop();
    const box = this.track.getBoundingClientRect(), steps = this.last - this.first + 1;
    const at = (x) => Math.max(0, Math.min(steps - 1, Math.floor(((x - box.left) / box.width) * steps)));
    const [a, b] = this.range(), origin = at(event.clientX), whole = a === 0 && b === steps - 1;
    const both = !whole && origin > a && origin < b, left = a === b ? origin < a : Math.abs(origin - a) <= Math.abs(origin - b);
    const move = (x) => {
      const now = at(x);
      if (both) {
        const shift = Math.max(-a, Math.min(steps - 1 - b, now - origin));
        this.write(a + shift, b + shift);
      } else if (left) this.write(Math.min(now, b), b);
      else this.write(a, Math.max(now, a));
    };
    if (!both) move(event.clientX);
    (both ? this.from : left ? this.from : this.to).focus({ preventScroll: true });
    this.track.setPointerCapture(event.pointerId);
    const moved = (e) => move(e.clientX);
    this.track.addEventListener("pointermove", moved);
    const end = () => this.track.removeEventListener("pointermove", moved);
    this.track.addEventListener("pointerup", end, { once: true });
    this.track.addEventListener("pointercancel", end, { once: true });
  }

  /** From the left handle on the diary grows month by month; a window between both handles wanders. */
  start() {
    const most = this.last - this.first, [a, b] = this.range(), width = b - a, grows = a === 0 || b === most;
    if (!this.usable || most < 1) return;
    let from = a, to = grows ? (b === most ? a : b) : b;
    const pause = Math.max(ui.calm() ? 900 : 140, Math.min(500, 15000 / (most + 1)));
    const stride = Math.max(1, Math.ceil((most * pause) / 40000)); // no more than about 40 seconds
    this.play.textContent = "Pause";
    this.play.classList.add("pd-time__play--on");
    this.map.say(`Playing from ${this.name(from)}.`);
    this.write(from, to);
    const step = () => {
      if (!this.element.isConnected || to >= most) return this.stop(true);
      to = Math.min(most, to + stride);
      if (!grows) from = Math.max(0, to - width);
      this.write(from, to);
      this.timer = setTimeout(step, pause);
    };
    this.timer = setTimeout(step, pause);
  }

  stop(ended = false) {
    if (!this.timer) return;
    clearTimeout(this.timer);
    this.timer = null;
    this.play.textContent = "Play";
    this.play.classList.remove("pd-time__play--on");
    this.map.say(`${ended ? "Ended" : "Paused"}: ${this.words.textContent}.`);
  }
}

function attachTime(map) {
  if (map.large && map.options.tools !== false) return new TimeBar(map);
}
