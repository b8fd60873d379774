// What every plot panel has: controls, a sentence, the drawing, its table twin (`twin` is the toggle between both),
// and a line about the run in focus.

import { make } from "./dom.js";
import { action, press, toggle } from "./plot_controls.js";

export class PlotFrame {
  /** `onPaint(width, height)` draws, `onTable()` gives the twin as an element, `onOpen()` shows the run in focus. */
  constructor({ onPaint, onTable, onOpen }) {
    Object.assign(this, { onPaint, onTable });
    this.node = make("div", "mlops-plot");
    this.controls = make("div", "mlops-plot-controls");
    this.twin = toggle("As a table", () => this.turn());
    this.sentence = make("p", "mlops-plot-sentence");
    this.drawing = make("div", "mlops-plot-drawing");
    this.table = make("div", "mlops-plot-table");
    this.table.hidden = true;
    this.table.tabIndex = 0; // to be scrolled with the keyboard
    this.table.setAttribute("role", "region");
    this.table.setAttribute("aria-label", "The plot as a table");
    this.legend = make("div", "mlops-plot-legend");
    this.none = make("p", "mlops-plot-none");
    this.none.hidden = true;
    this.readout = make("span", "mlops-plot-readout");
    this.open = action("Show in the table", onOpen);
    this.open.hidden = true;
    this.spoken = make("span", "mlops-unseen");
    this.spoken.setAttribute("role", "status");
    this.foot = make("div", "mlops-plot-foot");
    this.foot.append(this.readout, this.open, this.spoken);
    this.node.append(this.controls, this.sentence, this.none, this.drawing, this.table, this.legend, this.foot);
    this.size = new ResizeObserver(() => this.paint()); // no size until the panel is attached and visible
    this.size.observe(this.drawing);
  }

  close() {
    this.size.disconnect();
  }

  turn() {
    const asTable = this.table.hidden;
    press(this.twin, asTable);
    this.table.hidden = !asTable;
    this.drawing.hidden = this.legend.hidden = this.foot.hidden = asTable;
    this.refresh();
  }

  get asTable() {
    return !this.table.hidden;
  }

  /** What is shown, in a sentence; with `none` nothing can be drawn, and that sentence says why. */
  say(sentence, none = "") {
    this.sentence.textContent = sentence;
    this.none.textContent = none;
    this.isEmpty = Boolean(none);
    this.none.hidden = !none;
    this.node.classList.toggle("mlops-plot-empty", this.isEmpty);
  }

  /** About the run in focus ("" if none); spoken only where the keyboard led there. */
  tell(text, isSpoken = false) {
    this.readout.textContent = text;
    this.open.hidden = !text;
    this.spoken.textContent = isSpoken ? text : "";
  }

  /** Draw anew, or fill the table, whichever is to be seen. */
  refresh() {
    this.painted = "";
    if (this.isEmpty) return;
    if (this.asTable) this.table.replaceChildren(this.onTable());
    else this.paint();
  }

  paint() {
    const { clientWidth: width, clientHeight: height } = this.drawing;
    if (!width || !height || this.painted === `${width}x${height}`) return;
    this.painted = `${width}x${height}`;
    this.onPaint(width, height);
  }
}

/** A table: a caption, column heads, and rows of texts of which the first names the row. */
export function twinTable(caption, heads, rows) {
  const table = make("table", "mlops-plot-twin");
  table.append(make("caption", "mlops-unseen", caption)); // the sentence above says it to all others
  const head = make("tr");
  for (const text of heads) {
    const cell = make("th");
    cell.scope = "col";
    cell.append(make("bdi", "", text));
    head.append(cell);
  }
  const body = make("tbody");
  for (const [name, ...texts] of rows) {
    const row = make("tr");
    const first = make("th");
    first.scope = "row";
    first.append(make("bdi", "", name));
    row.append(first, ...texts.map((text) => {
      const cell = make("td");
      cell.append(make("bdi", "", text));
      return cell;
    }));
    body.append(row);
  }
  const top = make("thead");
  top.append(head);
  table.append(top, body);
  return table;
}

const STEPS = {
  ...{ ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 },
  ...{ PageDown: 10, PageUp: -10, End: Infinity, Home: -Infinity },
};

/**
 * Let the arrow keys go through runs: `node` takes the focus, `runs()` gives the rows in their order, `focus(row)`
 * is called on each (with true beside it while Shift is held), `tick(row)` on Space and `open(row)` on Enter,
 * `leave()` on Escape. With `along(row, by)` the keys to the left and right stay on a run and go along it.
 */
export function walkRuns(node, label, { runs, focus, tick, open, leave, along }) {
  let at = -1;
  node.tabIndex = 0;
  node.setAttribute("role", "application"); // arrow keys are for the picture, also with a screen reader
  node.setAttribute("aria-label", label);
  node.setAttribute("data-lm-suppress-shortcuts", "true"); // else the notebook takes the keys
  node.addEventListener("keydown", (event) => {
    if (event.target !== node) return;
    const rows = runs();
    const last = rows.length - 1;
    const current = rows[Math.min(at, last)]; // none before the first key
    const step = STEPS[event.key];
    if (event.key === "Escape") leave();
    else if (current !== undefined && along && /^Arrow(Left|Right)$/.test(event.key)) along(current, step);
    else if (step && rows.length) {
      at = Math.max(0, Math.min(last, at + step));
      focus(rows[at], event.shiftKey);
    } else if (current !== undefined && event.key === " ") tick(current);
    else if (current !== undefined && event.key === "Enter") open(current);
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
}
