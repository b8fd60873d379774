// The grid of runs: only the rows in view are in the page, and the focus is a cell by its index.
// The grid itself holds the browser's focus (aria-activedescendant), so a repaint never loses it.

const ROW = 28; // px; compare.css has the same
const TICK = 36;
const SPARE = 5; // rows painted beyond each edge, so that slow scrolling shows no gap
const NAME_LIMIT = 48;
const TITLE_LIMIT = 500;
const GROUPS = { run: "Run", metrics: "Metrics", params: "Parameters", info: "About" };
let grids = 0;

export class RunGrid {
  /** `onSort(column)` when a header is used; `onTick(rows, on)` when runs are ticked. */
  constructor({ onSort, onTick }) {
    this.onSort = onSort;
    this.onTick = onTick;
    this.id = `mlops-grid-${Date.now().toString(36)}-${grids++}`;
    this.active = { row: 0, col: 1 };
    this.painted = "";
    this.node = make("div", "mlops-grid");
    this.node.tabIndex = 0;
    this.node.setAttribute("role", "grid");
    this.node.setAttribute("aria-label", "Runs");
    this.node.setAttribute("aria-multiselectable", "true");
    // Else the notebook takes the arrow keys.
    this.node.setAttribute("data-lm-suppress-shortcuts", "true");
    this.head = make("div", "mlops-row mlops-head");
    this.head.setAttribute("role", "row");
    this.head.setAttribute("aria-rowindex", "1");
    this.space = make("div", "mlops-space");
    this.space.setAttribute("role", "rowgroup");
    this.body = make("div", "mlops-rows");
    this.body.setAttribute("role", "presentation");
    this.none = make("div", "mlops-none", "No run matches this filter.");
    this.space.append(this.body);
    this.node.append(this.head, this.space, this.none);
    this.node.addEventListener("scroll", () => this.paint());
    this.node.addEventListener("keydown", (event) => this.key(event));
    this.node.addEventListener("click", (event) => this.click(event));
    // A click on a tick box must not take the focus: the next repaint would drop it.
    this.node.addEventListener("mousedown", (event) => {
      if (event.target.matches("input")) event.preventDefault();
    });
    this.size = new ResizeObserver(() => this.paint(true)); // the height is 0 until the grid is attached
    this.size.observe(this.node);
  }

  close() {
    this.size.disconnect();
  }

  /** `shown`: columns (each with `width` and `best`), rows in order, ticked (a Set), sorted (a column), reverse. */
  show(shown) {
    Object.assign(this, shown);
    const widths = this.columns.map((column) => `${column.width}px`);
    this.node.style.setProperty("--mlops-columns", [`${TICK}px`, ...widths, "1fr"].join(" "));
    const total = this.columns.reduce((sum, column) => sum + column.width, TICK);
    this.node.style.setProperty("--mlops-width", `${total}px`);
    this.node.setAttribute("aria-rowcount", this.rows.length + 1);
    this.node.setAttribute("aria-colcount", this.columns.length + 1);
    this.space.style.height = `${this.rows.length * ROW}px`;
    this.none.hidden = this.rows.length > 0;
    this.active.row = Math.min(this.active.row, this.rows.length - 1);
    this.active.col = Math.min(this.active.col, this.columns.length);
    this.head.replaceChildren(this.tickAll(), ...this.columns.map((column, i) => this.header(column, i)));
    this.paint(true);
  }

  paint(always = false) {
    if (!this.rows) return;
    const first = Math.max(0, Math.floor(this.node.scrollTop / ROW) - SPARE);
    const last = Math.min(this.rows.length, first + Math.ceil(this.node.clientHeight / ROW) + 2 * SPARE);
    if (!always && this.painted === `${first}-${last}`) return;
    this.painted = `${first}-${last}`;
    const rows = document.createDocumentFragment();
    for (let at = first; at < last; at++) rows.append(this.row(at));
    this.body.style.transform = `translateY(${first * ROW}px)`;
    this.body.replaceChildren(rows);
    this.markActive();
  }

  markActive() {
    for (const cell of this.node.querySelectorAll(".mlops-active")) cell.classList.remove("mlops-active");
    const cell = this.node.querySelector(`#${this.cellId(this.active.row, this.active.col)}`);
    cell?.classList.add("mlops-active");
    if (cell) this.node.setAttribute("aria-activedescendant", cell.id);
    else this.node.removeAttribute("aria-activedescendant"); // scrolled out of the page
  }

  cellId(row, col) {
    return `${this.id}-${row < 0 ? "head" : row}-${col}`;
  }

  cell(role, row, col, className) {
    const cell = make("div", className);
    cell.id = this.cellId(row, col);
    cell.setAttribute("role", role);
    cell.setAttribute("aria-colindex", col + 1);
    return cell;
  }

  tick(label, checked) {
    const box = make("input");
    box.type = "checkbox";
    box.tabIndex = -1;
    box.checked = checked;
    box.setAttribute("aria-label", label);
    return box;
  }

  tickAll() {
    const cell = this.cell("columnheader", -1, 0, "mlops-tick");
    const count = this.rows.filter((row) => this.ticked.has(row)).length;
    const box = this.tick("Select all shown runs", count > 0 && count === this.rows.length);
    box.indeterminate = count > 0 && count < this.rows.length;
    cell.append(box);
    return cell;
  }

