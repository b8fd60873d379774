// The tabs over a comparison. A panel is made when its tab is first opened, and told of changes while it shows.

import { DiffPanel } from "./compare_diff.js";
import { HistoryPanel } from "./compare_history.js";
import { ParallelPanel } from "./compare_parallel.js";
import { ScatterPanel } from "./compare_scatter.js";
import { TablePanel } from "./compare_table.js";
import { make } from "./dom.js";
import { LineagePanel } from "./lineage_panel.js";

/**
 * What each tab says → the class of its panel: `constructor(view)` with a ComparisonView, `node`, `show()` (it is
 * visible and something changed: rows, ticks, columns, size), `close()`, and if it likes `tools`, an element
 * that stands beside the tabs while the panel shows.
 */
const TABS = {
  Table: TablePanel,
  Parallel: ParallelPanel,
  Scatter: ScatterPanel,
  History: HistoryPanel,
  Diff: DiffPanel,
  Lineage: LineagePanel,
};

export class Tabs {
  constructor(view) {
    this.view = view;
    this.names = Object.keys(TABS);
    this.panels = new Map();
    this.list = make("div", "mlops-tabs");
    this.list.setAttribute("role", "tablist");
    this.list.setAttribute("aria-label", "Views of these runs");
    this.list.hidden = this.names.length < 2;
    this.tools = make("div", "mlops-tools");
    const line = make("div", "mlops-tabline");
    line.append(this.list, this.tools);
    this.node = make("div", "mlops-views");
    this.node.append(line);
    this.tabs = new Map(this.names.map((name) => [name, this.tab(name)]));
    this.list.append(...this.tabs.values());
    // Else the notebook takes the arrow keys.
    this.list.setAttribute("data-lm-suppress-shortcuts", "true");
    this.list.addEventListener("keydown", (event) => this.key(event));
    this.size = new ResizeObserver(() => this.show());
    this.size.observe(this.node);
    this.open(this.names[0]);
  }

  tab(name) {
    const tab = make("button", "mlops-tab", name);
    tab.type = "button";
    tab.id = `${this.view.id}-tab-${name.toLowerCase()}`;
    tab.setAttribute("role", "tab");
    tab.setAttribute("aria-selected", "false");
    tab.tabIndex = -1;
    tab.addEventListener("click", () => this.open(name));
    return tab;
  }

  open(name) {
    this.current = name;
    if (!this.panels.has(name)) this.panels.set(name, this.make(name));
    for (const [each, tab] of this.tabs) {
      tab.setAttribute("aria-selected", String(each === name));
      tab.tabIndex = each === name ? 0 : -1;
    }
    for (const [each, { frame }] of this.panels) frame.hidden = each !== name;
    const { panel } = this.panels.get(name);
    this.tools.replaceChildren(...(panel.tools ? [panel.tools] : []));
    panel.show();
  }

  make(name) {
    const panel = new TABS[name](this.view);
    const frame = make("div", "mlops-panel");
    const tab = this.tabs.get(name);
    frame.id = `${tab.id}-panel`;
    frame.append(panel.node);
    if (this.names.length > 1) {
      frame.setAttribute("role", "tabpanel");
      frame.setAttribute("aria-labelledby", tab.id);
      tab.setAttribute("aria-controls", frame.id);
    }
    this.node.append(frame);
    return { panel, frame };
  }

  /** Something changed: the panel in view shows it, the others when they are opened. */
  show() {
    this.panels.get(this.current).panel.show();
  }

  /** The panel of a tab, which opens. */
  panel(name) {
    this.open(name);
    return this.panels.get(name).panel;
  }

  key(event) {
    const at = this.names.indexOf(this.current);
    const last = this.names.length - 1;
    const to = { ArrowRight: at === last ? 0 : at + 1, ArrowLeft: at ? at - 1 : last, Home: 0, End: last }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    this.open(this.names[to]);
    this.tabs.get(this.names[to]).focus();
  }

  close() {
    this.size.disconnect();
    for (const { panel } of this.panels.values()) panel.close();
  }
}
