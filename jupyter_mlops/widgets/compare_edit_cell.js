// A cell that is being edited: a text box over it. Enter writes, Escape leaves all as it was.

import { textOf } from "./compare_columns.js";
import { make } from "./dom.js";

const WHAT = { "run.name": "rename", "info.hypothesis": "hypothesis" };

/** What is asked to write this column; undefined for columns that nobody edits. */
export const editOf = (column) => WHAT[`${column.group}.${column.name}`];

/**
 * Open a text box over a run's cell of `grid`. `write(text)` gives a promise; it is called for a changed text
 * only. A text that could not be written stays in the box, to be tried again.
 */
export function editCell(grid, run, column, write) {
  const place = grid.placeOf(run, column);
  if (!place) return;
  const before = textOf(column, run);
  const box = make("input", "mlops-edit");
  box.type = "text";
  box.value = before;
  box.maxLength = 5000;
  box.setAttribute("aria-label", `${column.name === "name" ? "Name" : "Hypothesis"} of ${textOf(grid.columns[0], run).slice(0, 80)}`);
  Object.assign(box.style, { left: `${place.left}px`, top: `${place.top}px`, width: `${Math.max(place.width, 220)}px` });
  let isOpen = true;

  function close(refocus) {
    if (!isOpen) return;
    isOpen = false;
    box.remove();
    if (refocus) grid.node.focus({ preventScroll: true });
  }

  async function finish() {
    const text = box.value.trim();
    if (text === before) return close(true);
    box.readOnly = true;
    box.setAttribute("aria-busy", "true");
    const isWritten = await write(text);
    box.removeAttribute("aria-busy");
    box.readOnly = false;
    box.setAttribute("aria-invalid", String(!isWritten));
    return isWritten ? close(true) : box.focus();
  }

  box.addEventListener("keydown", (event) => {
    event.stopPropagation();
    if (event.key === "Enter") finish();
    else if (event.key === "Escape") close(true);
  });
  box.addEventListener("blur", () => {
    if (!box.readOnly && document.hasFocus()) close(false);
  });
  grid.node.append(box);
  box.focus();
  box.select();
}
