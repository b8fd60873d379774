// A picture with a point for each run: a canvas, and over it the axes, a line that joins some, the brush and the focus.

import { make } from "./dom.js";
import { walkRuns } from "./plot_frame.js";
import { PlotGrid } from "./plot_grid.js";
import { Points } from "./plot_points.js";
import { draw } from "./svg.js";

const NEAR = 16; // px from a point that still mean it

export class ScatterPicture {
  /**
   * `on`: focus(row or null, isSpoken, isExtended), tick(row), open(row), runs() from left to right,
   * brush(ranges or null).
   */
  constructor(on) {
    this.on = on;
    this.node = make("div", "mlops-plot-scatter");
    this.points = new Points();
    this.svg = draw("svg", { class: "mlops-plot-picture mlops-plot-brushable", role: "group" });
    this.back = draw("g");
    this.box = draw("rect", { class: "mlops-plot-box" });
    this.joined = draw("path", { class: "mlops-plot-joined" });
    this.ring = draw("circle", { class: "mlops-plot-ring", r: 8 });
    this.walker = draw("rect", { class: "mlops-plot-walker" });
    const label = "Runs as points, from left to right: arrow keys go through them, with Shift they keep the runs between, Space selects, Enter shows the run in the table";
    walkRuns(this.walker, label, {
      runs: () => this.on.runs(),
      focus: (row, isExtended) => this.on.focus(row, true, isExtended),
      tick: (row) => this.on.tick(row),
      open: (row) => this.on.open(row),
      leave: () => this.on.focus(null, true),
    });
    this.svg.append(this.back, this.box, this.joined, this.ring, this.walker);
    this.node.append(...this.points.nodes, this.svg);
    this.svg.addEventListener("pointerdown", (event) => this.press(event));
    this.svg.addEventListener("pointermove", (event) => this.dragging || this.on.focus(this.nearest(this.pointOf(event))));
    this.svg.addEventListener("pointerleave", () => this.on.focus(null));
  }

  /**
   * What PlotGrid wants; `rows` and `faint`, `look(row)`, `shape(row)`, `ticked`; `line` (rows that are joined, as
   * stairs to the right edge if `isStepped`), `ranges` ({x, y} or null), and `label`.
   */
  paint(shown, width, height) {
    Object.assign(this, shown);
    this.svg.setAttribute("aria-label", this.label);
    for (const [name, value] of Object.entries({ width, height, viewBox: `0 0 ${width} ${height}` })) this.svg.setAttribute(name, value);
    const grid = new PlotGrid(shown, width, height);
    this.toX = grid.toX;
    this.toY = grid.toY;
    this.right = grid.area.right;
    for (const [name, value] of Object.entries(grid.around(3))) this.walker.setAttribute(name, value);
    this.back.replaceChildren(...grid.nodes);
    const size = this.rows.length > 3000 ? 0.6 : this.rows.length > 500 ? 0.8 : 1;
    this.placeAll();
    const { rows, faint, look, shape, ticked } = this;
    this.points.paint({ rows, faint, ticked, x: this.left, y: this.height, look, shape, size }, width, height);
    this.drawLine();
    this.showBox();
    this.mark(this.rows.includes(this.marked) ? this.marked : null);
  }

  /** Pixels of all runs; those of one level stand beside each other, each always in the same place. */
  placeAll() {
    const place = (axis, scale, shift) => {
      const spread = axis.levels ? Math.max(0, Math.min(1, (this.rows.length / axis.levels.length - 1) / 10)) : 0;
      return Float32Array.from(axis.values, (value, row) => scale(value + spread * jitter(row + shift)));
    };
    this.left = place(this.x, this.toX, 0);
    this.height = place(this.y, this.toY, 0.5);
  }

  drawLine() {
    const at = (row) => `${this.left[row].toFixed(1)} ${this.height[row].toFixed(1)}`;
    const stair = (row) => `H${this.left[row].toFixed(1)}V${this.height[row].toFixed(1)}`;
    const [first, ...others] = this.line;
    const path = this.isStepped ? `${others.map(stair).join("")}H${this.right}` : others.map((row) => `L${at(row)}`).join("");
    this.joined.setAttribute("d", first === undefined ? "" : `M${at(first)}${path}`);
  }

  showBox() {
    const { ranges } = this;
    this.box.style.display = ranges ? "" : "none";
    if (!ranges) return;
    const clamp = (axis, value) => Math.max(axis.low, Math.min(axis.high, value));
    const [left, right] = [ranges.x.low, ranges.x.high].map((value) => this.toX(clamp(this.x, value)));
    const [bottom, top] = [ranges.y.low, ranges.y.high].map((value) => this.toY(clamp(this.y, value)));
    const size = { x: left - 4, y: top - 4, width: right - left + 8, height: bottom - top + 8 };
    for (const [name, value] of Object.entries(size)) this.box.setAttribute(name, value);
  }

  mark(row) {
    this.marked = row;
    this.ring.style.display = row === null ? "none" : "";
    if (row === null) return;
    this.ring.setAttribute("cx", this.left[row]);
    this.ring.setAttribute("cy", this.height[row]);
  }

  nearest({ x, y }) {
    let [found, least] = [null, NEAR * NEAR];
    for (const row of this.rows) {
      const distance = (this.left[row] - x) ** 2 + (this.height[row] - y) ** 2;
      if (distance < least) [found, least] = [row, distance];
    }
    return found;
  }

  pointOf(event) {
    const box = this.svg.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  }

  /** A drag keeps the runs in its rectangle; a click selects a run, or, beside all runs, ends the brush. */
  press(event) {
    if (event.button !== 0) return;
    const start = this.pointOf(event);
    let hasMoved = false;
    this.dragging = true;
    this.svg.setPointerCapture(event.pointerId);
    const move = (moved) => {
      const now = this.pointOf(moved);
      hasMoved ||= Math.hypot(now.x - start.x, now.y - start.y) > 4;
      if (hasMoved) this.on.brush({ x: rangeBetween(this.x, this.toX, start.x, now.x), y: rangeBetween(this.y, this.toY, start.y, now.y) });
    };
    const stop = (ended) => {
      this.dragging = false;
      for (const name of ["pointerup", "pointercancel"]) this.svg.removeEventListener(name, stop);
      this.svg.removeEventListener("pointermove", move);
      if (hasMoved || ended.type !== "pointerup") return;
      const row = this.nearest(start);
      if (row === null) this.on.brush(null);
      else this.on.tick(row);
    };
    this.svg.addEventListener("pointermove", move);
    for (const name of ["pointerup", "pointercancel"]) this.svg.addEventListener(name, stop);
  }
}

/** The values between two pixels; whole levels where the axis has levels. */
function rangeBetween(axis, scale, one, other) {
  const [low, high] = [scale.back(one), scale.back(other)].sort((a, b) => a - b);
  return axis.levels ? { low: Math.round(low) - 0.5, high: Math.round(high) + 0.5 } : { low, high };
}

/** Between -0.3 and 0.3, always the same for a row: the golden ratio spreads neighbours. */
const jitter = (row) => (((row * 0.618034) % 1) - 0.5) * 0.6;
