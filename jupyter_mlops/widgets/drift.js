// A drift report: the verdict first, then its columns, segments, all columns together, and performance.
// A view is a pure function of one payload (drift_payload.py), and draws only what is chosen.

import { make } from "./dom.js";
import { Detail } from "./drift_detail.js";
import { ColumnList } from "./drift_list.js";
import { Performance } from "./drift_performance.js";
import { Segments } from "./drift_segments.js";
import { verdictNode } from "./drift_svg.js";
import { Together } from "./drift_together.js";
import { TITLE_LIMIT, plainText } from "./words.js";

const TABS = {
  columns: ["Columns", () => true],
  segments: ["Segments", (payload) => payload.segments],
  multivariate: ["Together", (payload) => payload.multivariate?.length],
  performance: ["Performance", (payload) => payload.performance],
};
let drifts = 0;

export function render({ model, el }) {
  const view = new DriftView(model.get("_payload"));
  el.append(view.node);
  return () => view.close();
}

class DriftView {
  constructor(payload) {
    this.payload = payload;
    this.id = `mlops-drift-${Date.now().toString(36)}-${drifts++}`;
    this.views = new Map();
    this.names = Object.keys(TABS).filter((name) => TABS[name][1](payload));
    this.panels = new Map(this.names.map((name) => [name, this.panel(name)]));
    const all = make("div", "mlops-drift-all");
    all.append(this.head(), this.tabList(), ...this.panels.values());
    this.node = make("div", "mlops-drift");
    this.node.append(all);
    this.open(this.names[0]);
  }

  close() {
    for (const view of this.views.values()) view.close();
  }

  /** The verdict, what was compared, and the toggle that shows tables for pictures. */
  head() {
    const { verdict, summary, compared, notes } = this.payload;
    const head = make("div", "mlops-drift-head");
    const line = make("p", "mlops-drift-verdict");
    line.append(verdictNode(verdict), make("bdi", "", plainText(summary, TITLE_LIMIT)));
    this.table = make("button", "mlops-drift-button", "As a table");
    this.table.type = "button";
    this.table.setAttribute("aria-pressed", "false");
    this.table.addEventListener("click", () => {
      this.table.setAttribute("aria-pressed", String(!this.asTable));
      this.refresh();
    });
    const under = [compared, ...notes].map((text) => plainText(text, TITLE_LIMIT)).join(" · ");
    head.append(line, this.table, make("p", "mlops-drift-compared", under));
    return head;
  }

  tabList() {
    const list = make("div", "mlops-drift-tabs");
    list.setAttribute("role", "tablist");
    list.setAttribute("aria-label", "Parts of the drift report");
    list.setAttribute("data-lm-suppress-shortcuts", "true");
    list.addEventListener("keydown", (event) => this.key(event));
    this.tabs = new Map(this.names.map((name) => [name, this.tab(name)]));
    list.append(...this.tabs.values());
    list.hidden = this.names.length < 2;
    return list;
  }

  get asTable() {
    return this.table.getAttribute("aria-pressed") === "true";
  }

  tab(name) {
    const tab = make("button", "mlops-drift-tab", TABS[name][0]);
    tab.type = "button";
    tab.id = `${this.id}-tab-${name}`;
    tab.setAttribute("role", "tab");
    tab.setAttribute("aria-controls", `${this.id}-panel-${name}`);
    tab.addEventListener("click", () => this.open(name));
    return tab;
  }

  panel(name) {
    const panel = make("div", "mlops-drift-panel");
    panel.id = `${this.id}-panel-${name}`;
    if (this.names.length > 1) {
      panel.setAttribute("role", "tabpanel");
      panel.setAttribute("aria-labelledby", `${this.id}-tab-${name}`);
    }
    return panel;
  }

  key(event) {
    const at = this.names.indexOf(this.shown);
    const last = this.names.length - 1;
    const to = { ArrowLeft: at ? at - 1 : last, ArrowRight: at < last ? at + 1 : 0, Home: 0, End: last }[event.key];
    if (to === undefined) return;
    this.open(this.names[to]);
    this.tabs.get(this.names[to]).focus();
    event.preventDefault();
    event.stopPropagation();
  }

  open(name) {
    this.shown = name;
    for (const [each, tab] of this.tabs) {
      tab.setAttribute("aria-selected", String(each === name));
      tab.tabIndex = each === name ? 0 : -1;
      this.panels.get(each).hidden = each !== name;
    }
    if (!this.views.has(name)) {
      const view = this.make(name);
      this.views.set(name, view);
      this.panels.get(name).append(view.node);
    }
    this.refresh();
  }

  make(name) {
    if (name === "segments") return new Segments(this.payload, (column) => this.lookAt(column));
    if (name === "multivariate") return new Together(this.payload);
    if (name === "performance") return new Performance(this.payload);
    return new Columns(this.payload, this.id);
  }

  lookAt(column) {
    this.open("columns");
    this.tabs.get("columns").focus();
    this.views.get("columns").find(column);
  }

  refresh() {
    this.table.disabled = this.shown === "segments"; // a table already
    this.views.get(this.shown).show(this.asTable);
  }
}

/** The list at the left, the chosen column at the right. */
class Columns {
  constructor(payload, id) {
    this.node = make("div", "mlops-drift-both");
    if (!payload.columns.length) {
      this.node.append(make("p", "mlops-drift-none", "No columns were compared."));
      return;
    }
    this.detail = new Detail(payload);
    this.list = new ColumnList(payload.columns, id, (row) => this.detail.show(row));
    this.node.append(this.list.node, this.detail.node);
  }

  show(asTable) {
    if (this.list) this.detail.show(this.list.chosen, asTable);
  }

  find(name) {
    this.list?.find(name);
  }

  close() {
    this.list?.close();
    this.detail?.close();
  }
}
