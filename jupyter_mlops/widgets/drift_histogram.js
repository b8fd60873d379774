// One column on both sides: the reference outlined, the current data filled, missing as a bar of its own.
// Shares are of all rows, so that what is missing stands beside what is there on one scale.

import { cutMiddle } from "./dom.js";
import { hint, picture, shelves, under } from "./drift_svg.js";
import { changeText, shareText } from "./drift_words.js";
import { linear, ticks } from "./scales.js";
import { draw } from "./svg.js";
import { figureText, plainText } from "./words.js";

const MISSING = { gap: 14, width: 26 };
const CATEGORY = { least: 17, most: 30, name: 126, figures: 104, letters: 15 };

/** What the picture shows: places (bins or categories) with their shares of all rows, missing last if there is any. */
export function sharesOf(histogram, row) {
  const [before, after] = [row.missing_reference ?? 0, row.missing_current ?? 0];
  const edges = histogram?.edges ?? [];
  const names = histogram?.labels?.map((label) => plainText(label)) ?? edges.slice(1).map((_, at) => spanText(edges, at));
  const places = names.map((name, at) => ({
    name,
    reference: histogram.reference[at] * (1 - before),
    current: histogram.current[at] * (1 - after),
  }));
  if (before > 0 || after > 0) places.push({ name: "missing", reference: before, current: after, isMissing: true });
  return places;
}

/** The picture of a column in `width` by `height` pixels; null where there is nothing to draw. */
export function drawHistogram(histogram, row, width, height) {
  const places = sharesOf(histogram, row);
  if (!places.length) return null;
  const label = `${plainText(row.column)}: shares of rows, reference outlined, current filled`;
  const node = picture(width, height, label);
  const ordered = histogram && (histogram.axis !== "category" || row.kind === "numeric" || row.kind === "duration");
  if (ordered) standing(node, histogram, places, width, height);
  else lying(node, places, histogram?.partial, width, height);
  return node;
}

const bothText = (place) =>
  `${place.name}\nreference ${shareText(place.reference)}, current ${shareText(place.current)}`;

function edgeText(edge) {
  return typeof edge === "string" ? edge.replace("T", " ").replace(" 00:00:00", "") : figureText(edge);
}

const spanText = (edges, at) => `${edgeText(edges[at])} to ${edgeText(edges[at + 1])}`;

/** Bins, or numbers with few values, in their order from left to right. */
function standing(node, histogram, places, width, height) {
  const missing = places.find((place) => place.isMissing);
  const bins = places.filter((place) => !place.isMissing);
  const room = missing ? MISSING.gap + MISSING.width + 6 : 6;
  const box = { left: 46, right: width - room, top: 10, bottom: height - 20 };
  const most = Math.max(1e-6, ...places.map((place) => Math.max(place.reference, place.current)));
  const y = linear(0, most * 1.05, box.bottom, box.top);
  const wide = (box.right - box.left) / Math.max(1, bins.length);
  node.append(shelves(ticks(0, most, Math.max(3, Math.floor(height / 50))), y, { ...box, right: width }, percent));
  const isBinned = histogram.axis !== "category";
  if (isBinned) node.append(...steps(bins, box, wide, y));
  else bins.forEach((place, at) => node.append(...bar(place, box.left + (at + 0.14) * wide, wide * 0.72, y)));
  bins.forEach((place, at) => {
    node.append(hint({ x: box.left + at * wide, y: box.top, width: wide, height: box.bottom - box.top }, bothText(place)));
  });
  node.append(draw("line", { class: "mlops-drift-axis", x1: box.left, x2: box.right, y1: box.bottom, y2: box.bottom }));
  node.append(...(isBinned ? edgeTicks(histogram.edges, box, wide) : labelTicks(bins, box, wide)));
  if (missing) {
    const x = box.right + MISSING.gap;
    node.append(...bar(missing, x, MISSING.width, y));
    node.append(hint({ x, y: box.top, width: MISSING.width, height: box.bottom - box.top }, bothText(missing)));
    node.append(under(x + MISSING.width / 2, box.bottom + 14, "missing", { left: 0, right: width }));
  }
}

function steps(bins, box, wide, y) {
  const path = (side) =>
    bins.map((place, at) => `V${y(place[side]).toFixed(1)}H${(box.left + (at + 1) * wide).toFixed(1)}`).join("");
  const start = `M${box.left} ${box.bottom}`;
  return [
    draw("path", { class: "mlops-drift-current", d: `${start}${path("current")}V${box.bottom}Z` }),
    draw("path", { class: "mlops-drift-reference", d: `${start}${path("reference")}V${box.bottom}` }),
  ];
}

