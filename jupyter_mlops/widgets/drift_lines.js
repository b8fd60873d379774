// A line over chunks: a column's effect, or a model's performance, with its band, limits and alarms.

import { hint, picture, shelves, under } from "./drift_svg.js";
import { linear, ticks } from "./scales.js";
import { draw } from "./svg.js";
import { figureText, plainText } from "./words.js";

/**
 * `lines` are {values, look, errors?} (look: "estimated" or "realised"), `band` is {low, high} of the reference,
 * `limits` numbers to draw as lines; alarms get a diamond on the first line that has a value there; `states` are
 * words for each chunk, if there are any beside alarms.
 */
export function drawLines({ label, chunks, lines, band, limits, alarm, states, fromZero }, width, height) {
  const node = picture(width, height, label);
  const box = { left: 46, right: width - 10, top: 10, bottom: height - 20 };
  const y = upright({ lines, band, limits, fromZero }, box);
  const x = (at) => box.left + ((at + 0.5) * (box.right - box.left)) / chunks.length;
  if (band) {
    const [top, bottom] = [y(Math.max(band.low, band.high)), y(Math.min(band.low, band.high))];
    const size = { x: box.left, y: top, width: box.right - box.left, height: Math.max(1, bottom - top) };
    node.append(draw("rect", { class: "mlops-drift-null", ...size }));
  }
  node.append(shelves(ticks(...y.range, Math.max(3, Math.floor(height / 40))), y, box, figureText));
  for (const limit of limits.filter(Number.isFinite)) {
    node.append(draw("line", { class: "mlops-drift-limit", x1: box.left, x2: box.right, y1: y(limit), y2: y(limit) }));
  }
  for (const line of lines) node.append(...drawLine(line, x, y, chunks.length));
  chunks.forEach((chunk, at) => {
    const values = lines.map((line) => line.values[at]);
    const value = values.find(Number.isFinite);
    if (alarm[at] && value !== undefined) node.append(diamond(x(at), y(value)));
    const told = lines.map((line) => `${line.name} ${figureText(line.values[at])}`).join(", ");
    const words = `${plainText(chunk.label)}, ${figureText(chunk.rows)} rows\n${told}\n${states?.[at] ?? (alarm[at] ? "alarm" : "")}`;
    const wide = (box.right - box.left) / chunks.length;
    node.append(hint({ x: x(at) - wide / 2, y: box.top, width: wide, height: box.bottom - box.top }, words));
  });
  node.append(...chunkTicks(chunks, x, box));
  return node;
}

/** The scale from values to pixels, wide enough for everything that is drawn. */
function upright({ lines, band, limits, fromZero }, box) {
  const all = [...limits, band?.low, band?.high, ...(fromZero ? [0] : [])];
  for (const { values, errors } of lines) {
    values.forEach((value, at) => {
      if (Number.isFinite(value)) all.push(value - (errors?.[at] ?? 0), value + (errors?.[at] ?? 0));
    });
  }
  const finite = all.filter(Number.isFinite);
  const [low, high] = finite.length ? [Math.min(...finite), Math.max(...finite)] : [0, 1];
  const spare = 0.08 * (high - low || Math.abs(high) || 1);
  const range = [fromZero ? 0 : low - spare, high + spare];
  return Object.assign(linear(...range, box.bottom, box.top), { range });
}

function drawLine({ values, look, errors }, x, y, count) {
  let path = "";
  let band = "";
  const dots = [];
  values.forEach((value, at) => {
    if (!Number.isFinite(value)) return;
    const point = `${x(at).toFixed(1)} ${y(value).toFixed(1)}`;
    path += `${Number.isFinite(values[at - 1]) ? "L" : "M"}${point}`;
    if (count <= 120) dots.push(draw("circle", { class: `mlops-drift-dot mlops-drift-${look}`, cx: x(at), cy: y(value), r: 2.2 }));
    const error = errors?.[at];
    if (error > 0) band += `M${x(at).toFixed(1)} ${y(value - error).toFixed(1)}V${y(value + error).toFixed(1)}`;
  });
  const error = band ? [draw("path", { class: "mlops-drift-error", d: band })] : [];
  return [...error, draw("path", { class: `mlops-drift-line mlops-drift-${look}`, d: path }), ...dots];
}

const diamond = (x, y) =>
  draw("path", { class: "mlops-drift-alarm", d: `M${x} ${y - 6}L${x + 5} ${y}L${x} ${y + 6}L${x - 5} ${y}Z` });

function chunkTicks(chunks, x, box) {
  const names = chunks.map((chunk) => plainText(chunk.label, 16));
  const letters = Math.max(...names.map((name) => name.length));
  const room = (box.right - box.left) / (letters * 6.5 + 14);
  const every = Math.max(1, Math.ceil(chunks.length / room));
  return names.flatMap((name, at) => (at % every ? [] : [under(x(at), box.bottom + 14, name, { left: 4, right: box.right + 8 })]));
}
