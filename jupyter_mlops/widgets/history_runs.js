// History over runs: a metric of all runs in the order of time, and the best so far, from the columns alone.

import { axisOf, placeText } from "./plot_axes.js";
import { BrushShare } from "./plot_brush.js";
import { press, toggle } from "./plot_controls.js";
import { twinTable } from "./plot_frame.js";
import { insideAll } from "./plot_rows.js";
import { bestSoFar } from "./plot_series.js";
import { ScatterPicture } from "./scatter_picture.js";
import { figureText, plainText } from "./words.js";

const TABLE_ROWS = 300;

export class HistoryRuns {
  constructor(view, frame) {
    Object.assign(this, { view, frame });
    this.brushing = new BrushShare(view);
    this.ranges = null;
    this.isLog = null;
    this.picture = new ScatterPicture({
      focus: (row, isSpoken, isExtended) => this.focus(row, isSpoken, isExtended),
      tick: (row) => view.tick([row], !view.ticked().has(row)),
      open: (row) => view.focusRun(row),
      runs: () => this.placed,
      brush: (ranges) => this.brush(ranges),
    });
    this.node = this.picture.node;
    this.log = toggle("log", () => {
      this.isLog = !this.hasLog;
      this.update();
    });
    this.log.setAttribute("aria-label", "log scale upwards");
    this.controls = [this.log];
  }

  close() {
    this.brushing.close();
  }

  /** Show `metric` of the runs that the filter keeps. */
  show(metric) {
    this.picture.points.follow();
    if (!this.brushing.holds || metric !== this.metric) this.ranges = null;
    this.metric = metric;
    const { columns } = this.view;
    this.started = columns.find((column) => column.group === "info" && column.name === "started" && column.words);
    const rows = this.brushing.rows();
    this.axis = axisOf(metric, rows);
    const time = (row) => this.started?.codes[row] ?? 0;
    this.placed = rows.filter((row) => !Number.isNaN(this.axis.values[row])).sort((a, b) => time(a) - time(b) || a - b);
    this.missing = rows.length - this.placed.length;
    const order = new Float64Array(this.axis.values.length).fill(NaN);
    this.placed.forEach((row, at) => {
      order[row] = at + 1;
    });
    this.order = { name: "runs", values: order, low: 1, high: Math.max(1, this.placed.length), levels: null, whole: true };
    const best = bestSoFar(this.placed.map((row) => this.axis.values[row]), metric.lower);
    this.best = this.placed.filter((_, at) => at === 0 || best[at] !== best[at - 1]);
    const before = this.rows?.length;
    this.update();
    if (this.ranges && this.rows.length !== before) this.brushing.tell(this.rows);
  }

  update() {
    this.rows = this.ranges ? insideAll(this.placed, [[this.order, this.ranges.x], [this.axis, this.ranges.y]]) : this.placed;
    const inside = new Set(this.rows);
    this.faint = this.ranges ? this.placed.filter((row) => !inside.has(row)) : [];
    this.hasLog = this.axis.canLog && (this.isLog ?? this.axis.suggestsLog);
    this.log.disabled = !this.axis.canLog;
    press(this.log, this.hasLog);
    this.frame.say(this.sentence(), this.placed.length ? "" : `None of these runs has a value of ${plainText(this.metric.name)}.`);
    this.frame.refresh();
  }

  sentence() {
    const name = plainText(this.metric.name);
    const count = `${figureText(this.rows.length)} ${this.rows.length === 1 ? "run" : "runs"}${this.ranges ? ", brushed" : ""}`;
    const top = this.best.at(-1);
    const best = top === undefined ? "" : `; the best is ${placeText(this.axis, this.axis.values[top])} (${plainText(this.view.nameOf(top))})`;
    const missing = this.missing ? `; ${figureText(this.missing)} without a value not drawn` : "";
    return `${name} of ${count} in the order of time${best}${missing}.`;
  }

  paint(width, height) {
    if (!this.placed?.length) return;
    const shown = { x: this.order, y: this.axis, logs: { x: false, y: this.hasLog }, rows: this.rows, faint: this.faint, line: this.best, isStepped: true };
    const titles = { x: "runs from first to last →", y: `↑ ${plainText(this.metric.name)}` };
    const looks = { look: () => "mlops-plot-shade-8", shape: () => 0 };
    this.picture.paint({ ...shown, ...looks, titles, ticked: this.view.ticked(), ranges: this.ranges, label: this.frame.sentence.textContent }, width, height);
    this.frame.legend.replaceChildren(`● a run   — the best so far (${this.metric.lower ? "lower" : "higher"} is better)`);
  }

  brush(ranges) {
    this.ranges = ranges;
    this.update();
    this.brushing.tell(ranges ? this.rows : null);
  }

  focus(row, isSpoken = false, isExtended = false) {
    if (this.picture.marked === row && !isSpoken) return;
    if (isExtended && this.anchor !== undefined) this.extend(row);
    else if (isSpoken) this.anchor = row ?? undefined;
    this.picture.mark(row);
    if (row === null && !isSpoken) return;
    this.focused = row;
    this.frame.tell(row === null ? "" : this.about(row), isSpoken);
  }

  extend(row) {
    const [low, high] = [this.order.values[this.anchor], this.order.values[row]].sort((a, b) => a - b);
    this.brush({ x: { low, high }, y: { low: this.axis.low, high: this.axis.high } });
  }

  about(row) {
    const told = [this.view.ticked().has(row) ? "selected" : "", this.best.includes(row) ? "best so far" : ""].filter(Boolean);
    const place = `run ${figureText(this.order.values[row])} of ${figureText(this.placed.length)}`;
    const started = this.startedText(row);
    const name = `${plainText(this.view.nameOf(row))}${told.length ? ` (${told.join(", ")})` : ""}`;
    return `${name}: ${plainText(this.metric.name)} ${placeText(this.axis, this.axis.values[row])}, ${place}${started ? `, ${started}` : ""}`;
  }

  startedText(row) {
    const code = this.started?.codes[row] ?? -1;
    return code < 0 ? "" : plainText(this.started.words[code]);
  }

  /** Last first. */
  table() {
    const best = new Set(this.best);
    const shown = [...this.rows].reverse().slice(0, TABLE_ROWS);
    const rows = shown.map((row) => [
      plainText(this.view.nameOf(row)), placeText(this.axis, this.axis.values[row]), best.has(row) ? "yes" : "", this.startedText(row),
      this.view.ticked().has(row) ? "yes" : "",
    ]);
    const part = shown.length < this.rows.length ? `The last ${figureText(shown.length)} of ` : "";
    return twinTable(`${part}${this.frame.sentence.textContent}`, ["run", plainText(this.metric.name), "best so far", "started", "selected"], rows);
  }
}
