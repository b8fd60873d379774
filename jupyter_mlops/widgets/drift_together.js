// All columns together: each multivariate test's value against what it is without drift, and what made it so.

import { make } from "./dom.js";
import { caption, tableOf } from "./drift_detail.js";
import { hint, picture, under, verdictNode } from "./drift_svg.js";
import { pText } from "./drift_words.js";
import { linear, ticks } from "./scales.js";
import { draw } from "./svg.js";
import { TITLE_LIMIT, figureText, plainText } from "./words.js";

const DETAILS = 8;
const STRIP = { height: 34, side: 8 };

export class Together {
  constructor(payload) {
    this.tests = payload.multivariate;
    this.node = make("div", "mlops-drift-wide mlops-drift-cards");
    this.node.tabIndex = 0; // to be scrolled with the keyboard
    this.asTable = false;
    this.size = new ResizeObserver(() => this.paint());
    this.size.observe(this.node);
  }

  close() {
    this.size.disconnect();
  }

  show(asTable) {
    this.asTable = asTable;
    this.painted = "";
    this.paint();
  }

  paint() {
    const size = `${this.node.clientWidth}${this.asTable}`;
    if (!this.node.clientWidth || size === this.painted) return;
    this.painted = size;
    const width = Math.max(220, Math.floor(this.node.clientWidth / Math.min(3, this.tests.length)) - 36);
    this.node.replaceChildren(...this.tests.map((test) => this.card(test, width)));
  }

  card(test, width) {
    const card = make("section", "mlops-drift-card");
    const title = make("h3", "mlops-drift-title");
    title.append(make("span", "", plainText(test.name)), verdictNode(test.verdict));
    card.append(title, make("p", "mlops-drift-why", sayTest(test)));
    if (this.asTable) {
      const details = test.details.map(([name, value]) => [plainText(name), figureText(value)]);
      card.append(tableOf("By importance", ["column", "importance"], details));
    } else {
      card.append(strip(test, width));
      if (test.details.length) card.append(importances(test.details.slice(0, DETAILS), width));
    }
    if (test.note) card.append(caption(plainText(test.note, TITLE_LIMIT)));
    return card;
  }
}

function sayTest(test) {
  const band = `${figureText(test.null_low)} to ${figureText(test.null_high)}`;
  return `${plainText(test.value_name)} ${figureText(test.value)}; without drift 95 % lie in ${band}; p ${pText(test.p_value)}.`;
}

/** The value as a mark on a line, over the band that it has without drift. */
function strip(test, width) {
  const known = [test.value, test.null_low, test.null_high].filter(Number.isFinite);
  const [low, high] = known.length ? [Math.min(...known), Math.max(...known)] : [0, 1];
  const spare = 0.15 * (high - low || 1);
  const x = linear(low - spare, high + spare, STRIP.side, width - STRIP.side);
  const node = picture(width, STRIP.height, sayTest(test));
  if (Number.isFinite(test.null_low) && Number.isFinite(test.null_high)) {
    const [from, to] = [x(test.null_low), x(test.null_high)];
    node.append(draw("rect", { class: "mlops-drift-null", x: from, y: 4, width: Math.max(2, to - from), height: 16 }));
  }
  node.append(draw("line", { class: "mlops-drift-axis", x1: STRIP.side, x2: width - STRIP.side, y1: 20, y2: 20 }));
  if (Number.isFinite(test.value)) {
    const bar = draw("rect", { class: "mlops-drift-effect", x: x(test.value) - 1.5, y: 2, width: 3, height: 20 });
    bar.dataset.verdict = test.verdict;
    node.append(bar);
  }
  for (const value of ticks(low - spare, high + spare, 3)) {
    node.append(under(x(value), STRIP.height - 1, figureText(value), { left: 0, right: width }));
  }
  return node;
}

function importances(details, width) {
  const [row, names] = [19, Math.min(160, width * 0.55)];
  const most = Math.max(1e-12, ...details.map(([, value]) => Math.abs(value ?? 0)));
  const x = linear(0, most, names, width - 52);
  const node = picture(width, row * details.length, "Columns by importance");
  details.forEach(([name, value], at) => {
    const y = at * row;
    node.append(
      draw("text", { class: "mlops-drift-label", x: names - 8, y: y + 13, "text-anchor": "end" }, plainText(name, 20)),
      draw("rect", { class: "mlops-drift-current", x: names, y: y + 4, height: 10, width: x(Math.abs(value ?? 0)) - names }),
      draw("text", { class: "mlops-drift-tick", x: width, y: y + 13, "text-anchor": "end" }, figureText(value)),
      hint({ x: 0, y, width, height: row }, `${plainText(name, TITLE_LIMIT)}\n${figureText(value)}`),
    );
  });
  return node;
}
