// Draws the figures of a page with Chart.js: colours of the page in light and dark, arrow keys, no animation.
(function () {
  "use strict";
  const drawn = new Map();
  const colour = function (name) { return getComputedStyle(document.documentElement).getPropertyValue(name).trim(); };
  const TONES = { accent: "--vt-accent-text", move: "--vt-move", warn: "--vt-warn", bad: "--vt-bad", good: "--vt-good", muted: "--vt-muted" };
  const number = new Intl.NumberFormat(document.documentElement.lang || "vi");

  const soft = function (hex) { return /^#[0-9a-f]{6}$/i.test(hex) ? hex + "1f" : hex; };
  const dataset = function (one, kind) {
    const tone = colour(TONES[one.tone] || TONES.muted);
    const line = { label: one.label, data: one.values, borderColor: tone, backgroundColor: tone };
    if (kind !== "line") return Object.assign(line, { borderWidth: 0, borderRadius: 3, maxBarThickness: 26 });
    return Object.assign(line, {
      backgroundColor: soft(tone), fill: one.tone === "accent", borderWidth: 2, borderDash: one.dashed ? [6, 4] : [],
      pointRadius: 0, pointHoverRadius: 4, pointHitRadius: 12, tension: 0,
    });
  };
  const axis = function (extra) {
    return Object.assign({
      border: { display: false }, grid: { color: colour("--vt-line"), drawTicks: false },
      ticks: { color: colour("--vt-muted"), padding: 8, precision: 0, maxRotation: 0, autoSkipPadding: 18, font: { size: 12 } },
    }, extra);
  };
  const settings = function (data) {
    const across = data.kind === "across", stacked = data.kind === "stacked";
    const along = axis({ grid: { display: false }, stacked: stacked });
    const up = axis({ beginAtZero: true, stacked: stacked, suggestedMax: 4 });
    if (across) along.ticks.autoSkip = false;
    up.ticks.callback = function (value) { return number.format(value); };
    return {
      type: data.kind === "line" ? "line" : "bar",
      data: { labels: data.labels, datasets: data.series.map(function (one) { return dataset(one, data.kind); }) },
      options: {
        animation: false, maintainAspectRatio: false, indexAxis: across ? "y" : "x",
        interaction: { mode: "index", intersect: false, axis: across ? "y" : "x" },
        scales: across ? { x: up, y: along } : { x: along, y: up },
        plugins: {
          legend: { display: false },
          tooltip: {
            backgroundColor: colour("--vt-text"), titleColor: colour("--vt-surface"), bodyColor: colour("--vt-surface"),
            padding: 10, cornerRadius: 8, boxPadding: 4, usePointStyle: true,
            callbacks: { label: function (item) { return " " + item.dataset.label + ": " + number.format(across ? item.parsed.x : item.parsed.y); } },
          },
        },
      },
    };
  };

  const draw = function (figure) {
    const canvas = figure.querySelector("canvas");
    const source = figure.querySelector("script[type='application/json']");
    if (!canvas || !source || drawn.has(canvas)) return;
    const data = JSON.parse(source.textContent);
    window.Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
    const chart = new window.Chart(canvas, settings(data));
    drawn.set(canvas, { chart: chart, data: data, at: data.labels.length });
  };
  const drawAll = function () {
    Array.from(drawn.keys()).forEach(function (canvas) {
      if (!canvas.isConnected) { drawn.get(canvas).chart.destroy(); drawn.delete(canvas); }
    });
    document.querySelectorAll("[data-chart]").forEach(draw);
  };
  const redraw = function () {
    drawn.forEach(function (kept) { kept.chart.destroy(); });
    drawn.clear();
    drawAll();
  };

  // The arrow keys walk through the points; what is shown is also read out.
  document.addEventListener("keydown", function (event) {
    const kept = drawn.get(event.target);
    const step = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 }[event.key];
    if (!kept || !step) return;
    event.preventDefault();
    kept.at = Math.min(kept.data.labels.length - 1, Math.max(0, kept.at + step));
    const active = kept.data.series.map(function (_one, index) { return { datasetIndex: index, index: kept.at }; });
    kept.chart.setActiveElements(active);
    kept.chart.tooltip.setActiveElements(active, { x: 0, y: 0 });
    kept.chart.update();
    const spoken = event.target.closest("[data-chart]").querySelector("[data-chart-said]");
    spoken.textContent = kept.data.labels[kept.at] + ". " + kept.data.series.map(function (one) {
      return one.label + ": " + number.format(one.values[kept.at]);
    }).join(", ");
  });

  // A figure that somebody is reading is not exchanged under their eyes.
  document.addEventListener("htmx:beforeRequest", function (event) {
    const box = event.detail.elt;
    if (box.hasAttribute("data-poll") && box.querySelector("canvas:focus, details[open], canvas:hover")) event.preventDefault();
  });
  document.addEventListener("htmx:afterSettle", drawAll);
  new MutationObserver(redraw).observe(document.documentElement, { attributeFilter: ["data-bs-theme"] });
  if (document.fonts && document.fonts.ready) document.fonts.ready.then(redraw); else drawAll();
})();
