// The grid of runs: only the rows and columns in view are in the page, and the focus is a cell by its index.
// The grid itself holds the browser's focus (aria-activedescendant), so a repaint never loses it.

import { SUMMARY, cellId, gridCell, headerCell, summaryCell, tickAll, tickCell, valueCell } from "./compare_cells.js";
import { summaryOf } from "./compare_histogram.js";
import { make } from "./dom.js";

const ROW = 28; // px; compare.css has the same
const TICK = 36;
const SPARE = 5; // rows painted beyond each edge, so that slow scrolling shows no gap
const SPARE_COLUMNS = 3;

export class RunGrid {
  /** `id` begins all ids; `on` has what to do: sort(column), tick(rows, on), pin(row), edit(row, column), remove(row). */
  constructor(id, on) {
    this.id = id;
    this.on = on;
    this.active = { row: 0, col: 1 };
    this.painted = new Map(); // row in view → its element
    this.node = make("div", "mlops-grid");
    this.node.tabIndex = 0;
    this.node.setAttribute("role", "grid");
    this.node.setAttribute("aria-label", "Runs");
    this.node.setAttribute("aria-multiselectable", "true");
    // Else the notebook takes the arrow keys.
    this.node.setAttribute("data-lm-suppress-shortcuts", "true");
    this.head = this.rowOf(-1, "mlops-row mlops-head");
    [this.top, this.body, this.foot] = ["mlops-top-rows", "mlops-rows", "mlops-foot"].map((name) => {
      const group = make("div", name);
      group.setAttribute("role", "rowgroup");
      return group;
    });
    this.none = make("div", "mlops-none", "No run matches this filter.");
    this.node.append(this.top, this.body, this.none, this.foot);
    this.node.addEventListener("scroll", () => this.paint());
    this.node.addEventListener("keydown", (event) => this.key(event));
    this.node.addEventListener("click", (event) => this.click(event));
    this.node.addEventListener("dblclick", (event) => this.click(event, true));
    // A click on a tick box must not take the focus: the next repaint would drop it.
    this.node.addEventListener("mousedown", (event) => {
      if (event.target.closest("input, button") && !event.target.closest(".mlops-edit")) event.preventDefault();
    });
    this.size = new ResizeObserver(() => this.paint()); // the height is 0 until the grid is attached
    this.size.observe(this.node);
  }

  close() {
    this.size.disconnect();
  }

  /**
   * `shown`: columns (each with `width` and `best`), all rows, rows in order, pinned rows (which stay on top),
   * ticked (a Set), sorted (a column), reverse, summary (whether the foot says least, greatest, newest).
   */
  show(shown) {
    const run = this.order?.[this.active.row];
    Object.assign(this, shown);
    const isPinned = new Set(this.pinned);
    this.order = isPinned.size ? [...this.pinned, ...this.rows.filter((row) => !isPinned.has(row))] : this.rows;
    // A run that is ticked, pinned or sorted away from under the focus keeps the place, not the focus.
    if (this.order[this.active.row] !== run) this.active.row = Math.min(this.active.row, this.lastRow());
    this.active.col = Math.min(this.active.col, this.columns.length);
    const widths = this.columns.map((column) => `${column.width}px`);
    this.node.style.setProperty("--mlops-columns", [`${TICK}px`, ...widths, "1fr"].join(" "));
    this.edges = [TICK];
    for (const column of this.columns) this.edges.push(this.edges.at(-1) + column.width);
    this.node.style.setProperty("--mlops-width", `${this.edges.at(-1)}px`);
    this.node.setAttribute("aria-rowcount", this.lastRow() + 2);
    this.node.setAttribute("aria-colcount", this.columns.length + 1);
    this.body.style.height = `${(this.order.length - this.pinned.length) * ROW}px`;
    this.none.hidden = this.rows.length > 0;
    this.body.hidden = this.order.length === this.pinned.length;
    this.foot.hidden = !this.summary;
    this.paint(true);
  }

