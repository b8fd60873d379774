// A lineage as a list: its cells in the order they ran, what each read and what it made.

import { make } from "./dom.js";
import { TITLE_LIMIT, plainText } from "./words.js";

/** The list; `onNode(id, byKey)` and `onEdge(id, byKey)` when one of its buttons is pressed. */
export function listNode(payload, onNode, onEdge) {
  const nodes = new Map(payload.nodes.map((node) => [node.id, node]));
  const steps = payload.nodes.filter((node) => node.kind === "cell").sort((a, b) => a.order - b.order);
  const shown = steps.length ? steps : payload.nodes.filter((node) => node.kind === "run");
  const list = make("ol", "mlops-lineage-list");
  list.append(...shown.map((node) => stepNode(node, payload, nodes, onNode, onEdge)));
  return list;
}

function stepNode(node, { edges }, nodes, onNode, onEdge) {
  const item = make("li");
  const line = make("div", "mlops-lineage-step");
  line.append(chip(node, onNode), make("bdi", "mlops-lineage-code", node.detail ? plainText(node.detail, 120) : ""));
  if (node.status && node.status !== "ok" && node.kind === "cell") line.append(make("span", "mlops-lineage-wrong", `✗ ${node.status}`));
  item.append(line);
  const links = linksOf(node.id, edges, nodes);
  const into = (edge) => [chip(nodes.get(edge.from), onNode)];
  const outof = (edge) => [chip(nodes.get(edge.to), onNode), ...(edge.changed ? [changeButton(edge, nodes, onEdge)] : [])];
  for (const [word, found, isInto] of links) {
    if (found.length) item.append(linkLine(word, found, isInto ? into : outof));
  }
  return item;
}

/** A node's lines by what they mean: `[word, edges, whether they lead to it]`. A line between cells is hidden state. */
export function linksOf(id, edges, nodes) {
  const isState = (edge) => nodes.get(edge.from).kind === "cell" && nodes.get(edge.to).kind === "cell";
  const into = edges.filter((edge) => edge.to === id);
  const outof = edges.filter((edge) => edge.from === id);
  const { kind } = nodes.get(id);
  return [
    [kind === "cell" ? "read" : "from", into.filter((edge) => !isState(edge)), true],
    ["state from", into.filter(isState), true],
    [kind === "cell" ? "made" : "to", outof.filter((edge) => !isState(edge)), false],
    ["state for", outof.filter(isState), false],
  ];
}

export function linkLine(word, edges, parts) {
  const line = make("div", "mlops-lineage-links");
  line.append(make("span", "mlops-lineage-word", word), ...edges.flatMap(parts));
  return line;
}

/** A button with a node's name. */
export function chip(node, onNode) {
  const button = make("button", "mlops-lineage-chip");
  button.type = "button";
  button.dataset.kind = node.kind;
  button.append(make("bdi", "", plainText(node.label)));
  button.title = plainText([node.label, node.detail].filter(Boolean).join(" · "), TITLE_LIMIT);
  button.addEventListener("click", (event) => onNode(node.id, event.detail === 0));
  return button;
}

/** A button that tells what changed along a line. */
export function changeButton(edge, nodes, onEdge) {
  const button = make("button", "mlops-lineage-chip", "Δ what changed");
  button.type = "button";
  const label = `What ${nodes.get(edge.from).label} changed in ${nodes.get(edge.to).label}`;
  button.setAttribute("aria-label", `Δ what changed: ${plainText(label, TITLE_LIMIT)}`);
  button.addEventListener("click", (event) => onEdge(edge.id, event.detail === 0));
  return button;
}
