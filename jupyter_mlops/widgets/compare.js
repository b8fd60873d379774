// A comparison of runs: the bar (filter, count, what to show) over the grid.
// Its module is dom.js + compare_filter.js + compare_columns.js + compare_grid.js + this file, joined by compare.py.

const CHOSEN_GROUPS = { metrics: "Metrics", params: "Parameters", info: "About" };
const SAMPLE = 300; // rows that decide how wide a column is
const SAME_LIMIT = 40;

export function render({ model, el }) {
  const columns = unpack(model.get("_columns"));
  const total = columns[0].codes.length;
  const root = make("div", "mlops-compare");
  el.append(root);
  if (!total) {
    root.append(make("p", "mlops-kind", "No runs yet. Track a cell and its run appears here."));
    return undefined;
  }
  for (const column of columns) column.width = widthOf(column, total);
  const view = new ComparisonView(model, columns, total, root);
  return () => view.close();
}

class ComparisonView {
  constructor(model, columns, total, root) {
    this.model = model;
    this.columns = columns;
    this.all = Array.from({ length: total }, (_, row) => row);
    this.named = byReference(columns);
    this.keep = () => true;
    this.grid = new RunGrid({
      onSort: (column) => this.sortBy(column),
      onTick: (rows, on) => this.tick(rows, on),
    });
    this.same = make("div", "mlops-same");
    root.append(this.bar(), this.problem, this.chooser, this.grid.node, this.same);
    this.listeners = {
      "change:filter": () => this.readModelFilter(),
      "change:sort change:_reverse change:only_differences change:_hidden change:_ticked": () => this.refresh(),
    };
    this.listen("on");
    this.readModelFilter();
  }

