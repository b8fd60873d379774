// One axis of the parallel coordinates: its head (name, log, remove), its ticks, its brush with two handles.

import { cutMiddle, make } from "./dom.js";
import { placeText, tickText } from "./plot_axes.js";
import { press, toggle } from "./plot_controls.js";
import { logTicks, scaleOf, ticks } from "./scales.js";
import { draw } from "./svg.js";
import { TITLE_LIMIT, plainText } from "./words.js";

const STEPS = 50; // key presses from one end to the other
const LETTER = 7; // px, of the ticks' size
const APART = 15; // px between ticks

export class ParallelAxis {
  /** `on` are the panel's answers: brush(axis, range or null), log(axis), remove(axis), move(axis, by), go(axis, by), drag(axis, event). */
  constructor(axis, { isLog, x, top, bottom, room }, on) {
    Object.assign(this, { axis, isLog, x, top, bottom, on });
    this.y = scaleOf(axis, isLog, bottom, top);
    this.name = plainText(axis.name);
    this.head = this.makeHead();
    this.body = draw("g", { class: "mlops-plot-axis" });
    this.body.append(draw("line", { class: "mlops-plot-axis-line", x1: x, x2: x, y1: top, y2: bottom }), ...this.makeTicks(room));
    this.band = draw("rect", { class: "mlops-plot-band", x: x - 7, width: 14 });
    this.grip = draw("rect", { class: "mlops-plot-grip", x: x - 12, y: top - 4, width: 24, height: bottom - top + 8 });
    this.handles = { low: this.makeHandle("low"), high: this.makeHandle("high") };
    this.body.append(this.band, this.grip, this.handles.low, this.handles.high);
    this.showBrush(undefined);
  }

  makeHead() {
    const head = make("div", "mlops-plot-head");
    const { lower } = this.axis;
    this.title = make("button", "mlops-plot-name");
    this.title.type = "button";
    this.title.append(make("bdi", "", this.name));
    if (lower !== undefined) this.title.append(` ${lower ? "↓" : "↑"}`);
    const better = lower === undefined ? "" : lower ? ", lower is better" : ", higher is better";
    this.title.title = `${plainText(this.axis.name, TITLE_LIMIT)}${better}. Drag to move it, or Shift with an arrow key; Delete removes it.`;
    this.title.setAttribute("aria-label", `Axis ${this.name}${better}`);
    this.title.setAttribute("aria-keyshortcuts", "ArrowLeft ArrowRight Shift+ArrowLeft Shift+ArrowRight Delete");
    this.title.addEventListener("keydown", (event) => this.key(event));
    this.title.addEventListener("pointerdown", (event) => this.on.drag(this, event));
    const tools = make("span", "mlops-plot-tools");
    this.log = toggle("log", () => this.on.log(this.axis));
    this.log.setAttribute("aria-label", `log scale of ${this.name}`);
    this.log.disabled = !this.axis.canLog;
    if (this.log.disabled) this.log.title = "Needs values above 0 that differ.";
    press(this.log, this.isLog);
    const remove = make("button", "mlops-button mlops-plot-button", "×");
    remove.type = "button";
    remove.tabIndex = -1; // Delete on the name does the same
    remove.setAttribute("aria-label", `Remove ${this.name}`);
    remove.addEventListener("click", () => this.on.remove(this.axis));
    tools.append(this.log, remove);
    head.append(this.title, tools);
    return head;
  }

