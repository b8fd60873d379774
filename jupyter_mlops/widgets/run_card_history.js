// How a run's metrics went over their steps: a line each, with its ends and extremes in words.

import { make } from "./dom.js";
import { part, textNode } from "./run_card_sections.js";
import { linear } from "./scales.js";
import { draw, pictureOf } from "./svg.js";
import { figureText, plainText } from "./words.js";

const [WIDTH, HEIGHT, EDGE] = [260, 64, 5];

export function historySection({ history }) {
  if (!history.length) return null;
  const list = make("div", "mlops-card-histories");
  list.append(...history.map(historyOf));
  const said = history.length === 1 ? "1 metric over its steps" : `${history.length} metrics over their steps`;
  return part("History", said, list);
}

function historyOf({ name, steps, values }) {
  const points = steps.map((step, at) => [step, values[at]]).filter(([, value]) => value !== null);
  const node = make("figure", "mlops-card-history");
  const head = make("figcaption");
  head.append(textNode(name, 40));
  node.append(head);
  if (!points.length) {
    node.append(make("p", "mlops-card-none", "No finite value."));
    return node;
  }
  const numbers = points.map(([, value]) => value);
  const [low, high] = [Math.min(...numbers), Math.max(...numbers)];
  const words = `${figureText(numbers[0])} at step ${figureText(points[0][0])}, ${figureText(numbers.at(-1))} at step ${figureText(points.at(-1)[0])}; least ${figureText(low)}, greatest ${figureText(high)}`;
  node.append(line(points, low, high, `${plainText(name, 40)}: ${words}`), make("p", "mlops-card-small", words));
  return node;
}

function line(points, low, high, label) {
  const x = linear(points[0][0], points.at(-1)[0], EDGE, WIDTH - EDGE);
  const y = linear(low, high, HEIGHT - EDGE, EDGE);
  const node = pictureOf(WIDTH, HEIGHT, label, "mlops-card-line");
  const at = points.map(([step, value]) => `${x(step).toFixed(1)},${y(value).toFixed(1)}`);
  const [last] = points.slice(-1);
  node.append(draw("polyline", { points: at.join(" ") }), draw("circle", { cx: x(last[0]), cy: y(last[1]), r: 3 }));
  return node;
}
