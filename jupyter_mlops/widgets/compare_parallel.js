// Parallel coordinates of runs: an axis for each parameter and metric, a line for each run, brushes that filter.

import { keyOf } from "./compare_columns.js";
import { ParallelPicture } from "./parallel_picture.js";
import { axisOf, placeText } from "./plot_axes.js";
import { BrushShare } from "./plot_brush.js";
import { chosenAxes, mainOf, plottable } from "./plot_choice.js";
import { ColumnChoice, action } from "./plot_controls.js";
import { PlotFrame, twinTable } from "./plot_frame.js";
import { shadeLegend } from "./plot_legend.js";
import { Changes, bestRows, insideAll, shadesOf } from "./plot_rows.js";
import { figureText, plainText } from "./words.js";

const MOST_AXES = 10;
const MOST_LINES = 200; // more are a solid mass
const ROOM = 110; // px for an axis that is chosen unasked

export class ParallelPanel {
  constructor(view) {
    this.view = view;
    this.keys = null;
    this.colour = null;
    this.logs = new Set();
    this.met = new Set(); // axes that have been there: whether they are logarithmic is the user's from then on
    this.brushes = new Map();
    this.brushing = new BrushShare(view);
    this.changes = new Changes();
    this.frame = new PlotFrame({
      onPaint: (width, height) => this.paint(width, height),
      onTable: () => this.table(),
      onOpen: () => this.view.focusRun(this.focused),
    });
    this.node = this.frame.node;
    this.tools = this.frame.twin;
    this.picture = new ParallelPicture({
      brush: (axis, range) => this.brush(axis, range),
      log: (axis) => this.log(axis),
      remove: (axis) => this.order(this.keys.filter((key) => key !== axis.key)),
      move: (axis, by) => this.move(axis, by),
      go: (axis, by) => this.picture.go(axis, by),
      drag: (part, event) => this.picture.drag(part, event),
      order: (keys) => this.order(keys),
      focus: (row, isSpoken) => this.focus(row, isSpoken),
      tick: (row) => this.view.tick([row], !this.view.ticked().has(row)),
      open: (row) => this.view.focusRun(row),
      runs: () => this.rows,
    });
    this.frame.drawing.append(this.picture.node);
    this.add = new ColumnChoice("Axes", (key) => this.order([...this.keys, key]));
    this.colours = new ColumnChoice("Colour", (key) => {
      this.colour = key;
      this.load();
    });
    this.again = action("Choose again", () => this.order(null));
    this.again.title = "Take the axes that are chosen unasked: parameters that go most with the colour's metric, then metrics that go least with those there.";
    this.frame.controls.append(this.add.node, this.again, this.colours.node);
  }

  close() {
    this.brushing.close();
    this.frame.close();
  }

  /** The table or the choices changed, or the panel is to be seen again. */
  show() {
    const rows = this.brushing.rows();
    const isOver = this.brushes.size > 0 && !this.brushing.holds;
    if (isOver) this.brushes.clear();
    if (!this.changes.any(rows, this.view.ticked(), this.view.columns, this.view.sorted) && !isOver) return;
    this.all = rows;
    this.choices = plottable(this.view.columns, this.all);
    this.load();
  }

  /** What depends on the choices of this panel. */
  load() {
    const candidates = this.choices;
    this.candidates = new Map(this.view.columns.filter((column) => column.group !== "run").map((column) => [keyOf(column), column]));
    const numbers = candidates.filter((column) => !column.words || column.numeric);
    this.main = this.candidates.get(this.colour) ?? mainOf(candidates, this.view.sorted);
    this.keys ??= this.chooseKeys(candidates);
    this.axes = this.keys.filter((key) => this.candidates.has(key)).map((key) => axisOf(this.candidates.get(key), this.all));
    for (const axis of this.axes) this.setLog(axis);
    this.add.fill(candidates.filter((column) => !this.keys.includes(keyOf(column))), "", this.addText());
    this.add.select.disabled = this.keys.length >= MOST_AXES;
    this.colours.fill(numbers, this.main && keyOf(this.main), numbers.length ? undefined : "none");
    const before = this.kept?.length;
    this.update();
    if (this.brushes.size && this.kept.length !== before) this.tellBrush(); // another filter: other runs lie inside
  }

  setLog(axis) {
    if (!axis.canLog) this.logs.delete(axis.key);
    else if (axis.suggestsLog && !this.met.has(axis.key)) this.logs.add(axis.key);
    this.met.add(axis.key);
  }

  chooseKeys(candidates) {
    const width = this.frame.drawing.clientWidth || 900;
    const count = Math.max(4, Math.min(8, Math.floor(width / ROOM)));
    return chosenAxes(candidates, this.all, this.main, count).map(keyOf);
  }