  /** Put into the page what came into view; `always` makes everything anew. */
  paint(always = false) {
    if (!this.order) return;
    const { clientWidth, clientHeight, scrollLeft, scrollTop } = this.node;
    const width = clientWidth || 1000;
    let first = 1;
    while (first < this.columns.length - 1 && this.edges[first + 1] < scrollLeft + this.edges[1]) first += 1;
    let last = first;
    while (last < this.columns.length && this.edges[last] < scrollLeft + width) last += 1;
    if (always || first < this.span[0] || last > this.span[1]) {
      this.span = [Math.max(1, first - SPARE_COLUMNS), Math.min(this.columns.length, last + SPARE_COLUMNS)];
      this.painted.clear();
      this.body.replaceChildren();
      this.paintEnds();
    }
    this.paintRows(scrollTop, clientHeight);
    this.markActive();
  }

  /** Header, pinned rows and foot. */
  paintEnds() {
    this.head.replaceChildren(tickAll(this), ...this.each((i) => headerCell(this, i)));
    this.top.replaceChildren(this.head, ...this.pinned.map((_, at) => this.runRow(at)));
    const texts = this.summary ? new Map(this.each((i) => [i, summaryOf(this.columns[i], this.rows)])) : null;
    this.foot.replaceChildren(...(texts ? SUMMARY.map((_, which) => this.summaryRow(which, texts)) : []));
  }

  summaryRow(which, texts) {
    const at = this.order.length + which;
    const row = this.rowOf(at, "mlops-row");
    row.append(gridCell(this, "gridcell", at, 0, "mlops-tick"));
    row.append(...this.each((i) => summaryCell(this, at, i, which, texts.get(i))));
    return row;
  }

  paintRows(scrollTop, height) {
    const pins = this.pinned.length;
    const first = pins + Math.max(0, Math.floor(scrollTop / ROW) - SPARE);
    const last = Math.min(this.order.length, first + Math.ceil(height / ROW) + 2 * SPARE);
    for (const [at, row] of this.painted) {
      if (at >= first && at < last) continue;
      row.remove();
      this.painted.delete(at);
    }
    let next = this.body.firstChild;
    for (let at = first; at < last; at++) {
      const there = this.painted.get(at);
      if (there) {
        next = there.nextSibling;
        continue;
      }
      const row = this.runRow(at);
      row.style.transform = `translateY(${(at - pins) * ROW}px)`;
      this.body.insertBefore(row, next);
      this.painted.set(at, row);
    }
  }

  /** What `cellOf` gives for the name's column and each column in view. */
  each(cellOf) {
    const found = [cellOf(0)];
    for (let i = this.span[0]; i < this.span[1]; i++) found.push(cellOf(i));
    return found;
  }

  rowOf(at, className) {
    const row = make("div", className);
    row.setAttribute("role", "row");
    row.setAttribute("aria-rowindex", at + 2);
    return row;
  }

  runRow(at) {
    const row = this.rowOf(at, "mlops-row");
    row.setAttribute("aria-selected", String(this.ticked.has(this.order[at])));
    row.append(tickCell(this, at), ...this.each((i) => valueCell(this, at, i)));
    return row;
  }

  lastRow() {
    return this.order.length - 1 + (this.summary ? SUMMARY.length : 0);
  }

  markActive() {
    for (const cell of this.node.querySelectorAll(".mlops-active")) cell.classList.remove("mlops-active");
    const cell = this.node.querySelector(`#${cellId(this, this.active.row, this.active.col)}`);
    cell?.classList.add("mlops-active");
    if (cell) this.node.setAttribute("aria-activedescendant", cell.id);
    else this.node.removeAttribute("aria-activedescendant"); // scrolled out of the page
  }