  close() {
    this.listen("off");
    this.grid.close();
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

  bar() {
    const bar = make("div", "mlops-bar");
    this.input = make("input", "mlops-filter");
    this.input.type = "search";
    this.input.spellcheck = false;
    this.input.placeholder = `Filter, such as ${exampleFilter(this.columns, this.all)}`;
    this.input.setAttribute("aria-label", "Filter runs");
    this.input.addEventListener("input", () => this.typed());
    this.count = make("span", "mlops-count");
    this.count.setAttribute("role", "status");
    this.picked = make("span", "mlops-picked");
    this.problem = make("div", "mlops-problem");
    this.problem.setAttribute("aria-live", "polite");
    this.problem.id = `${this.grid.id}-problem`;
    this.input.setAttribute("aria-describedby", this.problem.id);
    this.differences = labelled("Only differences", () => this.set({ only_differences: this.differences.box.checked }));
    this.open = make("button", "mlops-button", "Columns");
    this.open.type = "button";
    this.open.setAttribute("aria-expanded", "false");
    this.open.addEventListener("click", () => {
      this.chooser.hidden = !this.chooser.hidden;
      this.open.setAttribute("aria-expanded", String(!this.chooser.hidden));
    });
    this.chooser = this.columnChooser();
    bar.append(this.input, this.count, this.picked, this.differences.node, this.open);
    return bar;
  }

  columnChooser() {
    const chooser = make("div", "mlops-chooser");
    chooser.hidden = true;
    this.boxes = new Map();
    for (const [group, title] of Object.entries(CHOSEN_GROUPS)) {
      const columns = this.columns.filter((column) => column.group === group);
      if (!columns.length) continue;
      const field = make("fieldset");
      field.append(make("legend", "", title));
      for (const column of columns) {
        const choice = labelled(cutMiddle(column.name, SAME_LIMIT), () => this.choose(column, choice.box.checked));
        choice.node.title = cutMiddle(column.name, 500);
        this.boxes.set(keyOf(column), choice);
        field.append(choice.node);
      }
      chooser.append(field);
    }
    return chooser;
  }

  choose(column, visible) {
    const hidden = this.model.get("_hidden").filter((key) => key !== keyOf(column));
    this.set({ _hidden: visible ? hidden : [...hidden, keyOf(column)] });
  }

  /** A filter that cannot be read (yet) leaves the table as it was and says why. */
  typed() {
    const { problem } = readFilter(this.input.value, this.columns);
    this.say(problem);
    if (!problem) this.set({ filter: this.input.value });
  }

  readModelFilter() {
    const text = this.model.get("filter");
    const { keep, problem } = readFilter(text, this.columns);
    if (this.input.value !== text) this.input.value = text;
    this.say(problem);
    if (!problem) this.keep = keep;
    this.refresh();
  }

  say(problem) {
    this.problem.textContent = cutMiddle(problem, 200);
    this.input.setAttribute("aria-invalid", String(Boolean(problem)));
  }

  sortBy(column) {
    const isSorted = this.named.get(this.model.get("sort")) === column;
    const reference = this.named.get(column.name) === column ? column.name : keyOf(column);
    if (!isSorted) this.set({ sort: reference, _reverse: false });
    else if (!this.model.get("_reverse")) this.set({ _reverse: true });
    else this.set({ sort: null, _reverse: false });
  }

  tick(rows, on) {
    const ticked = new Set(this.model.get("_ticked"));
    for (const row of rows) {
      if (on) ticked.add(row);
      else ticked.delete(row);
    }
    this.set({ _ticked: [...ticked] });
  }

  refresh() {
    const model = this.model;
    const reverse = model.get("_reverse");
    const sorted = this.named.get(model.get("sort"));
    const kept = this.all.filter(this.keep);
    const rows = sorted ? ordered(kept, sorted, reverse) : kept;
    const hidden = new Set(model.get("_hidden"));
    const only = model.get("only_differences");
    const same = rows.length > 1 ? this.columns.filter((c) => c.words && c.group !== "run" && agrees(rows, c)) : [];
    const columns = this.columns.filter((c) => !hidden.has(keyOf(c)) && !(only && same.includes(c)));
    for (const column of columns) column.best = bestOf(rows, column);
    const ticked = new Set(model.get("_ticked"));
    this.grid.show({ columns, rows, ticked, sorted, reverse });
    const of = this.all.length === 1 ? "1 run" : `${this.all.length.toLocaleString("en")} runs`;
    this.count.textContent = `${rows.length.toLocaleString("en")} of ${of}`;
    this.picked.textContent = ticked.size ? `${ticked.size.toLocaleString("en")} selected` : "";
    this.differences.box.checked = only;
    for (const [key, { box }] of this.boxes) box.checked = !hidden.has(key);
    const told = same.filter((c) => only && !hidden.has(keyOf(c))).map((c) => `${cutMiddle(c.name, SAME_LIMIT)} = ${cutMiddle(textOf(c, rows[0]), SAME_LIMIT) || "none"}`);
    this.same.textContent = told.length ? `Same in all: ${told.join(" · ")}` : "";
    this.same.title = cutMiddle(this.same.textContent, 1000);
  }
}

function labelled(text, onChange) {
  const node = make("label", "mlops-choice");
  const box = make("input");
  box.type = "checkbox";
  box.addEventListener("change", onChange);
  node.append(box, make("bdi", "", text));
  return { node, box };
}

/** A filter over the first metric that keeps about half of the runs. */
function exampleFilter(columns, rows) {
  const metric = columns.find((column) => !column.words && /^[\w.-]+$/.test(column.name));
  if (!metric) return "a part of a name";
  const values = rows.map((row) => metric.numbers[row]).filter(Number.isFinite).sort((a, b) => a - b);
  if (!values.length) return "a part of a name";
  return `${metric.name} ${metric.lower ? "<" : ">"} ${Number(values[values.length >> 1].toPrecision(2))}`;
}

/** Pixels, by the longest text of a sample, so that filtering does not make columns jump. */
function widthOf(column, total) {
  let letters = Math.min(column.name.length, 24) + 2;
  for (let row = 0; row < Math.min(total, SAMPLE); row++) letters = Math.max(letters, textOf(column, row).length);
  const [least, most] = column.group === "run" ? [140, 300] : column.words ? [84, 220] : [100, 220];
  return Math.round(Math.max(least, Math.min(most, letters * 7.2 + (column.words ? 30 : 44))));
}

export default { render };
