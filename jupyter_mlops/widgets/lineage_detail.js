// What to know of one node or line of a lineage: facts, what changed, source, first rows, columns.

import { changeNode } from "./compare_diff_change.js";
import { make } from "./dom.js";
import { draw, pictureOf } from "./svg.js";
import { TITLE_LIMIT, plainText } from "./words.js";

const BARS = { width: 78, height: 20 };
const VALUE_LIMIT = 400;

/** The detail of a node (`head`, `profile`) or of a line (`change`), as it came from the kernel. */
export function detailNode(detail) {
  const node = make("div", "mlops-lineage-told");
  const parts = [
    detail.note ? make("p", "mlops-lineage-note", plainText(detail.note, VALUE_LIMIT)) : null,
    detail.facts.length ? factsNode(detail.facts) : null,
    detail.change ? part("What changed", framed(changeNode(detail.change))) : null,
    detail.source ? part("Source", sourceNode(detail.source)) : null,
    detail.head ? part("First rows", headNode(detail.head)) : null,
    detail.profile ? part("Columns", profileNode(detail.profile)) : null,
  ];
  node.append(...parts.filter(Boolean));
  return node;
}

function part(title, content) {
  const node = make("section", "mlops-lineage-part");
  node.append(make("h4", "", title), content);
  return node;
}

/** The diff's own styles hold inside it. */
function framed(content) {
  const node = make("div", "mlops-diff");
  node.append(content);
  return node;
}

function factsNode(facts) {
  const list = make("dl", "mlops-lineage-facts");
  for (const [label, value] of facts) {
    const text = make("dd");
    text.append(make("bdi", "", plainText(value, VALUE_LIMIT)));
    if (value.length > VALUE_LIMIT) text.title = plainText(value, 4 * VALUE_LIMIT);
    list.append(make("dt", "", plainText(label)), text);
  }
  return list;
}

function sourceNode(source) {
  const node = make("pre", "mlops-lineage-source");
  node.tabIndex = 0;
  node.setAttribute("role", "group");
  node.setAttribute("aria-label", "Source of the cell");
  // Overrides of the direction could show other code than ran: they are seen as what they are.
  node.append(make("code", "", source.replace(/[\u202a-\u202e\u2066-\u2069]/g, (each) => `\\u${each.charCodeAt(0).toString(16)}`)));
  return node;
}

function scrolling(label, table) {
  const node = make("div", "mlops-lineage-wide-table");
  node.tabIndex = 0;
  node.setAttribute("role", "group");
  node.setAttribute("aria-label", label);
  node.append(table);
  return node;
}

function headNode({ columns, rows }) {
  const table = make("table");
  const top = make("tr");
  top.append(...columns.map((name) => cell("th", name, "col")));
  const head = make("thead");
  head.append(top);
  const body = make("tbody");
  for (const row of rows) {
    const line = make("tr");
    line.append(...row.map((text) => cell("td", text)));
    body.append(line);
  }
  table.append(head, body);
  return scrolling("First rows", table);
}

function cell(tag, text, scope = "") {
  const node = make(tag);
  if (scope) node.scope = scope;
  if (text) node.append(make("bdi", "", plainText(text)));
  else if (scope) node.append(make("span", "mlops-lineage-unseen", "without a name"));
  return node;
}

function profileNode(columns) {
  const table = make("table", "mlops-lineage-profile");
  const top = make("tr");
  top.append(...["column", "how many", "values", "missing", "kind"].map((name) => cell("th", name, "col")));
  const head = make("thead");
  head.append(top);
  const body = make("tbody");
  for (const { column, kind, missing, summary, bins } of columns) {
    const line = make("tr");
    const name = make("th");
    name.scope = "row";
    name.append(make("bdi", "", plainText(column)));
    const figure = make("td");
    if (bins.length) figure.append(barsNode(bins));
    line.append(name, figure, cell("td", summary), cell("td", missing.toLocaleString("en")), cell("td", kind));
    body.append(line);
  }
  table.append(head, body);
  return scrolling("Columns", table);
}

/** A small histogram; its bars stand in words in its label and under the mouse. */
function barsNode(bins) {
  const most = Math.max(1, ...bins.map(([, count]) => count));
  const step = BARS.width / bins.length;
  const words = bins.map(([label, count]) => `${plainText(label)}: ${count.toLocaleString("en")}`);
  const node = pictureOf(BARS.width, BARS.height, plainText(words.join(", "), TITLE_LIMIT), "mlops-lineage-bars");
  bins.forEach(([, count], at) => {
    const height = count ? Math.max(1.5, (BARS.height * count) / most) : 0;
    const bar = draw("rect", { x: (at * step).toFixed(1), y: (BARS.height - height).toFixed(1), width: Math.max(1, step - 1).toFixed(1), height: height.toFixed(1) });
    const ground = draw("rect", { class: "mlops-lineage-hint", x: (at * step).toFixed(1), y: 0, width: step.toFixed(1), height: BARS.height });
    ground.append(draw("title", {}, words[at]));
    node.append(bar, ground);
  });
  return node;
}
