// The chosen column: its verdict in words, both histograms, its figures, and its effect over time.

import { make } from "./dom.js";
import { drawHistogram, sharesOf } from "./drift_histogram.js";
import { drawLines } from "./drift_lines.js";
import { picture, verdictNode } from "./drift_svg.js";
import { changeText, effectText, pText, shareText, whyText } from "./drift_words.js";
import { draw } from "./svg.js";
import { TITLE_LIMIT, figureText, plainText } from "./words.js";

const FIGURES = [
  ["effect", (row) => (row.effect === null ? effectText(null) : `${row.effect_name} ${effectText(row.effect)}`)],
  ["limit", (row) => figureText(row.limit)],
  ["without drift", (row) => effectText(row.null_level), "The effect to expect between two samples of this size that do not differ"],
  ["statistic", (row) => figureText(row.statistic)],
  ["p", (row) => pText(row.p_value)],
  ["adjusted p", (row) => pText(row.p_adjusted), "Benjamini–Hochberg over all tests of this report"],
  ["values, reference", (row) => figureText(row.reference_n)],
  ["values, current", (row) => figureText(row.current_n)],
  ["PSI", (row) => figureText(row.psi), "Population stability index, less its level without drift"],
  ["JS distance", (row) => figureText(row.js), "Jensen–Shannon distance, less its level without drift"],
  ["Wasserstein", (row) => figureText(row.wasserstein), "In standard deviations of the reference"],
  ["missing", (row) => changeText(row.missing_reference, row.missing_current)],
  ["unseen", (row) => shareText(row.unseen), "Share of values that the reference does not have"],
];
const LINES_HEIGHT = 94;

export class Detail {
  constructor(payload) {
    this.payload = payload;
    this.node = make("section", "mlops-drift-detail");
    this.node.setAttribute("aria-label", "The chosen column");
    this.title = make("h3", "mlops-drift-title");
    this.why = make("p", "mlops-drift-why");
    this.why.setAttribute("role", "status");
    this.pictures = make("div", "mlops-drift-pictures");
    this.figures = make("dl", "mlops-drift-figures");
    const middle = make("div", "mlops-drift-middle");
    middle.append(this.pictures, this.figures);
    this.node.append(this.title, this.why, middle);
    this.size = new ResizeObserver(() => this.paint());
    this.size.observe(this.pictures);
    this.asTable = false;
  }

  close() {
    this.size.disconnect();
  }

  show(row, asTable = this.asTable) {
    this.row = row;
    this.asTable = asTable;
    this.painted = "";
    this.title.replaceChildren(make("bdi", "", plainText(row.column)), make("span", "mlops-drift-kind", row.kind), verdictNode(row.verdict));
    this.title.title = plainText(row.column, TITLE_LIMIT);
    this.why.textContent = plainText(whyText(row, this.payload.thresholds), TITLE_LIMIT);
    this.figures.replaceChildren(
      ...FIGURES.map(([name, text, help]) => {
        const pair = make("div");
        if (help) pair.title = help;
        pair.append(make("dt", "", name), make("dd", "", text(row)));
        return pair;
      }),
    );
    this.paint();
  }

  /** Pictures are drawn for the room there is, and again only when that changes. */
  paint() {
    const { clientWidth: width, clientHeight: height } = this.pictures;
    const size = `${width}x${height}${this.asTable}`;
    if (!this.row || !width || size === this.painted) return;
    this.painted = size;
    const [histogram, overTime] = [this.payload.histograms[this.row.column], this.overTime()];
    this.pictures.classList.toggle("mlops-drift-scrolls", this.asTable);
    this.pictures.tabIndex = this.asTable ? 0 : -1;
    const parts = this.asTable ? this.tables(histogram, overTime) : this.drawings(histogram, overTime, width, height);
    this.pictures.replaceChildren(...parts);
  }

  overTime() {
    const found = this.payload.over_time?.columns[this.row.column];
    return found ? { ...found, chunks: this.payload.over_time.chunks } : null;
  }

  drawings(histogram, overTime, width, height) {
    const below = overTime ? LINES_HEIGHT + 22 : 0;
    const drawn = drawHistogram(histogram, this.row, width, Math.max(80, height - below - 20));
    const parts = drawn ? [sidesLegend(), drawn] : [make("p", "mlops-drift-none", "There is nothing to draw for this column.")];
    if (!overTime) return parts;
    const { every } = this.payload.over_time;
    const label = `Effect on ${plainText(this.row.column)} over time, ${overTime.alarm.filter(Boolean).length} alarms`;
    const lines = [{ name: "effect", values: overTime.effect, look: "realised" }];
    const hasBand = overTime.high !== null;
    const drawing = { label, chunks: overTime.chunks, lines, band: hasBand ? overTime : null, limits: [this.row.limit], alarm: overTime.alarm, fromZero: true };
    const title = `Effect per ${every ? plainText(every) : "chunk"}${hasBand ? ", the reference's own in grey" : ""}; ◆ alarm`;
    parts.push(caption(title), drawLines(drawing, width, LINES_HEIGHT));
    return parts;
  }

  tables(histogram, overTime) {
    const places = sharesOf(histogram, this.row).map((place) => [place.name, shareText(place.reference), shareText(place.current)]);
    const parts = [tableOf("Shares of all rows", ["value", "reference", "current"], places)];
    if (!overTime) return parts;
    const chunks = overTime.chunks.map((chunk, at) => [
      plainText(chunk.label), figureText(chunk.rows), effectText(overTime.effect[at]), overTime.alarm[at] ? "alarm" : "",
    ]);
    const band = overTime.high === null ? "" : `, the reference's own ${effectText(overTime.low)} to ${effectText(overTime.high)}`;
    return [...parts, tableOf(`Effect over time${band}`, ["chunk", "rows", "effect", "alarm"], chunks)];
  }
}

export const caption = (text) => make("div", "mlops-drift-caption", text);

function sidesLegend() {
  const node = make("div", "mlops-drift-caption");
  const sample = (className) => {
    const box = picture(14, 10, "");
    box.append(draw("rect", { class: className, x: 1, y: 1, width: 12, height: 8 }));
    return box;
  };
  node.append(sample("mlops-drift-reference"), "reference", sample("mlops-drift-current"), "current, as shares of all rows");
  return node;
}

/** A table of texts; the first column names the row. */
export function tableOf(title, headers, rows) {
  const table = make("table", "mlops-drift-table");
  table.append(make("caption", "", title));
  const line = (cells, tag, scope) => {
    const row = make("tr");
    cells.forEach((text, at) => {
      const cell = make(at && tag === "td" ? "td" : "th");
      if (at === 0 || tag === "th") cell.scope = at === 0 && tag === "td" ? "row" : scope;
      cell.append(make("bdi", "", text));
      row.append(cell);
    });
    return row;
  };
  const head = make("thead");
  const body = make("tbody");
  head.append(line(headers, "th", "col"));
  body.append(...rows.map((cells) => line(cells, "td", "row")));
  table.append(head, body);
  return table;
}
