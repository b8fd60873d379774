// Parameters, metrics and the environment of runs beside each other.

import { howMany, named, note, runNode, section, table, unseen, valueNode } from "./compare_diff_parts.js";
import { LETTERS, allEqual, judged, signed } from "./compare_diff_words.js";
import { make } from "./dom.js";
import { linear } from "./scales.js";
import { draw, pictureOf } from "./svg.js";
import { figureText } from "./words.js";

const [WIDTH, HEIGHT, EDGE] = [150, 20, 8];

/** Names with one value for each run: `items` have `name`, `values` and whether they are the `same`. */
function valueTable(label, runs, items, all) {
  const shown = items.filter((item) => all || !item.same);
  if (!shown.length) return null;
  const heads = [make("span", "", "Name"), ...runs.map((_, at) => runNode(runs, at))];
  const rows = shown.map(({ name, values, same }) => ({
    same,
    head: [sameMark(same), named(name)],
    cells: values.map((value, at) => {
      const node = valueNode(value);
      if (at && value !== values[0]) node.classList.add("mlops-diff-other");
      return node;
    }),
  }));
  return table(label, heads, rows);
}

function sameMark(same) {
  const mark = make("span", "mlops-diff-mark", same ? "=" : "≠");
  mark.setAttribute("aria-hidden", "true");
  const node = make("span");
  node.append(mark, unseen(same ? "equal: " : "differs: "));
  return node;
}

export function paramsSection({ runs, params }, all) {
  const differ = params.filter((param) => !param.same).length;
  return section("Parameters", howMany(differ, params.length, "none recorded"), valueTable("Parameters", runs, params, all));
}

export function environmentSection({ runs, environment }, all) {
  const packages = environment.packages.map(({ name, versions }) => ({ name, values: versions, same: allEqual(versions) }));
  const facts = [...environment.facts, ...packages];
  const differ = facts.filter((fact) => !fact.same).length;
  const said = howMany(differ, facts.length, environment.note ? "not known" : "all equal");
  return section("Environment", said, note(environment.note), valueTable("Environment", runs, facts, all));
}

export function metricsSection({ runs, metrics }, all) {
  const items = metrics.map((metric) => ({ ...metric, same: allEqual(metric.values) }));
  const differ = items.filter((item) => !item.same).length;
  const said = howMany(differ, items.length, "none recorded");
  const shown = items.filter((item) => all || !item.same);
  if (!shown.length) return section("Metrics", said);
  const heads = [make("span", "", "Name"), runNode(runs, 0)];
  for (let at = 1; at < runs.length; at++) {
    heads.push(runNode(runs, at), make("span", "", `${LETTERS[at]} against ${LETTERS[0]}`));
  }
  const rows = shown.map((item) => ({ same: item.same, head: metricName(item), cells: metricCells(item) }));
  return section("Metrics", said, table("Metrics", heads, rows, "mlops-diff-metrics"), commonNote(shown));
}

function metricName({ name, same, lower_is_better: lower }) {
  return [sameMark(same), named(name), make("span", "mlops-diff-small", lower ? " lower is better" : "")];
}

function metricCells({ values, differences, lower_is_better: lower }) {
  const scale = scaleOf(differences);
  const cells = [figureNode(values[0])];
  differences.forEach((difference, at) => {
    cells.push(figureNode(values[at + 1]), differenceNode(difference, lower, scale));
  });
  return cells;
}

const figureNode = (value) => (value === null ? valueNode(null) : make("span", "", figureText(value)));

/** From the least end of all intervals of a metric to the greatest, with zero: its drawings can be compared. */
function scaleOf(differences) {
  const ends = differences.flatMap(({ value, low, high }) => [value, low, high]).filter(Number.isFinite);
  const [low, high] = [Math.min(0, ...ends), Math.max(0, ...ends)];
  return linear(low, high === low ? low + 1 : high, EDGE, WIDTH - EDGE);
}

function differenceNode(difference, lower, scale) {
  const node = make("div", "mlops-diff-difference");
  const { arrow, word, tone } = judged(difference, lower);
  if (!word) {
    node.append(make("span", "mlops-diff-none", difference.note || "not in both"));
    return node;
  }
  const said = make("span", "mlops-diff-change");
  said.dataset.tone = tone;
  const mark = make("span", "mlops-diff-arrow", arrow);
  mark.setAttribute("aria-hidden", "true");
  said.append(mark, make("span", "mlops-diff-number", signed(difference.value)), make("span", "", word));
  node.append(said);
  if (Number.isFinite(difference.low) && Number.isFinite(difference.high)) {
    const ends = `${signed(difference.low)} to ${signed(difference.high)}`;
    const rows = difference.rows ? `, ${difference.rows.toLocaleString("en")} rows` : "";
    node.append(intervalPicture(difference, tone, scale), make("span", "mlops-diff-small", `${ends}${rows}`));
  } else if (difference.note) {
    const why = make("span", "mlops-diff-small mlops-diff-why", difference.note);
    node.append(why);
  }
  return node;
}

/** The interval beside zero, as the gates draw it; its ends stand beside it as text. */
function intervalPicture({ value, low, high }, tone, x) {
  const node = pictureOf(WIDTH, HEIGHT, "", "mlops-diff-interval");
  node.dataset.tone = tone;
  const y = HEIGHT / 2;
  node.append(
    draw("line", { class: "mlops-diff-zero", x1: x(0), x2: x(0), y1: 1, y2: HEIGHT - 1 }),
    draw("line", { class: "mlops-diff-span", x1: x(low), x2: x(high), y1: y, y2: y }),
    draw("circle", { cx: x(value), cy: y, r: 4 }),
  );
  return node;
}

/** What the drawings mean, once for all of them. */
function commonNote(items) {
  const has = items.some(({ differences }) => differences.some(({ low }) => Number.isFinite(low)));
  return has ? note("Lines are 95 % intervals of the difference, by a bootstrap over the same rows of both; the upright line is zero.") : null;
}
