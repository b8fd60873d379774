// The picture of parallel coordinates: axes beside each other, a line for each run, and what the mouse does there.

import { make } from "./dom.js";
import { walkRuns } from "./plot_frame.js";
import { ParallelAxis } from "./parallel_axis.js";
import { draw } from "./svg.js";

const NEAR = 12; // px from a line or an axis that still mean it
const NAME = 18; // px, one row of names
const TOOLS = 24;
const TIGHT = 60; // px between axes, below which a head has no room for all its tools
const MISSING = 26; // px below the axes
const LETTER = 8; // of the names
const [LEFT, RIGHT] = [58, 24]; // px beside the first and the last axis

export class ParallelPicture {
  /** `on`: what ParallelAxis wants, and focus(row or null, isSpoken), tick(row), open(row), order(keys), runs(). */
  constructor(on) {
    this.on = on;
    this.node = make("div", "mlops-plot-parallel");
    this.heads = make("div", "mlops-plot-heads");
    this.svg = draw("svg", { class: "mlops-plot-picture", role: "group" });
    this.lines = draw("g", { class: "mlops-plot-lines" });
    this.top = draw("g", { class: "mlops-plot-top", "aria-hidden": "true" });
    this.bodies = draw("g");
    this.walker = draw("rect", { class: "mlops-plot-walker" });
    const label = "Runs as lines, best first: arrow keys go through them, Space selects, Enter shows the run in the table";
    walkRuns(this.walker, label, {
      runs: () => this.on.runs(),
      focus: (row) => this.on.focus(row, true),
      tick: (row) => this.on.tick(row),
      open: (row) => this.on.open(row),
      leave: () => this.on.focus(null, true),
    });
    this.walker.setAttribute("tabindex", "0");
    this.svg.append(this.lines, this.top, this.bodies, this.walker);
    this.node.append(this.heads, this.svg);
    this.active = "";
    this.svg.addEventListener("pointerdown", (event) => this.press(event));
    this.svg.addEventListener("pointermove", (event) => this.hover(event));
    this.svg.addEventListener("pointerleave", () => this.on.focus(null));
  }

  /** `axes`, `logs` (a Set of keys), `brushes` (a Map), `rows` and `faint` (rows), `ticked`, `shade(row)`, `label`. */
  paint(shown, width, height) {
    Object.assign(this, shown);
    this.svg.setAttribute("aria-label", this.label);
    const signs = this.axes.map(({ key, low, high, levels, missing }) => [key, low, high, levels, missing > 0]);
    const layout = JSON.stringify([width, height, [...this.logs], signs]);
    if (layout !== this.layout) this.place(width, height);
    this.layout = layout;
    for (const each of this.parts) each.showBrush(this.brushes.get(each.axis.key));
    this.drawLines();
  }

  place(width, height) {
    const held = this.heldFocus();
    const start = Math.min(width / 5, Math.max(LEFT, 12 + 7 * Math.max(0, ...(this.axes[0].levels ?? []).map((text) => text.length))));
    const step = this.axes.length > 1 ? (width - start - RIGHT) / (this.axes.length - 1) : 0;
    const longest = Math.max(...this.axes.map((axis) => Math.min(24, axis.name.length + 2))) * LETTER;
    const floors = longest > step - 8 && this.axes.length > 1 ? 2 : 1;
    const top = floors * NAME + TOOLS + 10;
    const bottom = height - (this.axes.some((axis) => axis.missing) ? MISSING + 8 : 10);
    this.missingAt = bottom + MISSING - 4;
    for (const [name, value] of Object.entries({ width, height, viewBox: `0 0 ${width} ${height}` })) this.svg.setAttribute(name, value);
    for (const [name, value] of Object.entries({ x: 1, y: top - 8, width: width - 2, height: height - top + 6 })) this.walker.setAttribute(name, value);
    this.parts = this.axes.map((axis, at) => {
      const x = step ? start + at * step : width / 2;
      const part = new ParallelAxis(axis, { isLog: this.logs.has(axis.key), x, top, bottom, room: at ? step : start }, this.on);
      const lift = floors === 2 && at % 2 === 1 ? NAME : 0;
      Object.assign(part.head.style, { ...headBox(x, (step || width) * floors - 8, width), height: `${top - 10}px` });
      part.title.style.marginBottom = `${lift}px`;
      if (axis.missing) part.body.append(...this.missingMark(axis, x));
      return part;
    });
    this.node.classList.toggle("mlops-plot-tight", step < TIGHT);
    this.heads.replaceChildren(...this.parts.map((part) => part.head));
    this.bodies.replaceChildren(...this.parts.map((part) => part.body));
    this.reach(this.parts.find((part) => part.axis.key === this.active) ?? this.parts[0]);
    this.giveFocus(held);
  }

  missingMark(axis, x) {
    const mark = draw("circle", { class: "mlops-plot-missing", cx: x, cy: this.missingAt, r: 3.5 });
    mark.append(draw("title", {}, `${axis.missing.toLocaleString("en")} runs have no ${axis.name}`));
    return [mark, draw("text", { class: "mlops-plot-tick", x: x - 7, y: this.missingAt + 4, "text-anchor": "end" }, "none")];
  }

  reach(part) {
    this.active = part?.axis.key ?? "";
    for (const each of this.parts) each.reach(each === part);
  }

  /** Move the focus to the axis `by` places away. */
  go(axis, by) {
    const at = this.parts.findIndex((part) => part.axis.key === axis.key) + by;
    if (!this.parts[at]) return;
    this.reach(this.parts[at]);
    this.parts[at].title.focus();
  }

