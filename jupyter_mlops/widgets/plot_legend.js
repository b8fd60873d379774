// What colours and shapes stand for, beside a plot.

import { make } from "./dom.js";
import { SHAPES } from "./plot_points.js";
import { SHADES } from "./plot_rows.js";
import { draw, pictureOf } from "./svg.js";
import { figureText, plainText } from "./words.js";

/** The scale of colours with its ends in figures; nothing without an axis. */
export function shadeLegend(axis, { low, high, isCutLow, isCutHigh }) {
  if (!axis || !Number.isFinite(low)) return [];
  const strip = pictureOf(9 * SHADES, 10, "", "mlops-plot-strip");
  for (let at = 0; at < SHADES; at++) {
    const shade = axis.lower ? SHADES - 1 - at : at;
    strip.append(draw("rect", { class: `mlops-plot-fill mlops-plot-shade-${shade}`, x: at * 9, y: 0, width: 9, height: 10 }));
  }
  const node = make("span", "mlops-plot-key");
  const better = axis.lower === undefined ? "" : axis.lower ? " (lower is better)" : " (higher is better)";
  const [least, most] = [`${isCutLow ? "≤ " : ""}${figureText(low)}`, `${isCutHigh ? "≥ " : ""}${figureText(high)}`];
  node.append(make("bdi", "", `${plainText(axis.name)}${better}`), make("span", "", least), strip, make("span", "", most));
  return [node];
}

/** What each shape stands for. */
export function levelLegend(axis) {
  const texts = axis.missing ? [...axis.levels, "none"] : axis.levels;
  const keys = texts.map((text, at) => {
    const level = at < axis.levels.length ? at : SHAPES.length - 1;
    const node = make("span", "mlops-plot-key");
    node.append(shapeSample(level), make("bdi", "", plainText(text, 40)));
    return node;
  });
  return [make("bdi", "", `${plainText(axis.name)}:`), ...keys];
}

/** The shape of a level in its colour. */
export function shapeSample(level) {
  const sample = pictureOf(12, 12, "", "mlops-plot-sample");
  sample.append(draw("path", { class: `mlops-plot-fill mlops-plot-level-${level}`, d: SHAPES[level], transform: "translate(6 6)" }));
  return sample;
}
