// The bar over a comparison: the filter, how many runs it keeps, and what is wrong with it.

import { ActionsMenu } from "./compare_actions.js";
import { readFilter } from "./compare_filter.js";
import { button, cutMiddle, make } from "./dom.js";

export class FilterBar {
  constructor(view) {
    this.view = view;
    this.node = make("div", "mlops-top");
    this.input = make("input", "mlops-filter");
    this.input.type = "search";
    this.input.spellcheck = false;
    this.input.placeholder = `Filter, such as ${exampleFilter(view.columns, view.all)}`;
    this.input.setAttribute("aria-label", "Filter runs");
    this.input.addEventListener("input", () => this.typed());
    this.count = make("span", "mlops-count");
    this.count.setAttribute("role", "status");
    this.picked = make("span", "mlops-picked");
    this.unbrush = button("End brush", () => {
      view.brush(null);
      this.input.focus();
    });
    this.problem = make("div", "mlops-problem");
    this.problem.setAttribute("aria-live", "polite");
    this.problem.id = `${view.id}-problem`;
    this.input.setAttribute("aria-describedby", this.problem.id);
    this.waiting = make("div", "mlops-kind mlops-waiting");
    this.waiting.setAttribute("aria-live", "polite");
    this.actions = new ActionsMenu(view);
    const line = make("div", "mlops-bar");
    line.append(this.input, this.count, this.unbrush, this.picked, view.edits.tools, this.actions.node);
    this.window = make("div", "mlops-kind mlops-waiting");
    this.node.append(line, this.problem, this.waiting, this.window, this.actions.form);
  }

  /** Where only some of the runs are here: how many, and how to see the rest. */
  windowText() {
    const { loaded, total, kernel } = this.view;
    if (loaded.length === total) return "";
    const some = `${counted(loaded.length)} of ${counted(total)} runs are`;
    if (kernel.can("columns")) return `${some} here; the rest follow when the kernel is free.`;
    return `${some} saved in this notebook; run the cell again for all.`;
  }

  /** A filter that cannot be read (yet) leaves the runs as they were and says why. */
  typed() {
    const { problem } = readFilter(this.input.value, this.view.columns);
    this.say(problem);
    if (!problem) this.view.set({ filter: this.input.value });
  }

  /** What the filter is now, and what is wrong with it; where it is as before, the box may be half typed. */
  tell(text, problem) {
    if (this.told === text) return this.typed();
    this.told = text;
    if (this.input.value !== text) this.input.value = text;
    return this.say(problem);
  }

  say(problem) {
    this.problem.textContent = cutMiddle(problem, 200);
    this.input.setAttribute("aria-invalid", String(Boolean(problem)));
  }

  show() {
    const { all, model } = this.view;
    const shown = this.view.shownRows().length;
    const ticked = model.get("_ticked").length;
    const brushed = this.view.brushed ? ", brushed" : "";
    this.count.textContent = `${counted(shown)} of ${all.length === 1 ? "1 run" : `${counted(all.length)} runs`}${brushed}`;
    this.window.textContent = this.windowText();
    this.picked.textContent = ticked ? `${counted(ticked)} selected` : "";
    this.unbrush.hidden = !this.view.brushed;
    this.view.edits.show();
    this.actions.show();
  }
}

const counted = (number) => number.toLocaleString("en");

/** A filter over the first metric that keeps about half of the runs. */
function exampleFilter(columns, rows) {
  const metric = columns.find((column) => !column.words && /^[\w.-]+$/.test(column.name));
  if (!metric) return "a part of a name";
  const values = Float64Array.from(rows, (row) => metric.numbers[row]).filter(Number.isFinite).sort();
  if (!values.length) return "a part of a name";
  return `${metric.name} ${metric.lower ? "<" : ">"} ${Number(values[values.length >> 1].toPrecision(2))}`;
}
