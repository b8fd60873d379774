// History over steps: the kernel is asked for the values of a few runs, which are drawn over steps or time, smoothed.

import { keyOf } from "./compare_columns.js";
import { make } from "./dom.js";
import { HistoryLines, looksOf } from "./history_lines.js";
import { tickText } from "./plot_axes.js";
import { WordChoice, press, toggle } from "./plot_controls.js";
import { twinTable } from "./plot_frame.js";
import { bestRows } from "./plot_rows.js";
import { lineOf } from "./plot_series.js";
import { draw, pictureOf } from "./svg.js";
import { figureText, plainText } from "./words.js";

const MOST_RUNS = 10;
const TABLE_STEPS = 200;
const ASKING = "Asking the kernel for the values…";

export class HistorySteps {
  /** `onSingle()` when an answer has one value for each run, which is no history. */
  constructor(view, frame, onSingle) {
    Object.assign(this, { view, frame, onSingle });
    this.byTime = false;
    this.weight = 0;
    this.isLog = false;
    this.answer = null;
    this.picture = new HistoryLines({
      focus: (row, place, isSpoken) => this.focus(row, place, isSpoken),
      tick: (row) => view.tick([row], !view.ticked().has(row)),
      open: (row) => view.focusRun(row),
      runs: () => this.lines.map((line) => line.row),
    });
    this.node = this.picture.node;
    this.lines = [];
    this.across = new WordChoice("Across", [[false, "step"], [true, "time"]], (byTime) => {
      this.byTime = byTime;
      this.redraw();
    });
    this.log = toggle("log", () => {
      this.isLog = !this.isLog;
      this.redraw();
    });
    this.log.setAttribute("aria-label", "log scale upwards");
    this.controls = [this.across.node, this.log, this.slider()];
  }

  slider() {
    const label = make("label", "mlops-plot-choice");
    const input = make("input", "mlops-plot-slider");
    Object.assign(input, { type: "range", min: "0", max: "0.98", step: "0.02", value: "0" });
    const said = make("output", "mlops-plot-output", "off");
    input.addEventListener("input", () => {
      this.weight = Number(input.value);
      said.textContent = this.weight ? this.weight.toFixed(2) : "off";
      input.setAttribute("aria-valuetext", said.textContent);
      this.redraw();
    });
    input.setAttribute("aria-valuetext", "off");
    label.append(make("span", "", "Smoothing"), input, said);
    return label;
  }

  close() {
    this.asked = null;
  }

  /** Show `metric` of the ticked runs, else of the best that are shown. */
  show(metric) {
    this.metric = metric;
    const ticked = this.view.ticked();
    const shown = this.view.shownRows();
    const chosen = shown.filter((row) => ticked.has(row));
    this.isChosen = chosen.length > 0;
    this.rows = bestRows(this.isChosen ? chosen : shown, metric, MOST_RUNS, new Set()).filter((row) => !Number.isNaN(metric.numbers[row]));
    this.ofAll = chosen.length;
    if (!this.rows.length) return this.frame.say("", `None of these runs has a value of ${plainText(metric.name)}.`);
    const question = `${keyOf(metric)} ${[...this.rows].sort((a, b) => a - b).join(" ")}`;
    if (question === this.asked) return this.redraw();
    this.asked = question;
    this.answer = null;
    this.frame.say(ASKING, ASKING);
    return this.ask(question);
  }

  async ask(question) {
    try {
      const answer = await this.view.ask("history", { rows: this.rows, metric: this.metric.name });
      if (question === this.asked) this.answer = answer;
    } catch (error) {
      if (question !== this.asked) return;
      this.asked = null; // the next opening asks again
      this.frame.say("", error.message);
      return;
    }
    if (question !== this.asked) return;
    this.redraw();
    if (this.answer.runs.every((run) => run.steps.length <= 1)) this.onSingle();
  }

  redraw() {
    if (!this.answer) return;
    const runs = new Map(this.answer.runs.map((run) => [run.row, run]));
    const found = this.rows.filter((row) => runs.get(row)?.steps.length);
    this.lines = found.map((row, at) => ({ ...lineOf(runs.get(row), this.byTime, this.weight), at, name: plainText(this.view.nameOf(row)) }));
    this.unit = unitOf(this.byTime ? span(this.lines.flatMap((line) => line.x)).high : 0);
    if (this.byTime) for (const line of this.lines) line.x = line.x.map((seconds) => seconds / this.unit.seconds);
    const values = this.lines.flatMap((line) => line.raw).filter(Number.isFinite);
    this.range = span(values);
    this.log.disabled = !(this.range.low > 0 && this.range.high > this.range.low);
    press(this.log, this.isLog && !this.log.disabled);
    this.across.show(this.byTime);
    const name = plainText(this.metric.name);
    this.frame.say(this.sentence(name), values.length ? "" : `Nothing was logged of ${name} by these runs.`);
    this.frame.refresh();
  }