  header(column, at) {
    const cell = this.cell("columnheader", -1, at + 1, "mlops-cell");
    this.dress(cell, column, at);
    const isSorted = this.sorted === column;
    const rising = (column.words || column.lower) !== this.reverse;
    if (isSorted) cell.setAttribute("aria-sort", rising ? "ascending" : "descending");
    const better = column.words ? "" : column.lower ? ", lower is better" : ", higher is better";
    cell.title = `${cutMiddle(column.name, TITLE_LIMIT)}${better}`;
    if (starts(this.columns, at)) {
      const group = make("span", "mlops-group", GROUPS[column.group]);
      group.setAttribute("aria-hidden", "true");
      cell.append(group);
    }
    const label = make("span", "mlops-label");
    label.append(make("bdi", "", cutMiddle(column.name, NAME_LIMIT)));
    if (isSorted) {
      const arrow = make("span", "mlops-arrow", rising ? "▲" : "▼");
      arrow.setAttribute("aria-hidden", "true");
      label.append(arrow);
    }
    cell.append(label);
    return cell;
  }

  row(at) {
    const run = this.rows[at];
    const row = make("div", "mlops-row");
    const ticked = this.ticked.has(run);
    row.setAttribute("role", "row");
    row.setAttribute("aria-rowindex", at + 2);
    row.setAttribute("aria-selected", String(ticked));
    const first = this.cell("gridcell", at, 0, "mlops-tick");
    first.append(this.tick(`Select ${cutMiddle(textOf(this.columns[0], run), NAME_LIMIT)}`, ticked));
    row.append(first);
    this.columns.forEach((column, i) => row.append(this.value(column, i, at, run)));
    return row;
  }

  value(column, i, at, run) {
    const cell = this.cell(column.group === "run" ? "rowheader" : "gridcell", at, i + 1, "mlops-cell");
    this.dress(cell, column, i);
    const text = textOf(column, run);
    const isBest = !column.words && column.numbers[run] === column.best;
    if (isBest) {
      cell.classList.add("mlops-best");
      const star = make("span", "mlops-star", "★");
      star.setAttribute("aria-hidden", "true");
      cell.append(star);
    }
    cell.append(make("bdi", text ? "" : "mlops-absent", text ? cutMiddle(text, NAME_LIMIT) : "–"));
    if (isBest) cell.append(make("span", "mlops-unseen", " best"));
    if (!column.words && text) cell.title = String(column.numbers[run]);
    else if (text.length * 7 > column.width - 24) cell.title = cutMiddle(text, TITLE_LIMIT);
    return cell;
  }

  dress(cell, column, at) {
    cell.classList.toggle("mlops-right", !column.words || column.numeric);
    cell.classList.toggle("mlops-frozen", column.group === "run");
    cell.classList.toggle("mlops-starts", at > 0 && starts(this.columns, at));
  }

  click(event) {
    const cell = event.target.closest("[aria-colindex]");
    if (!cell) return;
    const row = Number(cell.parentElement.getAttribute("aria-rowindex")) - 2;
    const col = Number(cell.getAttribute("aria-colindex")) - 1;
    this.active = { row, col };
    if (row < 0 || event.target.matches("input")) this.act();
    this.markActive();
    this.node.focus({ preventScroll: true });
  }

  act() {
    const { row, col } = this.active;
    if (row < 0 && col > 0) this.onSort(this.columns[col - 1]);
    else if (row < 0) this.onTick(this.rows, !this.rows.every((run) => this.ticked.has(run)));
    else this.onTick([this.rows[row]], !this.ticked.has(this.rows[row]));
  }

  key(event) {
    const { row, col } = this.active;
    const page = Math.max(1, Math.floor(this.node.clientHeight / ROW) - 2);
    const far = event.ctrlKey || event.metaKey;
    const to = {
      ArrowUp: [row - 1, col],
      ArrowDown: [row + 1, col],
      ArrowLeft: [row, col - 1],
      ArrowRight: [row, col + 1],
      PageUp: [row - page, col],
      PageDown: [row + page, col],
      Home: [far ? 0 : row, 0],
      End: [far ? this.rows.length - 1 : row, this.columns.length],
    }[event.key];
    if (to) this.moveTo(...to);
    else if (event.key === "Enter" || event.key === " ") this.act();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  moveTo(row, col) {
    this.active = {
      row: Math.max(-1, Math.min(row, this.rows.length - 1)),
      col: Math.max(0, Math.min(col, this.columns.length)),
    };
    this.reveal();
    this.paint();
    this.markActive();
  }

  reveal() {
    const { row, col } = this.active;
    const node = this.node;
    if (row >= 0) {
      const inside = node.clientHeight - this.head.offsetHeight;
      if (row * ROW < node.scrollTop) node.scrollTop = row * ROW;
      if ((row + 1) * ROW > node.scrollTop + inside) node.scrollTop = (row + 1) * ROW - inside;
    }
    if (col > 1) {
      const frozen = TICK + this.columns[0].width;
      const left = this.columns.slice(0, col - 1).reduce((sum, column) => sum + column.width, TICK);
      const right = left + this.columns[col - 1].width;
      if (left - frozen < node.scrollLeft) node.scrollLeft = left - frozen;
      if (right > node.scrollLeft + node.clientWidth) node.scrollLeft = right - node.clientWidth;
    }
  }
}

function starts(columns, at) {
  return at === 0 || columns[at].group !== columns[at - 1].group;
}
