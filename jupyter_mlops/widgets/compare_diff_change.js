// How one snapshot became another: rows, columns, changed cells as bars, and whether distributions moved.
// The diff of runs draws it, and so may whatever else shows a change of data.

import { bar, inPart, named, note, table } from "./compare_diff_parts.js";
import { counted } from "./compare_diff_words.js";
import { make } from "./dom.js";
import { figureText, plainText } from "./words.js";

const MOST_COLUMNS = 12;
const MARKS = { ok: "✓", watch: "!", drift: "✗" };

/** A `change` of the diff's data as one element. */
export function changeNode(change) {
  const node = make("div", "mlops-diff-changes");
  const facts = [rowsLine(change), columnsLine("+", "added", change.columns_added), columnsLine("−", "removed", change.columns_removed)];
  node.append(...[...facts, cellsList(change), shiftTable(change), note(change.note)].filter(Boolean));
  return node;
}

function rowsLine({ rows, rows_added: added, rows_removed: removed }) {
  if (!rows || rows.every((count) => count === null)) return null; // a file, or data known by digest only
  const [before, after] = rows.map((count) => (count === null ? "?" : count.toLocaleString("en")));
  const parts = [];
  if (added) parts.push(`${counted(added, "row")} added`);
  if (removed) parts.push(`${counted(removed, "row")} removed`);
  const of = before === after ? `${before} rows in both` : `${before} → ${after} rows`;
  return make("p", "mlops-diff-line", [of, ...parts].join(" · "));
}

function columnsLine(sign, word, names) {
  if (!names?.length) return null;
  const line = make("div", "mlops-diff-line", `${counted(names.length, "column")} ${word}: `);
  const chips = names.map((name) => {
    const chip = make("span", "mlops-diff-chip", sign);
    chip.append(named(name));
    return chip;
  });
  return inPart(chips, MOST_COLUMNS, "column", line);
}

/** Columns whose cells changed, those with most first; a bar is the share of the rows that both have. */
function cellsList({ cells, rows, rows_added: added }) {
  const changed = (cells ?? []).filter((cell) => cell.changed !== 0).sort((a, b) => (b.changed ?? 0) - (a.changed ?? 0));
  if (!changed.length) return null;
  const both = (rows?.[1] ?? 0) - (added ?? 0);
  const most = Math.max(both, 1, ...changed.map((cell) => cell.changed ?? 0));
  const items = changed.map(({ column, changed: count }) => {
    const item = make("li", "mlops-diff-cells");
    const text = count === null ? "changed, not counted" : `${counted(count, "cell")} changed`;
    item.append(named(column), count === null ? make("span") : bar(count / most), make("span", "mlops-diff-number", text));
    return item;
  });
  return inPart(items, MOST_COLUMNS, "column", make("ul", "mlops-diff-list"));
}

function shiftTable({ shift }) {
  if (!shift?.length) return null;
  const order = ["drift", "watch", "ok"];
  const sorted = [...shift].sort((a, b) => order.indexOf(a.verdict) - order.indexOf(b.verdict) || (b.effect ?? 0) - (a.effect ?? 0));
  const moved = sorted.filter((each) => each.verdict !== "ok");
  const shown = moved.length ? moved : sorted.slice(0, 1);
  const rows = shown.slice(0, 4 * MOST_COLUMNS).map(shiftRow);
  const heads = ["Column", "Verdict", "Effect", "Why"].map((text) => make("span", "", text));
  const said = moved.length
    ? `${counted(moved.length, "distribution")} of ${shift.length.toLocaleString("en")} moved`
    : "No distribution moved";
  const node = make("div");
  node.append(make("p", "mlops-diff-line", said));
  if (moved.length) node.append(table(said, heads, rows));
  return node;
}

function shiftRow({ column, effect, effect_name: effectName, verdict, reason }) {
  const word = make("span", "mlops-diff-verdict");
  word.dataset.verdict = verdict;
  const mark = make("span", "mlops-diff-shape", MARKS[verdict] ?? MARKS.ok);
  mark.setAttribute("aria-hidden", "true");
  word.append(mark, make("span", "", verdict));
  const size = make("span", "mlops-diff-effect");
  if (effect !== null) size.append(bar(effect), make("span", "mlops-diff-number", `${figureText(effect)} ${effectName ?? ""}`));
  return { same: verdict === "ok", head: named(column), cells: [word, size, make("span", "mlops-diff-why", reason ? plainText(reason, 200) : "")] };
}