  sentence(name) {
    const runs = this.lines.length === 1 ? "1 run" : `${this.lines.length} runs`;
    const which = this.isChosen
      ? this.ofAll > this.rows.length ? `of the best ${runs} of ${figureText(this.ofAll)} selected` : `of the ${runs} selected`
      : `of the best ${runs}; select runs to see theirs`;
    const isSingle = this.lines.every((line) => line.x.length === 1);
    const about = isSingle ? " Each has one value only." : this.answer.thinned ? " Long histories are thinned; least and greatest values stay." : "";
    return `${name} over ${this.byTime ? "time" : "steps"} ${which}.${about}`;
  }

  paint(width, height) {
    if (!this.answer || !this.lines.length) return;
    const x = { ...span(this.lines.flatMap((line) => line.x)), whole: !this.byTime };
    const shown = { x, y: this.range, logs: { x: false, y: this.isLog && !this.log.disabled }, drawn: this.lines, isSmoothed: this.weight > 0 };
    const titles = { x: this.byTime ? `${this.unit.name} since the run's first value →` : "step →", y: `↑ ${plainText(this.metric.name)}` };
    this.picture.paint({ ...shown, titles, ticked: this.view.ticked(), label: this.frame.sentence.textContent }, width, height);
    this.frame.legend.replaceChildren(...this.lines.map(keyOfLine), ...(this.weight > 0 ? ["faint: not smoothed"] : []));
  }

  focus(row, place, isSpoken = false) {
    if (this.picture.marked === row && this.picture.place === place && !isSpoken) return;
    this.picture.mark(row, place);
    if (row === null && !isSpoken) return;
    this.focused = row;
    this.frame.tell(row === null ? "" : this.about(row, place), isSpoken);
  }

  about(row, place) {
    const line = this.lines.find((each) => each.row === row);
    const at = this.byTime ? `after ${tickText(line.x[place])} ${this.unit.name}` : `step ${figureText(line.x[place])}`;
    const smooth = this.weight > 0 ? `, smoothed ${valueText(line.values[place])}` : "";
    const told = this.view.ticked().has(row) ? " (selected)" : "";
    return `${line.name}${told}: ${at}, ${plainText(this.metric.name)} ${valueText(line.raw[place])}${smooth}`;
  }

  /** A row for each step (evenly taken where there are many), a column for each run. */
  table() {
    const all = [...new Set(this.lines.flatMap((line) => line.x))].sort((a, b) => a - b);
    const every = Math.max(1, Math.ceil(all.length / TABLE_STEPS));
    const taken = all.filter((_, at) => at % every === 0 || at === all.length - 1);
    const found = this.lines.map((line) => new Map(line.x.map((x, i) => [x, line.values[i]])));
    const rows = taken.map((x) => [figureText(x), ...found.map((values) => (values.has(x) ? valueText(values.get(x)) : ""))]);
    const part = every > 1 ? ` ${taken.length} of ${figureText(all.length)} places.` : "";
    return twinTable(`${this.frame.sentence.textContent}${part}`, [this.byTime ? this.unit.name : "step", ...this.lines.map((line) => line.name)], rows);
  }
}

const valueText = (value) => (Number.isFinite(value) ? figureText(value) : "none");

function span(values) {
  const low = values.reduce((least, value) => Math.min(least, value), Infinity);
  const high = values.reduce((most, value) => Math.max(most, value), -Infinity);
  return low > high ? { low: 0, high: 0 } : { low, high };
}

/** The unit in which a length of time reads well. */
function unitOf(seconds) {
  if (seconds < 180) return { name: "seconds", seconds: 1 };
  return seconds < 10_800 ? { name: "minutes", seconds: 60 } : { name: "hours", seconds: 3600 };
}

function keyOfLine(line) {
  const { look, shape, dash } = looksOf(line.at);
  const sample = pictureOf(28, 12, "", "mlops-plot-sample");
  sample.append(
    draw("path", { class: `mlops-plot-line ${look}`, d: "M1 6H27", "stroke-dasharray": dash }),
    draw("path", { class: `mlops-plot-mark ${look}`, d: shape, transform: "translate(14 6)" }),
  );
  const node = make("span", "mlops-plot-key");
  node.append(sample, make("bdi", "", plainText(line.name, 32)));
  return node;
}
