// A scatter plot of runs: any two columns, a third as colour, the Pareto front, and a rectangle that filters.

import { keyOf } from "./compare_columns.js";
import { make } from "./dom.js";
import { axisOf, isWorded, placeText } from "./plot_axes.js";
import { BrushShare } from "./plot_brush.js";
import { besides, chosenAxes, mainOf, plottable } from "./plot_choice.js";
import { ColumnChoice, press, toggle } from "./plot_controls.js";
import { PlotFrame, twinTable } from "./plot_frame.js";
import { levelLegend, shadeLegend } from "./plot_legend.js";
import { SHAPES } from "./plot_points.js";
import { Changes, bestRows, insideAll, paretoFront, shadesOf } from "./plot_rows.js";
import { ScatterPicture } from "./scatter_picture.js";
import { figureText, plainText } from "./words.js";

const TABLE_ROWS = 300;

export class ScatterPanel {
  constructor(view) {
    this.view = view;
    this.brushing = new BrushShare(view);
    this.changes = new Changes();
    this.keys = { x: "", y: "", colour: "" };
    this.logs = { x: false, y: false };
    this.flipped = new Set(); // keys whose better end is the other one
    this.ranges = null;
    this.frame = new PlotFrame({
      onPaint: (width, height) => this.paint(width, height),
      onTable: () => this.table(),
      onOpen: () => this.view.focusRun(this.focused),
    });
    this.node = this.frame.node;
    this.tools = this.frame.twin;
    this.picture = new ScatterPicture({
      focus: (row, isSpoken, isExtended) => this.focus(row, isSpoken, isExtended),
      tick: (row) => this.view.tick([row], !this.view.ticked().has(row)),
      open: (row) => this.view.focusRun(row),
      runs: () => this.byX,
      brush: (ranges) => this.brush(ranges),
    });
    this.frame.drawing.append(this.picture.node);
    this.frame.controls.append(...this.makeControls());
  }

  close() {
    this.brushing.close();
    this.frame.close();
  }

  makeControls() {
    const choice = (what, label) => new ColumnChoice(label, (key) => this.choose(what, key));
    this.choices = { x: choice("x", "Across"), y: choice("y", "Up"), colour: choice("colour", "Colour") };
    const log = (what, label) => {
      const button = toggle("log", () => {
        this.logs[what] = !this.logs[what];
        this.load();
      });
      button.setAttribute("aria-label", `log scale ${label}`);
      return button;
    };
    this.logButtons = { x: log("x", "across"), y: log("y", "upwards") };
    this.frontButton = toggle("Pareto front", () => {
      this.wantsFront = !this.hasFront;
      this.load();
    });
    const flip = (what) =>
      toggle("", () => {
        const key = this.keys[what];
        if (!this.flipped.delete(key)) this.flipped.add(key);
        this.load();
      });
    this.flips = { x: flip("x"), y: flip("y") };
    for (const button of Object.values(this.flips)) button.removeAttribute("aria-pressed");
    this.colourKey = make("span", "mlops-plot-keys");
    this.frontKey = make("span", "mlops-plot-key");
    this.frontKey.append("— no run is better on both:", this.flips.x, this.flips.y);
    this.frame.legend.append(this.colourKey, this.frontKey);
    const { x, y, colour } = this.choices;
    return [x.node, this.logButtons.x, y.node, this.logButtons.y, colour.node, this.frontButton];
  }

  choose(what, key) {
    this.keys[what] = key;
    if (what !== "colour") {
      this.logs[what] = null;
      if (this.ranges) this.brush(null);
    }
    this.load();
  }

  /** The table or the choices changed, or the panel is to be seen again. */
  show() {
    const rows = this.brushing.rows();
    const isOver = this.ranges && !this.brushing.holds;
    if (isOver) this.ranges = null;
    this.picture.points.follow();
    if (!this.changes.any(rows, this.view.ticked(), this.view.columns, this.view.sorted) && !isOver) return;
    this.all = rows;
    this.candidates = plottable(this.view.columns, this.all);
    this.load();
  }