  click(event, twice = false) {
    const cell = event.target.closest("[aria-colindex]");
    if (!cell) return;
    const row = Number(cell.parentElement.getAttribute("aria-rowindex")) - 2;
    this.active = { row, col: Number(cell.getAttribute("aria-colindex")) - 1 };
    if (twice) {
      if (!event.target.closest("input, button")) this.edit();
      return;
    }
    if (event.target.closest(".mlops-pin")) this.on.pin(this.order[row]);
    else if (row < 0 || event.target.matches("input")) this.act();
    this.markActive();
    this.node.focus({ preventScroll: true });
  }

  act() {
    const { row, col } = this.active;
    if (row < 0 && col > 0) this.on.sort(this.columns[col - 1]);
    else if (row < 0) this.on.tick(this.rows, !this.rows.every((run) => this.ticked.has(run)));
    else if (row < this.order.length) this.on.tick([this.order[row]], !this.ticked.has(this.order[row]));
  }

  edit() {
    const { row, col } = this.active;
    const isRun = row >= 0 && row < this.order.length;
    if (isRun && col > 0) this.on.edit(this.order[row], this.columns[col - 1]);
  }

  key(event) {
    const { row, col } = this.active;
    const page = Math.max(1, Math.floor(this.node.clientHeight / ROW) - 3);
    const far = event.ctrlKey || event.metaKey;
    const run = this.order[row];
    const to = {
      ArrowUp: [row - 1, col],
      ArrowDown: [row + 1, col],
      ArrowLeft: [row, col - 1],
      ArrowRight: [row, col + 1],
      PageUp: [row - page, col],
      PageDown: [row + page, col],
      Home: [far ? 0 : row, 0],
      End: [far ? this.order.length - 1 : row, this.columns.length],
    }[event.key];
    if (event.target !== this.node) return; // a cell that is edited
    if (to) this.moveTo(...to);
    else if (event.key === "Enter" || event.key === " ") this.act();
    else if (event.key === "F2") this.edit();
    else if (/^p$/i.test(event.key) && !far && run !== undefined) this.on.pin(run);
    else if (event.key === "Delete" && run !== undefined) this.on.remove(run);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  moveTo(row, col) {
    this.active = {
      row: Math.max(-1, Math.min(row, this.lastRow())),
      col: Math.max(0, Math.min(col, this.columns.length)),
    };
    this.reveal();
    this.paint();
  }

  /** Make this run, if it is shown, the active one, and bring it into view. */
  focusRun(run) {
    const at = this.order.indexOf(run);
    if (at >= 0) this.moveTo(at, 1);
    this.node.focus({ preventScroll: true });
  }

  reveal() {
    const { row, col } = this.active;
    const { node } = this;
    if (row >= this.pinned.length && row < this.order.length) {
      const y = (row - this.pinned.length) * ROW;
      const inside = node.clientHeight - this.top.offsetHeight - this.foot.offsetHeight;
      if (y < node.scrollTop) node.scrollTop = y;
      if (y + ROW > node.scrollTop + inside) node.scrollTop = y + ROW - inside;
    }
    if (col > 1) {
      if (this.edges[col - 1] - this.edges[1] < node.scrollLeft) node.scrollLeft = this.edges[col - 1] - this.edges[1];
      if (this.edges[col] > node.scrollLeft + node.clientWidth) node.scrollLeft = this.edges[col] - node.clientWidth;
    }
  }

  /** Where a run's cell is inside the grid's scrolled content: left, top, width (px); null if it is out of view. */
  placeOf(run, column) {
    const cell = this.node.querySelector(`#${cellId(this, this.order.indexOf(run), this.columns.indexOf(column) + 1)}`);
    if (!cell) return null;
    const [inner, outer] = [cell.getBoundingClientRect(), this.node.getBoundingClientRect()];
    const { scrollLeft, scrollTop } = this.node;
    return { left: inner.left - outer.left + scrollLeft, top: inner.top - outer.top + scrollTop, width: inner.width };
  }
}