  /** Which part of an axis has the focus, to give it back after drawing anew. */
  heldFocus() {
    const focused = this.node.getRootNode().activeElement;
    for (const part of this.parts ?? []) {
      const found = Object.entries({ title: part.title, log: part.log, ...part.handles }).find(([, node]) => node === focused);
      if (found) return [part.axis.key, found[0]];
    }
    return null;
  }

  giveFocus(held) {
    const part = held && this.parts.find((each) => each.axis.key === held[0]);
    if (part) ({ title: part.title, log: part.log, ...part.handles })[held[1]].focus();
  }

  path(row) {
    const point = (part) => `${part.x.toFixed(1)} ${this.heightOf(part, row).toFixed(1)}`;
    return `M${this.parts.map(point).join("L")}`;
  }

  heightOf(part, row) {
    const value = part.axis.values[row];
    return Number.isNaN(value) ? this.missingAt : part.y(value);
  }

  drawLines() {
    const isBusy = this.rows.length > 40 ? " mlops-plot-busy" : "";
    const faint = draw("path", { class: "mlops-plot-line mlops-plot-faint", d: this.faint.map((row) => this.path(row)).join("") });
    const line = (row, look) => draw("path", { class: `mlops-plot-line mlops-plot-shade-${this.shade(row)}${look}`, d: this.path(row) });
    const plain = this.rows.filter((row) => !this.ticked.has(row)).reverse(); // the best on top
    const ticked = this.rows.filter((row) => this.ticked.has(row));
    this.lines.replaceChildren(
      faint,
      ...plain.map((row) => line(row, isBusy)),
      ...ticked.flatMap((row) => [draw("path", { class: "mlops-plot-line mlops-plot-halo", d: this.path(row) }), line(row, " mlops-plot-ticked")]),
    );
    this.mark(this.rows.includes(this.marked) ? this.marked : null);
  }

  /** Bring the line of `row` to the front, with a dot on each axis; null for none. */
  mark(row) {
    this.marked = row;
    this.lines.classList.toggle("mlops-plot-behind", row !== null);
    if (row === null) return this.top.replaceChildren();
    const dots = this.parts.map((part) => draw("circle", { class: `mlops-plot-dot mlops-plot-shade-${this.shade(row)}`, cx: part.x, cy: this.heightOf(part, row), r: 4.5 }));
    const line = (look) => draw("path", { class: `mlops-plot-line ${look}`, d: this.path(row) });
    return this.top.replaceChildren(line("mlops-plot-halo"), line(`mlops-plot-ticked mlops-plot-shade-${this.shade(row)}`), ...dots);
  }

  /** The run whose line is nearest to a point, or null. */
  nearest({ x, y }) {
    const at = Math.max(1, this.parts.findIndex((part) => part.x >= x));
    const [left, right] = [this.parts[at - 1], this.parts[at] ?? this.parts[at - 1]];
    const share = right.x > left.x ? Math.max(0, Math.min(1, (x - left.x) / (right.x - left.x))) : 0;
    let [found, least] = [null, NEAR];
    for (const row of this.rows) {
      const height = (1 - share) * this.heightOf(left, row) + share * this.heightOf(right, row);
      if (Math.abs(height - y) < least) [found, least] = [row, Math.abs(height - y)];
    }
    return found;
  }

  pointOf(event) {
    const box = this.svg.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  }

  hover(event) {
    if (!this.dragging && this.parts) this.on.focus(this.nearest(this.pointOf(event)));
  }

  /** A drag along an axis brushes it; a click on a brushed axis ends its brush, and any other selects a run. */
  press(event) {
    if (event.button !== 0) return;
    const start = this.pointOf(event);
    const part = this.parts.find((each) => Math.abs(each.x - start.x) <= NEAR && start.y > each.top - NEAR && start.y < each.bottom + NEAR);
    let hasMoved = false;
    const move = (moved) => {
      const now = this.pointOf(moved);
      hasMoved ||= Math.abs(now.y - start.y) > 3;
      if (hasMoved && part) this.on.brush(part.axis, part.rangeBetween(start.y, now.y));
    };
    this.follow(event, move, () => {
      if (hasMoved) return;
      const row = this.nearest(start);
      if (part && this.brushes.has(part.axis.key)) this.on.brush(part.axis, null);
      else if (row !== null) this.on.tick(row);
    });
  }

  /** Drag the name of an axis to another place. */
  drag(part, event) {
    if (event.button !== 0) return;
    const start = event.clientX;
    let by = 0;
    const move = (moved) => {
      by = moved.clientX - start;
      part.head.style.transform = `translateX(${by}px)`;
    };
    this.follow(event, move, () => {
      part.head.style.transform = "";
      const others = this.parts.filter((each) => each !== part);
      const at = others.filter((each) => each.x < part.x + by).length;
      if (Math.abs(by) > 4) this.on.order([...others.slice(0, at), part, ...others.slice(at)].map((each) => each.axis.key));
    });
  }

  follow(event, move, end) {
    const target = event.currentTarget;
    this.dragging = true;
    target.setPointerCapture(event.pointerId);
    target.addEventListener("pointermove", move);
    const stop = (ended) => {
      this.dragging = false;
      for (const name of ["pointerup", "pointercancel"]) target.removeEventListener(name, stop);
      target.removeEventListener("pointermove", move);
      if (ended.type === "pointerup") end();
    };
    for (const name of ["pointerup", "pointercancel"]) target.addEventListener(name, stop);
  }
}

/** Where the head of an axis at `x` stands: over it, and at an edge rather than beyond. */
function headBox(x, wide, width) {
  const size = Math.min(width, Math.max(64, wide));
  const left = Math.max(0, Math.min(width - size, x - size / 2));
  const alignItems = left > x - size / 2 ? "flex-start" : left < x - size / 2 ? "flex-end" : "center";
  return { left: `${left}px`, width: `${size}px`, alignItems };
}
