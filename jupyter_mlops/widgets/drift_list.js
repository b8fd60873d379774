// The columns of a drift report as a list: searched, sorted, and only the rows in view are in the page.
// The list itself holds the browser's focus (aria-activedescendant), so a repaint never loses it.

import { make } from "./dom.js";
import { picture, verdictNode } from "./drift_svg.js";
import { effectText } from "./drift_words.js";
import { draw } from "./svg.js";
import { TITLE_LIMIT, figureText, plainText } from "./words.js";

const DRIFT_ROW = 28; // px; drift.css has the same
const SPARE_ROWS = 6;
const BAR = { width: 84, height: 16 };
const ORDERS = {
  worst: ["worst first", null],
  effect: ["by effect", (a, b) => (b.effect ?? -1) - (a.effect ?? -1)],
  missing: ["by missing", (a, b) => moved(b) - moved(a)],
  name: ["by name", (a, b) => (a.column < b.column ? -1 : a.column > b.column ? 1 : 0)],
};
const moved = (row) => Math.abs((row.missing_current ?? 0) - (row.missing_reference ?? 0));

export class ColumnList {
  /** `rows` worst first; `onChoose(row)` when another one is chosen. */
  constructor(rows, id, onChoose) {
    this.rows = rows;
    this.id = id;
    this.onChoose = onChoose;
    this.names = rows.map((row) => row.column.toLowerCase());
    const most = rows.reduce((least, row) => Math.max(least, row.effect ?? 0, 2 * (row.limit ?? 0)), 0.04);
    // By square roots: the limit stands well off the edge, beside effects fifty times as large.
    this.scale = (value) => BAR.width * Math.sqrt(Math.max(0, value) / most);
    this.node = make("div", "mlops-drift-columns");
    this.node.append(this.controls(), this.listbox(), this.legend());
    this.size = new ResizeObserver(() => this.paint()); // the height is 0 until the list is attached
    this.size.observe(this.list);
    this.arrange();
  }

  close() {
    this.size.disconnect();
  }

  controls() {
    const bar = make("div", "mlops-drift-controls");
    this.search = make("input", "mlops-drift-search");
    this.search.type = "search";
    this.search.placeholder = "Search columns";
    this.search.spellcheck = false;
    this.search.setAttribute("aria-label", "Search columns");
    this.search.addEventListener("input", () => this.arrange());
    this.search.addEventListener("keydown", (event) => {
      if (event.key !== "ArrowDown") return;
      this.list.focus();
      event.preventDefault();
    });
    this.order = make("select", "mlops-drift-order");
    this.order.setAttribute("aria-label", "Sort columns by");
    for (const [value, [label]] of Object.entries(ORDERS)) {
      const option = make("option", "", label);
      option.value = value;
      this.order.append(option);
    }
    this.order.addEventListener("change", () => this.arrange());
    this.count = make("span", "mlops-drift-count");
    this.count.setAttribute("role", "status");
    bar.append(this.search, this.order, this.count);
    return bar;
  }

  listbox() {
    this.list = make("div", "mlops-drift-list");
    this.list.tabIndex = 0;
    this.list.setAttribute("role", "listbox");
    this.list.setAttribute("aria-label", "Columns");
    this.list.setAttribute("data-lm-suppress-shortcuts", "true"); // else the notebook takes the arrow keys
    this.space = make("div", "mlops-drift-space");
    this.space.setAttribute("role", "presentation");
    this.body = make("div");
    this.body.setAttribute("role", "presentation");
    this.space.append(this.body);
    this.list.append(this.space);
    this.list.addEventListener("scroll", () => this.paint());
    this.list.addEventListener("keydown", (event) => this.key(event));
    this.list.addEventListener("click", (event) => {
      const option = event.target.closest("[role=option]");
      if (option) this.choose(Number(option.dataset.at));
    });
    return this.list;
  }

  legend() {
    const legend = make("div", "mlops-drift-legend");
    legend.append(this.bar({ effect: 0.45, limit: 0.2, null_level: 0.07, verdict: "legend" }, (v) => BAR.width * v));
    legend.append(make("span", "", "effect (by square roots), its limit as a line, grey: without drift"));
    return legend;
  }

