// What pictures of drift are made of: marks, shelves, hints. Colours come from drift.css.

import { make } from "./dom.js";
import { draw, pictureOf } from "./svg.js";

const SHAPES = {
  ok: "M2 6.5 5 9.5 10 3",
  watch: "M6 1 11.5 11H0.5Z M6 4.6V7.4 M6 9V9.4",
  drift: "M2.2 2.2 9.8 9.8 M9.8 2.2 2.2 9.8",
};

/** A picture of `width` by `height` pixels that `label` describes to those who do not see it. */
export const picture = (width, height, label) => pictureOf(width, height, label, "mlops-drift-picture");

/** The verdict's mark: a shape of its own, so that nobody depends on the colour. */
export function mark(verdict) {
  const node = picture(12, 12, "");
  node.classList.add("mlops-drift-mark");
  node.dataset.verdict = verdict;
  node.append(draw("path", { d: SHAPES[verdict] ?? SHAPES.ok }));
  return node;
}

/** The mark and the word. */
export function verdictNode(verdict) {
  const node = make("span", "mlops-drift-word");
  node.append(mark(verdict), make("span", "", verdict));
  return node;
}

/** Horizontal lines with their values at the left of a drawing that ends at `right`. */
export function shelves(values, y, { left, right }, text) {
  const node = draw("g");
  for (const value of values) {
    node.append(
      draw("line", { class: "mlops-drift-grid", x1: left, x2: right, y1: y(value), y2: y(value) }),
      draw("text", { class: "mlops-drift-tick", x: left - 6, y: y(value) + 3.5, "text-anchor": "end" }, text(value)),
    );
  }
  return node;
}

/** A small text under the drawing, kept inside it. */
export function under(x, y, text, { left, right }) {
  const half = text.length * 3;
  const anchor = x - half < left ? "start" : x + half > right ? "end" : "middle";
  const at = anchor === "start" ? Math.max(x, left) : anchor === "end" ? Math.min(x, right) : x;
  return draw("text", { class: "mlops-drift-tick", x: at, y, "text-anchor": anchor }, text);
}

/** An invisible rectangle that tells what is under the mouse. */
export function hint(box, text) {
  const node = draw("rect", { class: "mlops-drift-hint", ...box });
  node.append(draw("title", {}, text));
  return node;
}
