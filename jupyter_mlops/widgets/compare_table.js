// The table of a comparison: the grid, which columns it has, and what all its runs have in common.

import { agrees, keyOf, textOf } from "./compare_columns.js";
import { editCell, editOf } from "./compare_edit_cell.js";
import { RunGrid } from "./compare_grid.js";
import { button, cutMiddle, labelled, make } from "./dom.js";
import { plainText } from "./words.js";

const CHOSEN_GROUPS = { metrics: "Metrics", params: "Parameters", info: "About" };
const SAMPLE = 300; // rows that decide how wide a column is
const SAME_LIMIT = 40;

export class TablePanel {
  constructor(view) {
    this.view = view;
    for (const column of view.columns) column.width ??= widthOf(column, view.all);
    this.grid = new RunGrid(`${view.id}-grid`, {
      sort: (column) => view.sortBy(column),
      tick: (rows, on) => view.tick(rows, on),
      pin: (row) => view.pin(row),
      edit: (row, column) => this.edit(row, column),
      remove: (row) => view.edits.remove(row),
    });
    this.chooser = this.columnChooser();
    this.tools = this.toolbar();
    this.same = make("div", "mlops-same");
    this.node = make("div");
    this.node.append(this.chooser, this.grid.node, this.same);
  }

  close() {
    this.grid.close();
  }

  toolbar() {
    const tools = make("div", "mlops-toolbar");
    this.differences = labelled("Only differences", () =>
      this.view.set({ only_differences: this.differences.box.checked }),
    );
    this.summary = labelled("Summary", () => this.view.set({ _summary: this.summary.box.checked }));
    this.summary.node.title = "Least, greatest and newest value of each metric";
    const open = button("Columns", () => {
      this.chooser.hidden = !this.chooser.hidden;
      open.setAttribute("aria-expanded", String(!this.chooser.hidden));
    });
    open.setAttribute("aria-expanded", "false");
    tools.append(this.differences.node, this.summary.node, open);
    return tools;
  }

  columnChooser() {
    const chooser = make("div", "mlops-chooser");
    chooser.hidden = true;
    this.boxes = new Map();
    for (const [group, title] of Object.entries(CHOSEN_GROUPS)) {
      const columns = this.view.columns.filter((column) => column.group === group);
      if (!columns.length) continue;
      const field = make("fieldset");
      field.append(make("legend", "", title));
      for (const column of columns) {
        const choice = labelled(plainText(column.name, SAME_LIMIT), () => this.choose(column, choice.box.checked));
        choice.node.title = plainText(column.name, 500);
        this.boxes.set(keyOf(column), choice);
        field.append(choice.node);
      }
      chooser.append(field);
    }
    return chooser;
  }

  choose(column, visible) {
    const hidden = this.view.model.get("_hidden").filter((key) => key !== keyOf(column));
    this.view.set({ _hidden: visible ? hidden : [...hidden, keyOf(column)] });
  }

  show() {
    const { model, columns: all, sorted, reverse } = this.view;
    const rows = this.view.shownRows();
    const hidden = new Set(model.get("_hidden"));
    const only = model.get("only_differences");
    const same = rows.length > 1 ? all.filter((c) => this.mayHide(c) && agrees(rows, c)) : [];
    const columns = all.filter((c) => !hidden.has(keyOf(c)) && !(only && same.includes(c)));
    for (const column of columns) column.best = undefined; // found when the column is painted
    const pinned = this.view.pins();
    const summary = Boolean(model.get("_summary"));
    const ticked = this.view.ticked();
    this.grid.show({ columns, all: this.view.all, rows, pinned, ticked, sorted, reverse, summary });
    this.differences.box.checked = only;
    this.summary.box.checked = summary;
    for (const [key, { box }] of this.boxes) box.checked = !hidden.has(key);
    const told = same
      .filter((c) => only && !hidden.has(keyOf(c)))
      .map((c) => `${plainText(c.name, SAME_LIMIT)} = ${plainText(textOf(c, rows[0]) || "none", SAME_LIMIT)}`);
    this.same.textContent = told.length ? `Same in all: ${told.join(" · ")}` : "";
    this.same.title = cutMiddle(this.same.textContent, 1000);
  }

  /** Columns in which all runs agree are hidden, but not one that people write in here. */
  mayHide(column) {
    return column.words && column.group !== "run" && !this.canEdit(column);
  }

  canEdit(column) {
    return this.view.kernel.can(editOf(column));
  }

  edit(row, column) {
    if (this.canEdit(column)) editCell(this.grid, row, column, (text) => this.view.edits.writeText(column, row, text));
  }

  /** Bring a run into view and make it the active one. */
  focusRun(row) {
    this.grid.focusRun(row);
  }
}

/** Pixels, by the longest text of a sample, so that filtering does not make columns jump. */
function widthOf(column, rows) {
  let letters = Math.min(column.name.length, 24) + 2;
  for (const row of rows.slice(0, SAMPLE)) letters = Math.max(letters, textOf(column, row).length);
  const [least, most] = column.group === "run" ? [140, 300] : column.words ? [84, 220] : [100, 220];
  return Math.round(Math.max(least, Math.min(most, letters * 7.2 + (column.words ? 30 : 44))));
}
