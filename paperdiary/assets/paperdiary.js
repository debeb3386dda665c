/* The map and the chart come alive here. Without this script both are plain SVG. */
(() => {
  "use strict";

  const here = document.currentScript.src;
  const css = (name, fallback) =>
    getComputedStyle(document.body).getPropertyValue(name).trim() || fallback;
  const ink = () => css("--md-default-fg-color", "#222");
  const paper = () => css("--md-default-bg-color", "#fff");
  const faint = () => css("--md-default-fg-color--lightest", "#ddd");
  const escape = (text) =>
    text.replace(/[&<>"]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[c]);

  let plotly = null;
  /* Plotly is large: it is asked for once, when a figure comes near the window. */
  const load = (address) => {
    plotly ??= new Promise((done, failed) => {
      if (window.Plotly) return done(window.Plotly);
      const script = document.createElement("script");
      script.src = address;
      script.onload = () => done(window.Plotly);
      script.onerror = () => failed(new Error(`${address} could not be loaded`));
      document.head.append(script);
    });
    return plotly;
  };

  const near = (element, action) => {
    const watch = new IntersectionObserver((seen) => {
      if (seen.some((s) => s.isIntersecting)) {
        watch.disconnect();
        action();
      }
    }, { rootMargin: "200px" });
    watch.observe(element);
  };

  /* When the reader changes between light and dark. */
  const painters = new Set();
  new MutationObserver(() => painters.forEach((paint) => paint()))
    .observe(document.body, { attributes: true, attributeFilter: ["data-md-color-scheme"] });

  const calm = () => ({
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    font: { color: ink(), family: "inherit", size: 13 },
    modebar: { bgcolor: "rgba(0,0,0,0)", color: css("--md-default-fg-color--light", "#777"), activecolor: ink() },
    hoverlabel: { bgcolor: paper(), bordercolor: ink(), font: { color: ink() }, align: "left" },
  });

  class DiaryMap {
    constructor(root) {
      this.root = root;
      this.plot = root.querySelector(".pd-map__plot");
      this.base = root.dataset.base;
      this.shown = { hulls: false, order: false };
      this.lit = null; // ids of the entries that a search found, in order; null: no search
    }

    async start() {
      const [answer, Plotly] = await Promise.all([fetch(this.root.dataset.map), load(this.root.dataset.plotly)]);
      if (!answer.ok) throw new Error(`${this.root.dataset.map}: ${answer.status}`);
      this.data = await answer.json();
      this.Plotly = Plotly;
      this.projection = this.data.first;
      this.canvas = document.createElement("div");
      this.svg = this.plot.querySelector("svg");
      this.canvas.style.opacity = 0;
      this.plot.append(this.canvas);
      await this.draw();
      this.svg?.remove();
      this.canvas.style.opacity = 1;
      this.canvas.on("plotly_click", (event) => {
        const place = event.points.find((p) => p.customdata !== undefined);
        if (place) location.assign(this.base + this.data.entries[place.customdata].page);
      });
      painters.add(() => this.draw());
      for (const button of this.root.querySelectorAll("[data-projection]"))
        button.addEventListener("click", () => {
          this.projection = button.dataset.projection;
          for (const other of this.root.querySelectorAll("[data-projection]"))
            other.setAttribute("aria-pressed", String(other === button));
          this.draw();
        });
      for (const button of this.root.querySelectorAll("[data-toggle]"))
        button.addEventListener("click", () => {
          const on = (this.shown[button.dataset.toggle] = !this.shown[button.dataset.toggle]);
          button.setAttribute("aria-pressed", String(on));
          this.draw();
        });
      this.root.classList.add("pd-map--live");
      this.search();
    }

    /* The map's page lights up what `?q=` finds. */
    async search() {
      const asked = new URLSearchParams(location.search), text = asked.get("q") ?? "";
      if (!text.trim() || !this.root.classList.contains("pd-map--large")) return;
      const bar = document.createElement("p"), words = document.createElement("span"), back = document.createElement("a");
      const all = document.createElement("button");
      bar.className = "pd-map__found";
      words.setAttribute("role", "status");
      Object.assign(back, { href: `${this.root.dataset.search}?q=${encodeURIComponent(text)}`, textContent: "Back to the results" });
      Object.assign(all, { type: "button", className: "pd-button", textContent: "Show everything", hidden: true });
      bar.append(words, " ", back, " ", all);
      this.plot.before(bar);
      const short = [...text.trim()].slice(0, 60).join("");
      words.textContent = `Searching for “${short}” …`;
      const { Client } = await import(new URL("search/client.js", here).href);
      const client = new Client(new URL(`${this.base}search/`, document.baseURI).href);
      all.addEventListener("click", () => {
        client.forget();
        this.lit = null;
        bar.remove();
        const plain = new URL(location.href);
        plain.searchParams.delete("q");
        plain.searchParams.delete("n");
        history.replaceState(history.state, "", plain);
        this.draw();
      });
      client.ask(text, Math.min(Math.max(Number(asked.get("n")) || 10, 1), 1000), ({ answer, failed }) => {
        const placed = new Set(this.data.entries.map((e) => e.id));
        this.lit = failed ? null : answer.hits.map((hit) => hit.id).filter((id) => placed.has(id));
        words.textContent = failed
          ? `The search for “${short}” failed (${failed}).`
          : `${this.lit.length || "None"} of ${placed.size} found for “${short}”.`;
        all.hidden = false;
        this.draw();
      });
    }

    traces() {
      const { entries, clusters, order, projections } = this.data;
      const { points, hulls } = projections[this.projection];
      const kind = entries.length > 2000 ? "scattergl" : "scatter";
      const out = [];
      if (this.shown.hulls)
        clusters.forEach((cluster, n) => {
          if (hulls[n].length < 2) return;
          const ring = [...hulls[n], hulls[n][0]];
          out.push({
            type: "scatter", mode: "lines", fill: "toself", hoverinfo: "skip", name: "hull",
            x: ring.map((p) => p[0]), y: ring.map((p) => p[1]),
            line: { color: cluster.colour, width: 1 }, fillcolor: `${cluster.colour}22`,
          });
        });
      if (this.shown.order)
        out.push({
          type: "scatter", mode: "lines", hoverinfo: "skip", name: "reading order",
          x: order.map((n) => points[n][0]), y: order.map((n) => points[n][1]),
          line: { color: ink(), width: 1, shape: "spline", smoothing: 0.6 }, opacity: 0.35,
        });
      const lit = this.lit?.length ? new Set(this.lit) : null;
      clusters.forEach((cluster, n) => {
        const mine = entries.map((e, row) => [e, row]).filter(([e]) => e.cluster === n);
        out.push({
          type: kind, mode: "markers", name: cluster.name,
          x: mine.map(([, row]) => points[row][0]), y: mine.map(([, row]) => points[row][1]),
          customdata: mine.map(([, row]) => row),
          text: mine.map(([e]) => this.hover(e, cluster)),
          hovertemplate: "%{text}<extra></extra>",
          marker: {
            size: 11, color: cluster.colour, line: { color: cluster.colour, width: 2 },
            symbol: mine.map(([e]) => cluster.symbol + (e.status === "queued" ? "-open" : "")),
            opacity: lit ? mine.map(([e]) => (lit.has(e.id) ? 1 : 0.18)) : 1,
          },
        });
      });
      if (lit) {
        const found = entries.map((e, row) => [e, row]).filter(([e]) => lit.has(e.id));
        out.push({
          type: kind, mode: "markers", hoverinfo: "skip", name: "found",
          x: found.map(([, row]) => points[row][0]), y: found.map(([, row]) => points[row][1]),
          marker: { size: 22, symbol: "circle-open", color: ink(), line: { color: ink(), width: 2 } },
        });
      }
      return out;
    }

    hover(entry, cluster) {
      const words = escape(entry.title).split(" ");
      const lines = [""];
      for (const word of words)
        if ((lines.at(-1) + word).length > 44) lines.push(word);
        else lines[lines.length - 1] += (lines.at(-1) ? " " : "") + word;
      const when = entry.date ?? entry.status;
      return `<b>${lines.join("<br>")}</b><br>${escape(when)} · ${escape(cluster.name)}`;
    }

    /* Cluster names above their points, the larger clusters first, moved until none covers another. */
    labels() {
      const { entries, clusters, projections } = this.data;
      const { points, range: [[x0, x1], [y0, y1]] } = projections[this.projection];
      const scale = Math.min(this.plot.clientWidth / (x1 - x0), this.plot.clientHeight / (y1 - y0));
      const taken = [];
      const bySize = clusters.map((_, n) => n).sort((a, b) => clusters[b].size - clusters[a].size);
      return bySize.flatMap((n) => {
        const mine = points.filter((_, row) => entries[row].cluster === n);
        if (!mine.length) return [];
        const x = mine.reduce((sum, p) => sum + p[0], 0) / mine.length;
        const top = Math.max(...mine.map((p) => p[1]));
        const half = clusters[n].name.length * 3.6;
        let shift = 16;
        const covers = () => taken.some(([tx, ty, th]) =>
          Math.abs(top * scale + shift - ty) < 16 && Math.abs(x * scale - tx) < half + th);
        while (covers() && shift < 120) shift += 4;
        taken.push([x * scale, top * scale + shift, half]);
        return [{
          x, y: top, yshift: shift, text: `<b>${escape(clusters[n].name)}</b>`, showarrow: false, captureevents: false,
          font: { size: 12, color: ink(), shadow: `0 0 3px ${paper()}, 0 0 3px ${paper()}` },
        }];
      });
    }

    draw() {
      const [x, y] = this.data.projections[this.projection].range;
      const axis = { visible: false, fixedrange: false };
      const narrow = this.plot.clientWidth < 500;
      const layout = {
        ...calm(), margin: { l: 0, r: 0, t: 0, b: 0 }, showlegend: false, hovermode: "closest", dragmode: "pan",
        xaxis: { ...axis, range: [...x] }, yaxis: { ...axis, range: [...y], scaleanchor: "x" },
        annotations: narrow ? [] : this.labels(), uirevision: this.projection,
      };
      const config = {
        responsive: true, displaylogo: false, scrollZoom: this.root.classList.contains("pd-map--large"),
        modeBarButtons: [["zoomIn2d", "zoomOut2d", "resetScale2d"]],
        displayModeBar: this.root.classList.contains("pd-map--large") && !narrow,
      };
      return this.Plotly.react(this.canvas, this.traces(), layout, config);
    }
  }

  class Chart {
    constructor(root) {
      this.root = root;
      this.plot = root.querySelector(".pd-chart__plot");
      this.data = JSON.parse(root.dataset.chart);
    }

    async start() {
      this.Plotly = await load(this.root.dataset.plotly);
      this.canvas = document.createElement("div");
      this.canvas.style.opacity = 0;
      this.plot.append(this.canvas);
      await this.draw();
      this.plot.querySelector("svg")?.remove();
      this.canvas.style.opacity = 1;
      painters.add(() => this.draw());
    }

    draw() {
      const { dates, counts, total } = this.data;
      const axis = { gridcolor: faint(), linecolor: faint(), zeroline: false, fixedrange: true };
      return this.Plotly.react(this.canvas, [
        {
          type: "scatter", mode: "lines", name: "average", hoverinfo: "skip",
          x: [dates[0], dates.at(-1)], y: [0, total], line: { color: "#e07b00", width: 1.5, dash: "dash" },
        },
        {
          type: "scatter", mode: "lines", name: "read", x: [dates[0], ...dates], y: [0, ...counts],
          line: { color: "#0072b2", width: 2.5, shape: "hv" }, hovertemplate: "%{y} read by %{x|%-d %B %Y}<extra></extra>",
        },
      ], {
        ...calm(), margin: { l: 40, r: 10, t: 10, b: 36 }, showlegend: false, hovermode: "x",
        xaxis: axis, yaxis: { ...axis, rangemode: "tozero" },
      }, { responsive: true, displayModeBar: false });
    }
  }

  const begin = () => {
    painters.clear();
    for (const [selector, Kind] of [[".pd-map[data-map]", DiaryMap], [".pd-chart[data-chart]", Chart]])
      for (const root of document.querySelectorAll(selector)) {
        if (root.dataset.started) continue;
        root.dataset.started = "yes";
        near(root, () => new Kind(root).start().catch((error) => console.error("Paper Diary:", error)));
      }
  };
  /* Material's instant navigation replaces the page without loading it anew. */
  if (window.document$) window.document$.subscribe(begin);
  else if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin);
  else begin();
})();
