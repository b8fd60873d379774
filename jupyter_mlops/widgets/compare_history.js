// The history of a metric: over the steps of some runs, or over all runs in the order of time.

import { keyOf } from "./compare_columns.js";
import { make } from "./dom.js";
import { HistoryRuns } from "./history_runs.js";
import { HistorySteps } from "./history_steps.js";
import { mainOf } from "./plot_choice.js";
import { ColumnChoice, WordChoice } from "./plot_controls.js";
import { PlotFrame } from "./plot_frame.js";
import { Changes } from "./plot_rows.js";

export class HistoryPanel {
  constructor(view) {
    this.view = view;
    this.changes = new Changes();
    this.key = "";
    this.frame = new PlotFrame({
      onPaint: (width, height) => this.part.paint(width, height),
      onTable: () => this.part.table(),
      onOpen: () => this.view.focusRun(this.part.focused),
    });
    this.node = this.frame.node;
    this.tools = this.frame.twin;
    const steps = new HistorySteps(view, this.frame, () => this.hasChosen || this.turnTo("runs"));
    this.parts = { steps, runs: new HistoryRuns(view, this.frame) };
    this.part = view.kernel.can("history") ? steps : this.parts.runs;
    this.over = new WordChoice("History", [["steps", "Over steps"], ["runs", "Over runs"]], (name) => {
      this.hasChosen = true;
      this.turnTo(name);
    });
    this.metric = new ColumnChoice("Metric", (key) => {
      this.key = key;
      this.load();
    });
    this.own = make("span", "mlops-plot-controls");
    this.frame.controls.append(this.over.node, this.metric.node, this.own);
    for (const part of Object.values(this.parts)) {
      const controls = make("span", "mlops-plot-controls");
      controls.append(...part.controls);
      part.box = controls;
      this.own.append(controls);
      this.frame.drawing.append(part.node);
    }
  }

  close() {
    for (const part of Object.values(this.parts)) part.close();
    this.frame.close();
  }

  turnTo(name) {
    this.part = this.parts[name];
    this.frame.tell("");
    this.load();
  }

  /** The table or the choices changed, or the panel is to be seen again. */
  show() {
    this.parts.runs.picture.points.follow();
    const { columns, sorted, brushed } = this.view;
    const isSame = !this.changes.any(this.view.filteredRows(), this.view.ticked(), columns, sorted);
    if (isSame && brushed === this.brushed && this.asked === this.part) return;
    this.brushed = brushed;
    this.load();
  }

  load() {
    const metrics = this.view.columns.filter((column) => column.group === "metrics");
    const chosen = metrics.find((column) => keyOf(column) === this.key) ?? mainOf(metrics, this.view.sorted);
    this.metric.fill(metrics, chosen && keyOf(chosen), metrics.length ? undefined : "none");
    this.asked = this.part;
    for (const [name, part] of Object.entries(this.parts)) {
      if (part === this.part) this.over.show(name);
      part.node.hidden = part.box.hidden = part !== this.part;
    }
    if (!chosen) this.frame.say("", "These runs have no metrics.");
    else if (!this.view.filteredRows().length) this.frame.say("", "No run matches the filter, so there is nothing to draw.");
    else this.part.show(chosen);
  }
}
