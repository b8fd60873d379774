// Performance over chunks: estimated without labels (dashed), realised with labels (solid), limits, alarms.

import { make } from "./dom.js";
import { caption, tableOf } from "./drift_detail.js";
import { drawLines } from "./drift_lines.js";
import { picture } from "./drift_svg.js";
import { draw } from "./svg.js";
import { TITLE_LIMIT, figureText, plainText } from "./words.js";

export class Performance {
  constructor(payload) {
    const { chunks, metrics, assumptions, summary, notes } = payload.performance;
    this.chunks = chunks;
    const alarms = (metric) => metric.alarm.filter(Boolean).length;
    this.metrics = [...metrics].sort((a, b) => alarms(b) - alarms(a));
    this.node = make("div", "mlops-drift-wide mlops-drift-performance");
    this.order = make("select", "mlops-drift-order");
    this.order.setAttribute("aria-label", "Metric");
    this.metrics.forEach((metric, at) => {
      const told = alarms(metric) === 1 ? "1 alarm" : `${alarms(metric) || "no"} alarms`;
      const option = make("option", "", `${plainText(metric.name)}: ${told}`);
      option.value = at;
      this.order.append(option);
    });
    this.order.addEventListener("change", () => this.show(this.asTable));
    this.drawing = make("div", "mlops-drift-drawing");
    this.drawing.tabIndex = 0; // to be scrolled with the keyboard
    const controls = make("div", "mlops-drift-controls");
    controls.append(this.order, legendOf());
    if (summary) this.node.append(make("p", "mlops-drift-why", plainText(summary, TITLE_LIMIT)));
    const words = [assumptions, ...(notes ?? [])].map((text) => caption(plainText(text, 2000)));
    this.node.append(controls, this.drawing, ...words);
    this.size = new ResizeObserver(() => this.paint());
    this.size.observe(this.drawing);
    this.asTable = false;
  }

  close() {
    this.size.disconnect();
  }

  show(asTable) {
    this.asTable = asTable;
    this.painted = "";
    this.paint();
  }

  paint() {
    const { clientWidth: width, clientHeight: height } = this.drawing;
    const size = `${width}x${height}${this.asTable}`;
    if (!width || size === this.painted) return;
    this.painted = size;
    const metric = this.metrics[Number(this.order.value)];
    if (metric) this.drawing.replaceChildren(this.asTable ? this.table(metric) : this.lines(metric, width, height - 2));
  }

  lines(metric, width, height) {
    const lines = [];
    if (metric.realised) lines.push({ name: "realised", values: metric.realised, look: "realised" });
    if (metric.estimated) lines.push({ name: "estimated", values: metric.estimated, look: "estimated", errors: metric.error });
    const label = `${plainText(metric.name)} per chunk: ${metric.alarm.filter(Boolean).length} of ${this.chunks.length} chunks beyond the limits`;
    const limits = [metric.lower, metric.upper].filter(Number.isFinite);
    const states = this.chunks.map((_, at) => stateOf(metric, at));
    return drawLines({ label, chunks: this.chunks, lines, limits, alarm: metric.alarm, states }, width, height);
  }

  table(metric) {
    const rows = this.chunks.map((chunk, at) => [
      plainText(chunk.label), figureText(chunk.rows), figureText(metric.estimated?.[at]), figureText(metric.error?.[at]),
      figureText(metric.realised?.[at]), stateOf(metric, at),
    ]);
    const limits = `limits ${figureText(metric.lower)} and ${figureText(metric.upper)}`;
    return tableOf(`${plainText(metric.name)}, ${limits}`, ["chunk", "rows", "estimated", "± error", "realised", "verdict"], rows);
  }
}

/** "alarm", "too few rows", …; nothing where all is well. */
function stateOf(metric, at) {
  const state = metric.state?.[at] ?? (metric.alarm[at] ? "alarm" : "");
  return state === "ok" ? "" : state;
}

function legendOf() {
  const legend = make("span", "mlops-drift-caption");
  for (const look of ["estimated", "realised"]) {
    const sample = picture(24, 10, "");
    sample.append(draw("path", { class: `mlops-drift-line mlops-drift-${look}`, d: "M1 5H23" }));
    legend.append(sample, `${look} `);
  }
  legend.append("│ sampling error, ┄ limits, ◆ alarm");
  return legend;
}
