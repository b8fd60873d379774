// A lineage one can look into: the drawing or its list, and beside it what is known of what was opened.

import { make } from "./dom.js";
import { detailNode } from "./lineage_detail.js";
import { LineageGraph } from "./lineage_graph.js";
import { changeButton, chip, linkLine, linksOf, listNode } from "./lineage_list.js";
import { TITLE_LIMIT, plainText } from "./words.js";

const LOOKING = "Looking…";
const WORDS = { cell: "Cell", value: "Value", file: "File", run: "Run" };
let views = 0;

export class LineageView {
  /** `payload` as comparison/lineage_graph.py makes it; `ask("lineage_node" | "lineage_edge", args)` promises a detail. */
  constructor(payload, ask) {
    this.payload = payload;
    this.ask = ask;
    this.id = `mlops-lineage-${Date.now().toString(36)}-${views++}`;
    this.nodes = new Map(payload.nodes.map((node) => [node.id, node]));
    this.edges = new Map(payload.edges.map((edge) => [edge.id, edge]));
    this.known = new Map();
    const onNode = (id, byKey) => this.openNode(id, byKey);
    const onEdge = (id, byKey) => this.openEdge(id, byKey);
    this.graph = new LineageGraph(payload, onNode, onEdge);
    this.list = listNode(payload, onNode, onEdge);
    this.list.hidden = true;
    const left = make("div", "mlops-lineage-left");
    left.append(this.graph.node, this.list);
    const both = make("div", "mlops-lineage-both");
    both.append(left, this.pane());
    this.node = make("div", "mlops-lineage");
    this.node.append(this.head(), both);
    this.openNode(payload.focus, false);
  }

  close() {
    this.graph.close();
  }

  head() {
    const { title, nodes, left_out: left, note } = this.payload;
    const head = make("div", "mlops-lineage-head");
    const line = make("p", "mlops-lineage-title");
    line.append("What led to ", make("bdi", "", plainText(title)));
    line.title = plainText(title, TITLE_LIMIT);
    this.toggle = make("button", "mlops-lineage-button", "As a list");
    this.toggle.type = "button";
    this.toggle.setAttribute("aria-pressed", "false");
    this.toggle.addEventListener("click", () => this.turn());
    const said = [countsOf(nodes), left ? `${left.toLocaleString("en")} farther ones are not drawn` : "", note].filter(Boolean);
    const tools = make("div", "mlops-lineage-tools");
    tools.append(this.graph.tools, this.toggle);
    head.append(line, tools, make("p", "mlops-lineage-said", said.map((text) => plainText(text, TITLE_LIMIT)).join(" · ")));
    return head;
  }

  turn() {
    const asList = this.list.hidden;
    this.toggle.setAttribute("aria-pressed", String(asList));
    this.list.hidden = !asList;
    this.graph.node.hidden = asList;
    this.graph.tools.hidden = asList;
  }

  pane() {
    this.detail = make("section", "mlops-lineage-detail");
    this.heading = make("h3", "mlops-lineage-heading");
    this.heading.id = `${this.id}-detail`;
    this.heading.tabIndex = -1;
    this.detail.setAttribute("aria-labelledby", this.heading.id);
    this.links = make("div", "mlops-lineage-ways");
    this.status = make("p", "mlops-lineage-status");
    this.status.setAttribute("role", "status");
    this.body = make("div");
    this.detail.append(this.heading, this.links, this.status, this.body);
    this.detail.setAttribute("data-lm-suppress-shortcuts", "true");
    this.detail.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || this.graph.node.hidden) return;
      this.graph.focus(this.nodes.has(this.open) ? this.open : this.edges.get(this.open)?.to);
      event.stopPropagation();
    });
    return this.detail;
  }

  /** Tell of a node; one that was opened by a key hands the focus to the detail, and Escape gives it back. */
  openNode(id, byKey) {
    const node = this.nodes.get(id);
    if (!node) return;
    this.heading.replaceChildren(make("span", "mlops-lineage-word", WORDS[node.kind] ?? ""), make("bdi", "", plainText(node.label)));
    const onNode = (...args) => this.openNode(...args);
    const into = (edge) => [chip(this.nodes.get(edge.from), onNode), ...this.changeOf(edge)];
    const outof = (edge) => [chip(this.nodes.get(edge.to), onNode), ...this.changeOf(edge)];
    const links = linksOf(id, this.payload.edges, this.nodes).filter(([, found]) => found.length);
    this.links.replaceChildren(...links.map(([word, found, isInto]) => linkLine(word, found, isInto ? into : outof)));
    this.tell(id, byKey, "lineage_node", { node: id });
  }

  changeOf(edge) {
    return edge.changed ? [changeButton(edge, this.nodes, (...args) => this.openEdge(...args))] : [];
  }

  openEdge(id, byKey) {
    const edge = this.edges.get(id);
    if (!edge) return;
    const [from, to] = [this.nodes.get(edge.from), this.nodes.get(edge.to)];
    this.heading.replaceChildren(make("bdi", "", `${plainText(from.label)} → ${plainText(to.label)}`));
    const row = make("div", "mlops-lineage-links");
    const onNode = (...args) => this.openNode(...args);
    row.append(chip(from, onNode), "→", chip(to, onNode));
    this.links.replaceChildren(row);
    this.tell(id, byKey, "lineage_edge", { edge: id });
  }

  async tell(id, byKey, what, args) {
    this.open = id;
    this.graph.choose(id);
    if (byKey) this.heading.focus({ preventScroll: true });
    this.body.replaceChildren();
    this.status.textContent = LOOKING;
    let told = null;
    let problem = "";
    try {
      told = this.known.get(id) ?? (await this.ask(what, args));
    } catch (error) {
      problem = error.message;
    }
    if (this.open !== id) return; // something else was opened meanwhile
    this.status.textContent = problem;
    if (!told) return;
    this.known.set(id, told);
    if (told.title && this.edges.has(id)) this.heading.replaceChildren(make("bdi", "", plainText(told.title, 120)));
    this.body.replaceChildren(detailNode(told));
  }
}

function countsOf(nodes) {
  const parts = ["cell", "value", "file"].map((kind) => {
    const count = nodes.filter((node) => node.kind === kind).length;
    return count ? `${count.toLocaleString("en")} ${kind}${count === 1 ? "" : "s"}` : "";
  });
  return parts.filter(Boolean).join(", ") || "Nothing is known of what was before.";
}