  /** What depends on the choices of this panel. */
  load() {
    const { candidates } = this;
    this.columns = new Map(this.view.columns.filter((column) => column.group !== "run").map((column) => [keyOf(column), column]));
    if (!this.keys.y) this.begin(candidates);
    for (const [what, each] of Object.entries(this.choices)) {
      const column = this.columns.get(this.keys[what]);
      each.fill(candidates.includes(column) || !column ? candidates : [column, ...candidates], this.keys[what], what === "colour" ? "none" : undefined);
    }
    this.x = this.axis("x");
    this.y = this.axis("y");
    if (!this.x || !this.y) {
      this.frame.say("", this.noneText());
      return;
    }
    const { x, y } = this;
    this.placed = this.all.filter((row) => !Number.isNaN(x.values[row]) && !Number.isNaN(y.values[row]));
    this.byX = [...this.placed].sort((a, b) => x.values[a] - x.values[b] || a - b);
    this.colouring = this.colourBy(this.columns.get(this.keys.colour));
    const before = this.rows?.length;
    this.update();
    if (this.ranges && this.rows.length !== before) this.brushing.tell(this.rows); // another filter
  }

  /** Up: the sorted metric or the first; across: the metric that goes least with it, or a parameter. */
  begin(candidates) {
    const main = mainOf(candidates, this.view.sorted);
    const drawn = main ? besides(candidates, main, this.all) : candidates;
    const [best, ...others] = chosenAxes(drawn, this.all, main, 3).filter((column) => column !== main);
    const metric = [best, ...others].find((column) => column?.group === "metrics");
    const param = drawn.includes(best) && best.group === "params" ? best : undefined;
    const across = metric ?? param ?? drawn.find((column) => column !== main);
    const key = (column) => (column ? keyOf(column) : "");
    this.keys = { x: key(across), y: key(across && main), colour: key(param === across ? undefined : param) };
    this.logs = { x: null, y: null }; // null: as the values suggest
  }

  axis(what) {
    const column = this.columns.get(this.keys[what]);
    if (!column) return null;
    const axis = axisOf(column, this.all);
    const isFlipped = this.flipped.has(axis.key);
    this.logs[what] = axis.canLog && (this.logs[what] ?? axis.suggestsLog);
    this.logButtons[what].disabled = !axis.canLog;
    press(this.logButtons[what], this.logs[what]);
    return { ...axis, lower: (axis.lower ?? true) !== isFlipped };
  }

  noneText() {
    if (!this.all.length) return "No run matches the filter, so there is nothing to draw.";
    if (this.x && this.y) return "No run has a value of both. Choose another column.";
    return "A scatter plot needs two columns in which these runs differ.";
  }

  update() {
    const { x, y, placed } = this;
    this.rows = this.ranges ? insideAll(placed, [[x, this.ranges.x], [y, this.ranges.y]]) : placed;
    const inside = new Set(this.rows);
    this.faint = this.ranges ? placed.filter((row) => !inside.has(row)) : [];
    const canFront = !x.levels && !y.levels;
    const isAsked = this.wantsFront ?? (x.column.group === "metrics" && y.column.group === "metrics");
    this.hasFront = canFront && isAsked;
    this.front = this.hasFront ? paretoFront(this.rows, x, y) : [];
    this.frontButton.disabled = !canFront;
    press(this.frontButton, this.hasFront);
    for (const what of ["x", "y"]) {
      this.flips[what].textContent = `${this[what].lower ? "lower" : "higher"} ${plainText(this[what].name, 24)}`;
      this.flips[what].title = "Turn the better end round";
    }
    this.frontKey.hidden = !this.hasFront;
    this.frame.say(this.sentence(placed), placed.length ? "" : this.noneText());
    this.frame.refresh();
  }

