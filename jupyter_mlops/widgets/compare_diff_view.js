// What two or three runs differ in, drawn from one payload (comparison/): parameters, metrics, data, code, environment.

import { codeSection } from "./compare_diff_code.js";
import { dataSection } from "./compare_diff_data.js";
import { environmentSection, metricsSection, paramsSection } from "./compare_diff_figures.js";
import { runNode } from "./compare_diff_parts.js";
import { LETTERS, counted } from "./compare_diff_words.js";
import { make } from "./dom.js";
import { absent, plainText } from "./words.js";

const SECTIONS = [paramsSection, metricsSection, dataSection, codeSection, environmentSection];

/** `onBase(at)` is called to have the run at that place first; without it no other base is offered. */
export class DiffView {
  constructor(payload, { all = false, onBase = null } = {}) {
    this.payload = payload;
    this.all = all;
    this.node = make("div", "mlops-diff");
    this.body = make("div", "mlops-diff-body");
    this.node.append(this.bar(onBase), this.runs(), this.body);
    this.draw();
  }

  bar(onBase) {
    const bar = make("div", "mlops-diff-top");
    const label = make("label", "mlops-diff-choice");
    this.box = make("input");
    this.box.type = "checkbox";
    this.box.checked = this.all;
    this.box.addEventListener("change", () => {
      this.all = this.box.checked;
      this.draw();
    });
    label.append(this.box, make("span", "", "Also what is equal"));
    if (onBase) bar.append(this.baseChoice(onBase));
    bar.append(label);
    return bar;
  }

  baseChoice(onBase) {
    const label = make("label", "mlops-diff-choice", "Compare with");
    const select = make("select", "mlops-diff-select");
    this.payload.runs.forEach(({ name }, at) => {
      const option = make("option", "", `${LETTERS[at]} ${plainText(name, 40)}`);
      option.value = String(at);
      select.append(option);
    });
    select.value = "0";
    select.addEventListener("change", () => onBase(Number(select.value)));
    label.append(select);
    return label;
  }

  /** Which run has which letter, and what is known of it. */
  runs() {
    const list = make("ol", "mlops-diff-runs");
    const { runs } = this.payload;
    runs.forEach((run, at) => {
      const item = make("li");
      const facts = [at ? "" : "the others are compared with it", run.experiment, run.status, moment(run.started), duration(run.seconds)];
      item.append(runNode(runs, at), make("span", "mlops-diff-small", facts.filter(Boolean).map((fact) => plainText(String(fact))).join(" · ")));
      list.append(item);
    });
    return list;
  }

  draw() {
    this.body.replaceChildren(...SECTIONS.map((each) => each(this.payload, this.all)));
  }
}

/** The date and the minutes of an ISO 8601 time, as they stand there. */
const moment = (text) => (text ?? "").slice(0, 16).replace("T", " ");

function duration(seconds) {
  if (absent(seconds)) return "";
  if (seconds < 60) return `${Number(seconds.toPrecision(2))} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 120 ? `${minutes} min` : counted(Math.round(minutes / 60), "hour");
}
