// Two axes around a drawing: its area, its scales, lines at round values, titles.

import { cutMiddle } from "./dom.js";
import { placeText, tickText } from "./plot_axes.js";
import { logTicks, scaleOf, ticks } from "./scales.js";
import { draw } from "./svg.js";

const SPARE = 0.04; // of an axis, beyond its ends
const LETTER = 6.6; // px
const CAPITAL = 9; // px, a letter of a title

export class PlotGrid {
  /** Axes `x` and `y` (each may have its own `text(value)` for ticks), `logs` and `titles` ({x, y}) within `width` by `height`. */
  constructor({ x, y, logs, titles }, width, height) {
    Object.assign(this, { x, y, logs });
    const [top, bottom, right] = [26, height - 42, width - 12];
    this.yTicks = ticksOf(y, logs.y, (bottom - top) / 45);
    const longest = Math.max(4, ...this.yTicks.map(([, text]) => text.length));
    this.area = { left: Math.min(width / 4, 18 + longest * LETTER), right, top, bottom };
    this.toX = scaleOf(padded(x, logs.x), logs.x, this.area.left, this.area.right);
    this.toY = scaleOf(padded(y, logs.y), logs.y, this.area.bottom, this.area.top);
    this.nodes = [...this.shelves(), ...this.posts(), ...this.titles(titles, width)];
  }

  /** The drawing's rectangle with `spare` pixels around it, as attributes. */
  around(spare) {
    const { left, right, top, bottom } = this.area;
    return { x: left - spare, y: top - spare, width: right - left + 2 * spare, height: bottom - top + 2 * spare };
  }

  shelves() {
    const { left, right } = this.area;
    const most = Math.max(5, Math.floor((left - 18) / LETTER));
    return this.yTicks.flatMap(([value, text]) => [
      draw("line", { class: "mlops-plot-shelf", x1: left, x2: right, y1: this.toY(value), y2: this.toY(value) }),
      draw("text", { class: "mlops-plot-tick", x: left - 6, y: this.toY(value) + 4, "text-anchor": "end" }, this.y.levels ? cutMiddle(text, most) : text),
    ]);
  }

  posts() {
    const { left, right, top, bottom } = this.area;
    const found = ticksOf(this.x, this.logs.x, (right - left) / 70);
    const most = Math.max(5, Math.floor((right - left) / Math.max(1, found.length) / LETTER) - 1);
    let last = -Infinity;
    return found.flatMap(([value, full]) => {
      const text = this.x.levels ? cutMiddle(full, most) : full;
      const half = (text.length * LETTER) / 2;
      const at = Math.max(half, Math.min(right + 12 - half, this.toX(value)));
      const post = draw("line", { class: "mlops-plot-shelf", x1: this.toX(value), x2: this.toX(value), y1: top, y2: bottom });
      if (at - half < last + 6) return [post];
      last = at + half;
      return [post, draw("text", { class: "mlops-plot-tick", x: at, y: bottom + 16, "text-anchor": "middle" }, text)];
    });
  }

  titles({ x, y }, width) {
    const { left, right, top, bottom } = this.area;
    const title = (text, room, place) => draw("text", { class: "mlops-plot-title", ...place }, cutMiddle(text, Math.floor(room / CAPITAL)));
    const middle = { x: (left + right) / 2, y: bottom + 34, "text-anchor": "middle" };
    return [title(y, width, { x: 2, y: top - 12 }), title(x, right - left, middle)];
  }
}

/** An axis with some room beyond its ends; a range without size gets one around it. */
function padded(axis, isLog) {
  if (axis.levels) return axis;
  if (isLog) {
    const factor = (axis.high / axis.low) ** SPARE;
    return { low: axis.low / factor, high: axis.high * factor };
  }
  const spare = (axis.high - axis.low || Math.abs(axis.high) || 1) * SPARE;
  return { low: axis.low - spare, high: axis.high + spare };
}

function ticksOf(axis, isLog, count) {
  if (axis.levels) return axis.levels.map((_, at) => [at, placeText(axis, at)]);
  const text = axis.text ?? tickText;
  if (!(axis.high > axis.low)) return [[axis.low, text(axis.low)]];
  const round = axis.few && !isLog ? axis.few : (isLog ? logTicks : ticks)(axis.low, axis.high, Math.max(2, Math.floor(count)));
  return round.filter((value) => !axis.whole || Number.isInteger(value)).map((value) => [value, text(value)]);
}
