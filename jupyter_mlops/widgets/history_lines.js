// The picture of a metric over steps: a line for each run, with a shape and a colour of its own.

import { make } from "./dom.js";
import { walkRuns } from "./plot_frame.js";
import { PlotGrid } from "./plot_grid.js";
import { SHAPES } from "./plot_points.js";
import { nearestAt } from "./plot_series.js";
import { draw } from "./svg.js";

const COLOURS = 6; // levels with a colour of their own
const MARKS = 6; // shapes along a line
const NEAR = 40; // px from a line that still mean it

/** Colour and shape of the line at a place; both together tell 42 apart. */
export const looksOf = (at) => ({ look: `mlops-plot-level-${at % COLOURS}`, shape: SHAPES[at % SHAPES.length], dash: at < COLOURS ? "" : "7 3" });

export class HistoryLines {
  /** `on`: focus(row or null, place, isSpoken), tick(row), open(row), runs(). */
  constructor(on) {
    this.on = on;
    this.node = make("div", "mlops-plot-history");
    this.svg = draw("svg", { class: "mlops-plot-picture", role: "group" });
    this.back = draw("g");
    this.lines = draw("g", { class: "mlops-plot-lines" });
    this.ring = draw("circle", { class: "mlops-plot-ring", r: 7 });
    this.walker = draw("rect", { class: "mlops-plot-walker" });
    const label = "Runs as lines: up and down go from run to run, left and right along it, Space selects, Enter shows the run in the table";
    walkRuns(this.walker, label, {
      runs: () => this.on.runs(),
      focus: (row) => this.speak(row, (line) => this.place ?? line.x.length - 1),
      along: (row, by) => this.speak(row, (line) => (this.place ?? line.x.length - 1) + by * Math.max(1, Math.round(line.x.length / 50))),
      tick: (row) => this.on.tick(row),
      open: (row) => this.on.open(row),
      leave: () => this.on.focus(null, 0, true),
    });
    this.svg.append(this.back, this.lines, this.ring, this.walker);
    this.node.append(this.svg);
    this.svg.addEventListener("pointermove", (event) => this.hover(event));
    this.svg.addEventListener("pointerleave", () => this.on.focus(null, 0));
    this.svg.addEventListener("click", () => this.marked === null || this.on.tick(this.marked));
  }

  /** What PlotGrid wants; `drawn` (lines as of lineOf, with `at`, their place), `isSmoothed`, `ticked` and `label`. */
  paint(shown, width, height) {
    Object.assign(this, shown);
    this.svg.setAttribute("aria-label", this.label);
    for (const [name, value] of Object.entries({ width, height, viewBox: `0 0 ${width} ${height}` })) this.svg.setAttribute(name, value);
    this.grid = new PlotGrid(shown, width, height);
    for (const [name, value] of Object.entries(this.grid.around(3))) this.walker.setAttribute(name, value);
    this.back.replaceChildren(...this.grid.nodes);
    this.lines.replaceChildren(...this.drawn.flatMap((line) => this.draw(line)));
    this.mark(this.drawn.some((line) => line.row === this.marked) ? this.marked : null, this.place);
  }

  draw(line) {
    const { look, shape, dash } = looksOf(line.at);
    const path = (values, extra) =>
      draw("path", { class: `mlops-plot-line ${look} ${extra}`, d: this.path(line.x, values), "stroke-dasharray": dash });
    const isTicked = this.ticked.has(line.row) ? "mlops-plot-picked" : "";
    const present = line.values.map((value, i) => (this.has(value) ? i : -1)).filter((i) => i >= 0);
    const every = Math.max(1, Math.ceil(present.length / MARKS));
    const marked = present.filter((_, i) => i % every === 0 || i === present.length - 1);
    const marks = marked.map((i) => {
      const transform = `translate(${this.grid.toX(line.x[i]).toFixed(1)} ${this.grid.toY(line.values[i]).toFixed(1)})`;
      return draw("path", { class: `mlops-plot-mark ${look}`, d: shape, transform });
    });
    return [...(this.isSmoothed ? [path(line.raw, "mlops-plot-raw")] : []), path(line.values, isTicked), ...marks];
  }

  has(value) {
    return Number.isFinite(value) && (!this.logs.y || value > 0);
  }

  path(x, values) {
    let isOpen = false;
    return values.map((value, i) => {
      if (!this.has(value)) isOpen = false;
      else {
        const step = `${isOpen ? "L" : "M"}${this.grid.toX(x[i]).toFixed(1)} ${this.grid.toY(value).toFixed(1)}`;
        isOpen = true;
        return step;
      }
      return "";
    }).join("");
  }

  /** Show a run and a place on it; null for none. */
  mark(row, place) {
    const line = this.drawn?.find((each) => each.row === row);
    const isSeen = line !== undefined && this.has(line.values[place]);
    this.marked = line ? row : null;
    this.place = line ? place : undefined;
    this.ring.style.display = isSeen ? "" : "none";
    if (!isSeen) return;
    this.ring.setAttribute("cx", this.grid.toX(line.x[place]));
    this.ring.setAttribute("cy", this.grid.toY(line.values[place]));
  }

  speak(row, placeOf) {
    const line = this.drawn.find((each) => each.row === row);
    if (line) this.on.focus(row, Math.max(0, Math.min(line.x.length - 1, placeOf(line))), true);
  }

  hover(event) {
    if (!this.grid) return;
    const box = this.svg.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left, event.clientY - box.top];
    let [found, place, least] = [null, 0, NEAR];
    for (const line of this.drawn) {
      const i = nearestAt(line.x, this.grid.toX.back(x));
      const away = i < 0 || !this.has(line.values[i]) ? Infinity : Math.hypot((this.grid.toX(line.x[i]) - x) / 3, this.grid.toY(line.values[i]) - y);
      if (away < least) [found, place, least] = [line.row, i, away];
    }
    this.on.focus(found, place);
  }
}