  addText() {
    return this.keys.length >= MOST_AXES ? `${MOST_AXES} axes are the most` : "Add an axis…";
  }

  /** What depends on brushes and ticks: which runs are lines, and the words about them. */
  update() {
    const pairs = this.axes.filter((axis) => this.brushes.has(axis.key)).map((axis) => [axis, this.brushes.get(axis.key)]);
    this.kept = pairs.length ? insideAll(this.all, pairs) : this.all;
    const inside = new Set(this.kept);
    this.rows = bestRows(this.kept, this.main, MOST_LINES, this.view.ticked());
    const others = pairs.length ? this.all.filter((row) => !inside.has(row)) : [];
    this.faint = bestRows(others, this.main, MOST_LINES, new Set());
    const none = !this.all.length
      ? "No run matches the filter, so there is nothing to draw."
      : this.axes.length ? "" : this.choices.length ? "Add an axis to see the runs as lines." : "These runs do not differ in any number or parameter.";
    this.frame.say(this.sentence(pairs), none);
    this.frame.refresh();
  }

  sentence(pairs) {
    const by = this.main ? ` by ${plainText(this.main.name)}` : "";
    const count = figureText(this.kept.length);
    const drawn = this.rows.length < this.kept.length ? `The best ${figureText(this.rows.length)} of ${count} runs${by}` : `${count} ${this.kept.length === 1 ? "run" : "runs"}`;
    const range = ([axis, { low, high }]) => {
      const gap = axis.levels ? 0.5 : 0;
      const [least, most] = [placeText(axis, low + gap), placeText(axis, high - gap)];
      return `${plainText(axis.name)} ${least === most ? least : `${least} to ${most}`}`;
    };
    return pairs.length ? `${drawn}, brushed: ${pairs.map(range).join(", ")}.` : `${drawn}. Drag along an axis to keep the runs in that range.`;
  }

  paint(width, height) {
    if (!this.axes?.length || !this.all.length) return;
    const colour = this.main ? axisOf(this.main, this.all) : null;
    const shades = colour ? shadesOf(colour, this.rows) : { shade: () => -1 };
    const label = `Parallel coordinates of ${this.axes.length} columns: ${this.frame.sentence.textContent}`;
    const shown = { axes: this.axes, logs: this.logs, brushes: this.brushes, rows: this.rows, faint: this.faint };
    this.picture.paint({ ...shown, ticked: this.view.ticked(), shade: shades.shade, label }, width, height);
    const missing = this.axes.some((axis) => axis.missing);
    this.frame.legend.replaceChildren(...shadeLegend(colour, shades), ...(missing ? ["○ below an axis: the run has no value there"] : []));
  }

  brush(axis, range) {
    const isAll = !range || (range.low <= axis.low && range.high >= axis.high);
    if (isAll) this.brushes.delete(axis.key);
    else this.brushes.set(axis.key, range);
    this.update();
    this.tellBrush();
  }

  tellBrush() {
    this.brushing.tell(this.brushes.size ? this.kept : null);
  }

  log(axis) {
    if (!this.logs.delete(axis.key)) this.logs.add(axis.key);
    this.update();
  }

  move(axis, by) {
    const keys = this.keys.filter((key) => key !== axis.key);
    keys.splice(Math.max(0, this.keys.indexOf(axis.key) + by), 0, axis.key);
    this.order(keys);
  }

  /** Other axes, or another order; null to choose anew. A brush on an axis that goes ends. */
  order(keys) {
    this.keys = keys;
    this.load();
    const gone = [...this.brushes.keys()].filter((key) => !this.keys.includes(key));
    for (const key of gone) this.brushes.delete(key);
    if (!gone.length) return;
    this.update();
    this.tellBrush();
  }

  focus(row, isSpoken = false) {
    if (this.picture.marked === row && !isSpoken) return;
    this.picture.mark(row);
    if (row === null && !isSpoken) return; // the words stay when the mouse leaves, so that the button can be reached
    this.focused = row;
    this.frame.tell(row === null ? "" : this.about(row), isSpoken);
  }

  about(row) {
    const values = this.axes.map((axis) => `${plainText(axis.name)} ${placeText(axis, axis.values[row])}`).join(" · ");
    return `${plainText(this.view.nameOf(row))}${this.view.ticked().has(row) ? " (selected)" : ""}: ${values}`;
  }

  table() {
    const heads = ["run", ...this.axes.map((axis) => plainText(axis.name)), "selected"];
    const ticked = this.view.ticked();
    const rows = this.rows.map((row) => [
      plainText(this.view.nameOf(row)), ...this.axes.map((axis) => placeText(axis, axis.values[row])), ticked.has(row) ? "yes" : "",
    ]);
    return twinTable(this.frame.sentence.textContent, heads, rows);
  }
}
