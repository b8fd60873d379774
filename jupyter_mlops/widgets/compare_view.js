// A comparison in the page: its runs, what is shown of them, and what its panels may ask of it.

import { asker } from "./asking.js";
import { FilterBar } from "./compare_bar.js";
import { keyOf, ordered, replaceText, replaceValues, textOf, unpack, unpackRows } from "./compare_columns.js";
import { Edits } from "./compare_edits.js";
import { byReference, readFilter } from "./compare_filter.js";
import { Tabs } from "./compare_tabs.js";

const MOST_PINS = 6;
let views = 0;

export class ComparisonView {
  constructor(model, root) {
    this.model = model;
    this.total = model.get("_total");
    const rows = unpackRows(model.get("_rows"));
    this.columns = unpack(model.get("_columns"), rows, this.total);
    this.loaded = rows ? Array.from(rows) : Array.from({ length: this.total }, (_, row) => row);
    this.id = `mlops-${Date.now().toString(36)}-${views++}`;
    this.readEdits();
    this.named = byReference(this.columns);
    this.keep = () => true;
    this.brushed = null;
    this.kernel = asker(model, (text) => {
      this.bar.waiting.textContent = text;
    });
    this.readGone();
    this.edits = new Edits(this);
    this.bar = new FilterBar(this);
    this.readFilter();
    this.arrange();
    this.tabs = new Tabs(this);
    root.append(this.bar.node, this.edits.node, this.tabs.node);
    this.listeners = {
      "change:filter": () => this.readFilter(),
      "change:_gone": () => this.readGone(),
      "change:_edits": () => this.readEdits(),
      "change:filter change:sort change:_reverse change:_gone change:_edits": () => this.changed({ order: true }),
      "change:only_differences change:_hidden change:_ticked change:_pins change:_summary": () => this.changed({ order: false }),
    };
    this.listen("on");
    this.bar.show();
    if (!model.get("_exact")) this.loadAll();
  }

  /** The exact columns of all runs, as soon as the kernel is free; a saved notebook has what fits. */
  async loadAll() {
    if (!this.kernel.can("columns")) return;
    const answer = await this.kernel("columns").catch(() => null);
    if (!answer) return;
    const packed = answer.columns.map((column, i) => ({ ...column, [column.words ? "codes" : "numbers"]: answer.buffers[i] }));
    unpack(packed, null, this.total).forEach((fresh, i) => replaceValues(this.columns[i], fresh));
    this.loaded = Array.from({ length: this.total }, (_, row) => row);
    this.readGone();
    this.readEdits();
    this.readFilter();
    this.changed({ order: true });
  }

  /** Runs that were archived or deleted meanwhile are no longer there. */
  readGone() {
    const gone = new Set(this.model.get("_gone"));
    this.all = gone.size ? this.loaded.filter((row) => !gone.has(row)) : this.loaded;
  }

  close() {
    this.listen("off");
    this.kernel.close();
    this.edits.close();
    this.tabs.close();
  }

  /** Names and hypotheses that were written after the columns were sent: column key → row → text. */
  readEdits() {
    for (const column of this.columns) {
      const texts = Object.entries(this.model.get("_edits")?.[keyOf(column)] ?? {});
      for (const [row, text] of texts) replaceText(column, Number(row), text);
    }
  }

  listen(how) {
    for (const [events, listener] of Object.entries(this.listeners)) {
      for (const event of events.split(" ")) this.model[how](event, listener);
    }
  }

  set(values) {
    for (const [name, value] of Object.entries(values)) this.model.set(name, value);
    this.model.save_changes();
  }

  readFilter() {
    const text = this.model.get("filter");
    const { keep, problem } = readFilter(text, this.columns);
    this.bar.tell(text, problem);
    if (!problem) this.keep = keep;
  }

  /** Which rows are shown, in which order. */
  arrange() {
    this.sorted = this.named.get(this.model.get("sort"));
    this.reverse = this.model.get("_reverse");
    const kept = this.all.filter((row) => (!this.brushed || this.brushed.has(row)) && this.keep(row));
    this.rows = this.sorted ? ordered(kept, this.sorted, this.reverse) : kept;
  }

  /** Several traits that change together are shown once. */
  changed({ order }) {
    if (this.pending) {
      this.pending.order ||= order;
      return;
    }
    this.pending = { order };
    queueMicrotask(() => {
      if (this.pending.order) this.arrange();
      this.pending = null;
      this.bar.show();
      this.tabs.show();
    });
  }

  sortBy(column) {
    const reference = this.named.get(column.name) === column ? column.name : keyOf(column);
    if (this.sorted !== column) this.set({ sort: reference, _reverse: false });
    else if (!this.reverse) this.set({ _reverse: true });
    else this.set({ sort: null, _reverse: false });
  }

  /** Pinned rows stay on top whatever the filter keeps; the project remembers them. */
  pin(row) {
    const pins = this.model.get("_pins") ?? [];
    if (!pins.includes(row) && this.pins().length >= MOST_PINS) {
      this.edits.say(`At most ${MOST_PINS} runs are pinned at a time.`);
      return;
    }
    const rows = pins.includes(row) ? pins.filter((each) => each !== row) : [...pins, row];
    this.set({ _pins: rows });
    if (this.kernel.can("pins")) this.ask("pins", { rows }).catch((error) => this.edits.say(error.message));
  }

  pins() {
    const pins = this.model.get("_pins") ?? [];
    return pins.length ? pins.filter((row) => this.all.includes(row)) : pins;
  }

  focusTable() {
    this.tabs.panel("Table").grid.node.focus({ preventScroll: true });
  }

  // What panels ask.

  /** Row numbers that filter and brush keep, in the order shown. */
  shownRows() {
    return this.rows;
  }

  /** Row numbers that the filter keeps, whatever is brushed. */
  filteredRows() {
    return this.all.filter((row) => this.keep(row));
  }

  /** Rows of the ticked runs. */
  ticked() {
    return new Set(this.model.get("_ticked"));
  }

  nameOf(row) {
    return textOf(this.columns[0], row);
  }

  tick(rows, on) {
    const ticked = this.ticked();
    for (const row of rows) {
      if (on) ticked.add(row);
      else ticked.delete(row);
    }
    this.set({ _ticked: [...ticked] });
  }

  /** Narrow the table and all else to these rows, until `brush(null)`. */
  brush(rows) {
    this.brushed = rows && new Set(rows);
    this.changed({ order: true });
  }

  /** Show this run in the table. */
  focusRun(row) {
    this.tabs.panel("Table").focusRun(row);
  }

  ask(what, args, onProgress) {
    return this.kernel(what, args, onProgress);
  }
}