  key(event) {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (by && event.shiftKey) this.on.move(this.axis, by);
    else if (by) this.on.go(this.axis, by);
    else if (event.key === "Delete" || event.key === "Backspace") this.on.remove(this.axis);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  makeTicks(room) {
    const { axis, x, y } = this;
    const most = Math.max(4, Math.floor((room - 10) / LETTER));
    const texts = axis.levels ? axis.levels.map((text, at) => [at, cutMiddle(text, most)]) : this.numberTicks();
    return texts.flatMap(([value, text]) => [
      draw("line", { class: "mlops-plot-axis-line", x1: x - 3, x2: x, y1: y(value), y2: y(value) }),
      draw("text", { class: "mlops-plot-tick", x: x - 6, y: y(value) + 4, "text-anchor": "end" }, text),
    ]);
  }

  /** Both ends, and between them the few values there are, or round numbers, where there is room. */
  numberTicks() {
    const { axis, isLog, y } = this;
    if (!(axis.high > axis.low)) return [[axis.low, tickText(axis.low)]];
    const count = Math.max(2, Math.floor((this.bottom - this.top) / 45));
    const kept = [axis.low, axis.high];
    for (const value of axis.few ?? (isLog ? logTicks : ticks)(axis.low, axis.high, count)) {
      if (kept.every((each) => Math.abs(y(value) - y(each)) > APART)) kept.push(value);
    }
    return kept.map((value) => [value, tickText(value)]);
  }

  makeHandle(which) {
    const word = which === "low" ? "least" : "greatest";
    const handle = draw("g", { class: "mlops-plot-handle", role: "slider", tabindex: "-1", "aria-orientation": "vertical" });
    handle.setAttribute("aria-label", `Brush on ${this.name}: ${word} value that stays`);
    const side = which === "low" ? 1 : -1;
    handle.append(draw("path", { d: `M-8 0H8L0 ${side * 8}Z` }));
    handle.addEventListener("keydown", (event) => this.slide(event, which));
    return handle;
  }

  /** Let Tab reach this axis, or leave it to another: one axis at a time. */
  reach(isReached) {
    for (const part of [this.title, this.log]) part.tabIndex = isReached ? 0 : -1;
    for (const handle of Object.values(this.handles)) handle.setAttribute("tabindex", isReached ? "0" : "-1");
  }

  slide(event, which) {
    const { axis, y, top, bottom } = this;
    const { low, high } = this.range ?? axis;
    const at = which === "low" ? low : high;
    const steps = { ArrowUp: 1, ArrowRight: 1, ArrowDown: -1, ArrowLeft: -1, PageUp: 5, PageDown: -5 }[event.key];
    const size = (bottom - top) / STEPS;
    let to;
    if (event.key === "Escape") return this.taken(event, null);
    if (event.key === "Home") to = axis.low;
    else if (event.key === "End") to = axis.high;
    else if (!steps) return undefined;
    else to = axis.levels ? at + Math.sign(steps) : y.back(y(at) - steps * size);
    const kept = Math.max(axis.low, Math.min(axis.high, to));
    const gap = axis.levels ? 1 : 0;
    const range = which === "low" ? { low: Math.min(kept, high - gap), high } : { low, high: Math.max(kept, low + gap) };
    return this.taken(event, range);
  }

  taken(event, range) {
    event.preventDefault();
    event.stopPropagation();
    this.on.brush(this.axis, range);
  }

  /** The values between two heights; whole levels where the axis has levels. */
  rangeBetween(one, other) {
    const [a, b] = [this.y.back(one), this.y.back(other)].sort((first, second) => first - second);
    if (!this.axis.levels) return { low: a, high: b };
    const last = this.axis.levels.length - 1;
    const level = (value) => Math.max(0, Math.min(last, Math.round(value)));
    return { low: level(a) - 0.5, high: level(b) + 0.5 };
  }

  showBrush(range) {
    this.range = range;
    const { axis, y } = this;
    const clamp = (value) => Math.max(axis.low, Math.min(axis.high, value));
    const low = clamp(range?.low ?? axis.low);
    const high = clamp(range?.high ?? axis.high);
    const [least, most] = axis.high > axis.low ? [y(low), y(high)] : [this.bottom, this.top];
    this.band.setAttribute("y", most);
    this.band.setAttribute("height", Math.max(1, least - most));
    this.body.classList.toggle("mlops-plot-brushed", Boolean(range));
    const gap = axis.levels ? 0.5 : 0;
    for (const [which, at, pixel] of [["low", low + gap, least], ["high", high - gap, most]]) {
      const handle = this.handles[which];
      handle.setAttribute("transform", `translate(${this.x} ${pixel})`);
      handle.setAttribute("aria-valuemin", axis.low + gap);
      handle.setAttribute("aria-valuemax", axis.high - gap);
      handle.setAttribute("aria-valuenow", at);
      handle.setAttribute("aria-valuetext", placeText(axis, at));
    }
  }
}