  sentence(placed) {
    const missing = this.all.length - placed.length;
    const parts = [`${counted(this.rows.length)} by ${plainText(this.x.name)} and ${plainText(this.y.name)}`];
    if (this.ranges) parts[0] += ", brushed";
    if (this.hasFront) parts.push(`${figureText(this.front.length)} on the Pareto front`);
    if (missing) parts.push(`${counted(missing)} without both values not drawn`);
    return `${parts.join("; ")}. Drag a rectangle to keep the runs in it; click a run to select it.`;
  }

  paint(width, height) {
    if (!this.x || !this.y || !this.rows) return;
    const { look, shape, legend } = this.colouring;
    const label = `Scatter plot: ${this.frame.sentence.textContent}`;
    const titles = { x: `${plainText(this.x.name)} →`, y: `↑ ${plainText(this.y.name)}` };
    const shown = { x: this.x, y: this.y, logs: this.logs, rows: this.rows, faint: this.faint, line: this.front, ranges: this.ranges };
    this.picture.paint({ ...shown, look, shape, ticked: this.view.ticked(), label, titles }, width, height);
    this.colourKey.replaceChildren(...legend);
  }

  /** Numbers are a scale of colours; words are shapes, each with a colour of its own. */
  colourBy(column) {
    if (!column) return { axis: null, look: () => "mlops-plot-shade-8", shape: () => 0, legend: [] };
    const last = SHAPES.length - 1;
    const axis = axisOf(column, this.all, last + 1);
    if (!isWorded(column)) {
      const shades = shadesOf(axis, this.all);
      const looks = Array.from(axis.values, (_, row) => `mlops-plot-shade-${shades.shade(row)}`);
      return { axis, look: (row) => looks[row], shape: () => 0, legend: shadeLegend(axis, shades) };
    }
    const level = (row) => (Number.isNaN(axis.values[row]) ? last : axis.values[row]);
    return { axis, look: (row) => `mlops-plot-level-${level(row)}`, shape: level, legend: levelLegend(axis) };
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
    if (row === null && !isSpoken) return; // the words stay when the mouse leaves, so that the button can be reached
    this.focused = row;
    this.frame.tell(row === null ? "" : this.about(row), isSpoken);
  }

  /** Keep the runs that stand between two of them from left to right. */
  extend(row) {
    const [low, high] = [this.x.values[this.anchor], this.x.values[row]].sort((a, b) => a - b);
    const gap = this.x.levels ? 0.5 : 0;
    this.brush({ x: { low: low - gap, high: high + gap }, y: { low: this.y.low, high: this.y.high } });
  }

  /** The axes whose values are told of a run. */
  told() {
    return [this.x, this.y, this.colouring.axis].filter(Boolean);
  }

  about(row) {
    const values = this.told().map((axis) => `${plainText(axis.name)} ${placeText(axis, axis.values[row])}`).join(" · ");
    const told = [this.view.ticked().has(row) ? "selected" : "", this.front.includes(row) ? "on the Pareto front" : ""].filter(Boolean);
    return `${plainText(this.view.nameOf(row))}${told.length ? ` (${told.join(", ")})` : ""}: ${values}`;
  }

  table() {
    const axes = this.told();
    const onFront = new Set(this.front);
    const rest = bestRows(this.rows.filter((row) => !onFront.has(row)), this.y.column, TABLE_ROWS, this.view.ticked());
    const shown = [...this.front, ...rest].slice(0, TABLE_ROWS);
    const ticked = this.view.ticked();
    const rows = shown.map((row) => [
      plainText(this.view.nameOf(row)), ...axes.map((axis) => placeText(axis, axis.values[row])),
      onFront.has(row) ? "yes" : "", ticked.has(row) ? "yes" : "",
    ]);
    const part = shown.length < this.rows.length ? `The first ${figureText(shown.length)} of ` : "";
    const heads = ["run", ...axes.map((axis) => plainText(axis.name)), "Pareto front", "selected"];
    return twinTable(`${part}${this.frame.sentence.textContent}`, heads, rows);
  }
}

const counted = (count) => `${figureText(count)} ${count === 1 ? "run" : "runs"}`;
