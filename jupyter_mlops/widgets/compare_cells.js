// The cells of the grid of runs: headers, values, tick boxes and pins. Each says its place by row and column.

import { bestOf, textOf } from "./compare_columns.js";
import { histogram } from "./compare_histogram.js";
import { make } from "./dom.js";
import { draw } from "./svg.js";
import { TITLE_LIMIT, plainText } from "./words.js";

const PIN = "M5 1h6v1l-1 1v4l2 2v1H8.6v5L8 16l-.6-1v-5H4V9l2-2V3L5 2z";
const NAME_LIMIT = 48;
const GROUPS = { run: "Run", metrics: "Metrics", params: "Parameters", info: "About" };
export const SUMMARY = ["min", "max", "last"];

/** A cell of a grid whose ids begin with `grid.id`; `at` is its row (-1: the header), `col` its column. */
export function gridCell(grid, role, at, col, className) {
  const cell = make("div", className);
  cell.id = cellId(grid, at, col);
  cell.setAttribute("role", role);
  cell.setAttribute("aria-colindex", col + 1);
  cell.style.gridColumn = String(col + 1);
  return cell;
}

export function cellId(grid, at, col) {
  return `${grid.id}-${at < 0 ? "head" : at}-${col}`;
}

function tickBox(label, checked) {
  const box = make("input");
  box.type = "checkbox";
  box.tabIndex = -1;
  box.checked = checked;
  box.setAttribute("aria-label", label);
  return box;
}

/** The header's tick box: all shown runs. */
export function tickAll(grid) {
  const cell = gridCell(grid, "columnheader", -1, 0, "mlops-tick");
  let count = 0;
  if (grid.ticked.size) for (const row of grid.rows) if (grid.ticked.has(row)) count += 1;
  const box = tickBox("Select all shown runs", count > 0 && count === grid.rows.length);
  box.indeterminate = count > 0 && count < grid.rows.length;
  cell.append(box);
  return cell;
}

export function headerCell(grid, at) {
  const column = grid.columns[at];
  const cell = gridCell(grid, "columnheader", -1, at + 1, "mlops-cell");
  dress(cell, grid, at);
  const isSorted = grid.sorted === column;
  const rising = (column.words || column.lower) !== grid.reverse;
  if (isSorted) cell.setAttribute("aria-sort", rising ? "ascending" : "descending");
  if (startsGroup(grid.columns, at)) {
    const group = make("span", "mlops-group", GROUPS[column.group]);
    group.setAttribute("aria-hidden", "true");
    cell.append(group);
  }
  const label = make("span", "mlops-label");
  label.append(make("bdi", "", plainText(column.name, NAME_LIMIT)));
  if (isSorted) {
    const arrow = make("span", "mlops-arrow", rising ? "▲" : "▼");
    arrow.setAttribute("aria-hidden", "true");
    label.append(arrow);
  }
  cell.append(label);
  const spread = column.group === "run" ? null : histogram(column, grid.all, grid.rows);
  if (spread) cell.append(spread.svg);
  const better = column.words ? "" : column.lower ? ", lower is better" : ", higher is better";
  cell.title = `${plainText(column.name, TITLE_LIMIT)}${better}${spread ? `\n${spread.text}` : ""}`;
  return cell;
}

/** The tick box at the beginning of a run's row. */
export function tickCell(grid, at) {
  const run = grid.order[at];
  const cell = gridCell(grid, "gridcell", at, 0, "mlops-tick");
  cell.append(tickBox(`Select ${plainText(textOf(grid.columns[0], run), NAME_LIMIT)}`, grid.ticked.has(run)));
  return cell;
}

export function valueCell(grid, at, i) {
  const column = grid.columns[i];
  const run = grid.order[at];
  const isName = column.group === "run";
  const cell = gridCell(grid, isName ? "rowheader" : "gridcell", at, i + 1, "mlops-cell");
  dress(cell, grid, i);
  const text = textOf(column, run);
  column.best ??= bestOf(grid.rows, column);
  const isBest = !column.words && column.numbers[run] === column.best;
  if (isBest) {
    cell.classList.add("mlops-best");
    const star = make("span", "mlops-star", "★");
    star.setAttribute("aria-hidden", "true");
    cell.append(star);
  }
  cell.append(make("bdi", text ? "" : "mlops-absent", text ? readable(column, text) : "–"));
  if (isBest) cell.append(make("span", "mlops-unseen", " best"));
  if (!column.words && text) cell.title = String(column.single ? Number(column.numbers[run].toPrecision(7)) : column.numbers[run]);
  else if (text.length * 7 > column.width - 24) cell.title = plainText(text, TITLE_LIMIT);
  if (isName) cell.append(pinButton(text, at < grid.pinned.length));
  return cell;
}

// Figures are made here and need no look.
const readable = (column, text) => (column.words ? plainText(text, NAME_LIMIT) : text);

function pinButton(name, isPinned) {
  const button = make("button", "mlops-pin");
  button.type = "button";
  button.tabIndex = -1;
  button.setAttribute("aria-label", `Pin ${plainText(name, NAME_LIMIT)}`);
  button.setAttribute("aria-pressed", String(isPinned));
  button.title = isPinned ? "Unpin (P)" : "Keep at the top (P)";
  const svg = draw("svg", { viewBox: "0 0 16 16", "aria-hidden": "true" });
  svg.append(draw("path", { d: PIN }));
  button.append(svg);
  return button;
}

/** A cell of the rows at the foot; `which` counts SUMMARY, `texts` are those of the column. */
export function summaryCell(grid, at, i, which, texts) {
  const column = grid.columns[i];
  const isName = column.group === "run";
  const cell = gridCell(grid, isName ? "rowheader" : "gridcell", at, i + 1, "mlops-cell");
  dress(cell, grid, i);
  cell.append(make("bdi", "", isName ? SUMMARY[which] : texts[which]));
  return cell;
}

function dress(cell, grid, at) {
  const column = grid.columns[at];
  cell.classList.toggle("mlops-right", !column.words || column.numeric);
  cell.classList.toggle("mlops-frozen", column.group === "run");
  cell.classList.toggle("mlops-starts", at > 1 && startsGroup(grid.columns, at));
}

function startsGroup(columns, at) {
  return at === 0 || columns[at].group !== columns[at - 1].group;
}