  /** Search and sort again; the chosen column stays chosen if it is still there. */
  arrange() {
    const words = this.search.value.toLowerCase();
    const kept = this.rows.filter((_, at) => this.names[at].includes(words));
    const by = ORDERS[this.order.value][1];
    this.shown = by ? kept.sort(by) : kept;
    const all = this.rows.length === 1 ? "1 column" : `${this.rows.length.toLocaleString("en")} columns`;
    const some = kept.length === this.rows.length ? "" : `${kept.length.toLocaleString("en")} of `;
    this.count.textContent = some + all;
    this.space.style.height = `${this.shown.length * DRIFT_ROW}px`;
    this.list.scrollTop = 0;
    this.at = this.shown.indexOf(this.chosen);
    if (this.at < 0 && this.shown.length) this.choose(0);
    else this.reveal();
    this.paint();
  }

  /** Choose by name, for instance from a segment. */
  find(name) {
    this.search.value = "";
    this.arrange();
    const at = this.shown.findIndex((row) => row.column === name);
    if (at >= 0) this.choose(at);
  }

  choose(at) {
    this.at = Math.max(0, Math.min(at, this.shown.length - 1));
    const row = this.shown[this.at];
    if (!row) return;
    this.reveal();
    if (row !== this.chosen) {
      this.chosen = row;
      this.onChoose(row);
    }
    this.paint();
  }

  reveal() {
    const top = this.at * DRIFT_ROW;
    const bottom = top + DRIFT_ROW;
    if (this.at < 0) return;
    if (top < this.list.scrollTop) this.list.scrollTop = top;
    else if (bottom > this.list.scrollTop + this.list.clientHeight) this.list.scrollTop = bottom - this.list.clientHeight;
  }

  key(event) {
    const page = Math.max(1, Math.floor(this.list.clientHeight / DRIFT_ROW) - 1);
    const to = {
      ArrowUp: this.at - 1,
      ArrowDown: this.at + 1,
      PageUp: this.at - page,
      PageDown: this.at + page,
      Home: 0,
      End: this.shown.length - 1,
    }[event.key];
    if (to === undefined) return;
    this.choose(to);
    event.preventDefault();
    event.stopPropagation();
  }

  paint() {
    const first = Math.max(0, Math.floor(this.list.scrollTop / DRIFT_ROW) - SPARE_ROWS);
    const last = Math.min(this.shown.length, first + Math.ceil(this.list.clientHeight / DRIFT_ROW) + 2 * SPARE_ROWS);
    const rows = document.createDocumentFragment();
    for (let at = first; at < last; at++) rows.append(this.option(at));
    this.body.style.transform = `translateY(${first * DRIFT_ROW}px)`;
    this.body.replaceChildren(rows);
    const seen = this.at >= first && this.at < last;
    if (seen) this.list.setAttribute("aria-activedescendant", this.optionId(this.at));
    else this.list.removeAttribute("aria-activedescendant");
  }

  optionId(at) {
    return `${this.id}-column-${at}`;
  }

  option(at) {
    const row = this.shown[at];
    const node = make("div", "mlops-drift-option");
    node.id = this.optionId(at);
    node.dataset.at = at;
    node.setAttribute("role", "option");
    node.setAttribute("aria-selected", String(at === this.at));
    node.setAttribute("aria-posinset", at + 1);
    node.setAttribute("aria-setsize", this.shown.length);
    const label = make("bdi", "mlops-drift-name", plainText(row.column));
    label.title = plainText(row.column, TITLE_LIMIT);
    const figure = make("span", "mlops-drift-figure", effectText(row.effect));
    const told = row.effect === null ? plainText(row.reason) : `limit ${figureText(row.limit)}`;
    figure.append(make("span", "mlops-drift-unseen", `, ${told}, `)); // what the bar shows
    node.append(label, this.bar(row, this.scale), figure, verdictNode(row.verdict));
    return node;
  }

  bar(row, scale) {
    const node = picture(BAR.width, BAR.height, "");
    const rect = (className, value, y, height) =>
      draw("rect", { class: className, x: 0, y, height, width: Math.min(BAR.width, scale(value)).toFixed(1) });
    node.append(draw("rect", { class: "mlops-drift-track", x: 0, y: 4, width: BAR.width, height: 8 }));
    if (row.null_level > 0) node.append(rect("mlops-drift-null", row.null_level, 0, BAR.height));
    if (row.effect !== null) {
      const bar = rect("mlops-drift-effect", row.effect, 4, 8);
      bar.dataset.verdict = row.verdict;
      node.append(bar);
    }
    if (row.limit !== null) {
      const x = scale(row.limit).toFixed(1);
      node.append(draw("line", { class: "mlops-drift-limit", x1: x, x2: x, y1: 0, y2: BAR.height }));
    }
    return node;
  }
}