export function bar(place, x, width, y) {
  const rect = (className, value) =>
    draw("rect", { class: className, x, width, y: y(value), height: Math.max(0, y(0) - y(value)) });
  return [rect("mlops-drift-current", place.current), rect("mlops-drift-reference", place.reference)];
}

function edgeTicks(edges, box, wide) {
  const bottom = box.bottom + 14;
  const bounds = { left: 4, right: box.right + 6 };
  if (typeof edges[0] === "string") {
    const every = Math.max(1, Math.ceil((edges.length * 84) / (box.right - box.left)));
    const isKept = (at) => at % every === 0 && (at === 0 || at * wide < box.right - box.left - 30);
    const isLong = Date.parse(edges.at(-1)) - Date.parse(edges[0]) > 4 * 86_400_000;
    const short = (edge) => (isLong ? edge.slice(0, 10) : edge.slice(5, 16).replace("T", " "));
    return edges.flatMap((edge, at) =>
      isKept(at) ? [under(box.left + at * wide, bottom, short(edge), bounds)] : [],
    );
  }
  const [low, high] = [edges[0], edges.at(-1)];
  const x = linear(low, high, box.left, box.right);
  const round = ticks(low, high, Math.max(2, Math.floor((box.right - box.left) / 60)));
  if (round.length) return round.map((value) => under(x(value), bottom, figureText(value), bounds));
  return [under((box.left + box.right) / 2, bottom, figureText(low), bounds)];
}

function labelTicks(bins, box, wide) {
  const letters = Math.max(...bins.map((place) => Math.min(12, place.name.length)));
  const every = Math.max(1, Math.ceil((letters * 7 + 8) / wide));
  const bounds = { left: 0, right: box.right + 10 };
  return bins.flatMap((place, at) =>
    at % every ? [] : [under(box.left + (at + 0.5) * wide, box.bottom + 14, cutMiddle(place.name, 12), bounds)],
  );
}

/** Categories from top to bottom, so that their names can be read: two bars each, and both shares in figures. */
function lying(node, places, partial, width, height) {
  const shown = folded(places, Math.max(2, Math.floor(height / CATEGORY.least)), partial);
  const row = Math.min(CATEGORY.most, height / shown.length);
  const barred = shown.filter((place) => !place.isRest);
  const most = Math.max(1e-6, ...barred.map((place) => Math.max(place.reference, place.current)));
  const x = linear(0, most, CATEGORY.name, width - CATEGORY.figures);
  const thick = Math.min(9, (row - 4) / 2);
  shown.forEach((place, at) => {
    const middle = (at + 0.5) * row;
    const rect = (className, value, y) =>
      draw("rect", { class: className, x: CATEGORY.name, y, height: thick, width: x(value) - CATEGORY.name });
    const side = place.isMissing || place.isRest ? "mlops-drift-tick mlops-drift-missing" : "mlops-drift-label";
    const name = cutMiddle(place.name, CATEGORY.letters);
    node.append(
      draw("text", { class: side, x: CATEGORY.name - 8, y: middle + 4, "text-anchor": "end" }, name),
      draw("text", { class: "mlops-drift-tick", x: width, y: middle + 4, "text-anchor": "end" }, changeText(place.reference, place.current)),
      hint({ x: 0, y: at * row, width, height: row }, bothText(place)),
    );
    if (place.isRest) return; // it is larger than all values, and would flatten them
    node.append(rect("mlops-drift-reference", place.reference, middle - thick), rect("mlops-drift-current", place.current, middle));
  });
  node.append(draw("line", { class: "mlops-drift-axis", x1: CATEGORY.name, x2: CATEGORY.name, y1: 0, y2: shown.length * row }));
}

/** At most `limit` places: the rest becomes one without bars, or goes where the shares are not all there are anyway. */
function folded(places, limit, partial) {
  if (places.length <= limit) return places;
  const missing = places.filter((place) => place.isMissing);
  const values = places.filter((place) => !place.isMissing);
  const keep = Math.max(1, limit - missing.length - (partial ? 0 : 1));
  const rest = values.slice(keep);
  const sum = (side) => rest.reduce((total, place) => total + place[side], 0);
  const others = partial ? [] : [{ name: "all others", isRest: true, reference: sum("reference"), current: sum("current") }];
  return [...values.slice(0, keep), ...others, ...missing];
}

const percent = (value) => `${Number((100 * value).toPrecision(3))} %`;
