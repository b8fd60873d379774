// Segments: a table of verdicts, one row a segment, with the columns that are not ok somewhere, worst first.

import { make } from "./dom.js";
import { caption } from "./drift_detail.js";
import { mark, verdictNode } from "./drift_svg.js";
import { effectText } from "./drift_words.js";
import { TITLE_LIMIT, figureText, plainText } from "./words.js";

const SEGMENT_COLUMNS = 10;
const SEVERITY = { ok: 0, watch: 1, drift: 2 };

export class Segments {
  /** `onChoose(name)` when a column's header is used. */
  constructor(payload, onChoose) {
    this.node = make("div", "mlops-drift-wide");
    this.node.tabIndex = 0; // to be scrolled with the keyboard
    const { by, segments } = payload.segments;
    const columns = worstIn(segments);
    const shown = columns.slice(0, SEGMENT_COLUMNS);
    const table = make("table", "mlops-drift-table");
    table.append(make("caption", "", `By ${plainText(by)}: rows, and the effects that are not ok`));
    table.append(headOf(by, shown, onChoose), bodyOf(segments, shown));
    this.node.append(table);
    const rest = columns.length - shown.length;
    if (rest > 0) this.node.append(caption(`And ${rest} more columns to look at in some segment.`));
    if (!columns.length) this.node.append(caption("Every column is ok in every segment."));
  }

  show() {}

  close() {}
}

/** Names of the columns that are not ok in some segment, worst first. */
function worstIn(segments) {
  const worst = new Map();
  for (const segment of segments) {
    for (const { column, verdict, effect } of segment.columns) {
      const weight = SEVERITY[verdict] * 10 + (effect ?? 1);
      if (SEVERITY[verdict] > 0) worst.set(column, Math.max(weight, worst.get(column) ?? 0));
    }
  }
  return [...worst.keys()].sort((a, b) => worst.get(b) - worst.get(a));
}

function headOf(by, columns, onChoose) {
  const head = make("thead");
  const row = make("tr");
  const named = [plainText(by, 24), "reference", "current", "verdict"].map((text) => make("th", "", text));
  const others = columns.map((column) => {
    const cell = make("th");
    const button = make("button", "mlops-drift-link", plainText(column, 15));
    button.type = "button";
    button.title = plainText(column, TITLE_LIMIT);
    button.addEventListener("click", () => onChoose(column));
    cell.append(button);
    return cell;
  });
  row.append(...named, ...others);
  for (const cell of row.children) cell.scope = "col";
  head.append(row);
  return head;
}

function bodyOf(segments, columns) {
  const body = make("tbody");
  for (const segment of segments) {
    const found = new Map(segment.columns.map((each) => [each.column, each]));
    const row = make("tr");
    const name = make("th");
    name.scope = "row";
    name.append(make("bdi", "", plainText(segment.label, 32)));
    name.title = plainText(segment.label, TITLE_LIMIT);
    const verdict = make("td");
    verdict.append(verdictNode(segment.verdict));
    const isSmall = !segment.columns.length && segment.verdict === "watch";
    row.append(name, make("td", "", figureText(segment.reference_rows)), make("td", "", figureText(segment.rows)), verdict);
    if (isSmall) verdict.append(make("span", "mlops-drift-kind", " too few rows"));
    for (const column of columns) {
      row.append(cellOf(found.get(column) ?? { verdict: "ok" }, isSmall));
    }
    body.append(row);
  }
  return body;
}

/** The effect with its mark; ok has the mark alone, and a segment with too few rows nothing. */
function cellOf({ verdict, effect }, isSmall) {
  if (isSmall) return make("td", "", effectText(null));
  const cell = make("td");
  const text = verdict === "ok" ? "" : effectText(effect);
  cell.append(mark(verdict), make("span", "", text), make("span", "mlops-drift-unseen", ` ${verdict}`));
  return cell;
}
