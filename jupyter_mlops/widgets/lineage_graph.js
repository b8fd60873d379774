// The drawing of a lineage: nodes are buttons in columns, lines are SVG behind them. Arrow keys walk along lines.
// Where everything stands comes with the payload (comparison/lineage_layout.py), in columns and rows.

import { make } from "./dom.js";
import { MARGIN, NODE, placeOf, wayOf } from "./lineage_ways.js";
import { draw } from "./svg.js";
import { TITLE_LIMIT, plainText } from "./words.js";

const HEIGHTS = { least: 190, most: 430 }; // px of what is seen of it
const FIRST_ZOOM = 0.85; // at least: the texts of a smaller drawing could not be read
const ZOOM = { least: 0.1, most: 2, step: 1.25 };
const DRAG = 4; // px that the mouse moves before it drags
const WRONG = new Set(["error", "interrupted", "failed", "killed"]);
const KINDS = { cell: "cell", value: "value", file: "file", run: "run" };

export class LineageGraph {
  /** `onNode(id, byKey)` and `onEdge(id, byKey)` when one is opened. */
  constructor(payload, onNode, onEdge) {
    this.payload = payload;
    this.onNode = onNode;
    this.onEdge = onEdge;
    this.zoom = 0;
    this.touched = false;
    this.nodes = new Map(payload.nodes.map((node) => [node.id, node]));
    this.buttons = new Map();
    this.lines = new Map();
    this.node = make("div", "mlops-lineage-drawing");
    this.node.append(this.frame());
    this.tools = this.zoomTools();
    this.size = new ResizeObserver(() => this.first());
    this.size.observe(this.scroll);
  }

  close() {
    this.size.disconnect();
  }

  /** Buttons for whoever shows the drawing. */
  zoomTools() {
    const bar = make("div", "mlops-lineage-zoom");
    bar.setAttribute("role", "group");
    bar.setAttribute("aria-label", "Size of the drawing");
    bar.addEventListener("click", () => this.touch());
    const button = (label, text, change) => {
      const node = make("button", "mlops-lineage-button", text);
      node.type = "button";
      node.title = label;
      if (text.length === 1) node.setAttribute("aria-label", label);
      node.addEventListener("click", change);
      return node;
    };
    bar.append(
      button("Smaller", "−", () => this.scaleTo(this.zoom / ZOOM.step)),
      button("Larger", "+", () => this.scaleTo(this.zoom * ZOOM.step)),
      button("Show all of it", "Fit", () => this.scaleTo(this.whole())),
    );
    return bar;
  }

  frame() {
    const places = this.payload.nodes.map((node) => placeOf(node));
    this.width = Math.max(0, ...places.map(({ x }) => x)) + NODE.width + MARGIN;
    this.height = Math.max(0, ...places.map(({ y }) => y)) + NODE.height + MARGIN;
    this.scroll = make("div", "mlops-lineage-scroll");
    this.scroll.style.height = `${Math.max(HEIGHTS.least, Math.min(HEIGHTS.most, this.height + 4))}px`;
    this.scroll.setAttribute("role", "group");
    this.scroll.setAttribute("aria-label", "Drawing: arrow keys walk along its lines, Enter opens what has the focus");
    this.scroll.setAttribute("data-lm-suppress-shortcuts", "true"); // else the notebook takes the keys
    this.space = make("div", "mlops-lineage-space");
    this.plane = make("div", "mlops-lineage-plane");
    this.plane.append(this.edges(), ...this.payload.nodes.map((node) => this.button(node)), ...this.marks());
    this.space.append(this.plane);
    this.scroll.append(this.space);
    for (const event of ["pointerdown", "wheel", "focusin"]) this.scroll.addEventListener(event, () => this.touch(), { passive: true });
    this.scroll.addEventListener("keydown", (event) => this.key(event));
    this.scroll.addEventListener("focusin", (event) => this.focused(event.target.dataset.id));
    this.drag();
    this.reach(this.payload.focus);
    return this.scroll;
  }

  edges() {
    const picture = draw("svg", { class: "mlops-lineage-edges", width: this.width, height: this.height, "aria-hidden": "true" });
    for (const edge of this.payload.edges) {
      const line = draw("g", { class: "mlops-lineage-edge" });
      line.dataset.kind = edge.kind;
      const way = wayOf(edge, this.nodes);
      const wide = draw("path", { class: "mlops-lineage-wide", d: way.line });
      const title = `${this.nodes.get(edge.from).label} → ${this.nodes.get(edge.to).label}`;
      wide.append(draw("title", {}, plainText(title, TITLE_LIMIT)));
      line.append(draw("path", { class: "mlops-lineage-line", d: way.line }), draw("path", { class: "mlops-lineage-tip", d: way.tip }), wide);
      wide.addEventListener("click", () => !this.dragged && this.onEdge(edge.id, false));
      this.lines.set(edge.id, line);
      picture.append(line);
    }
    return picture;
  }

  button({ id, kind, label, detail, status, level, row }) {
    const { x, y } = placeOf({ level, row });
    const node = make("button", "mlops-lineage-node");
    node.type = "button";
    node.dataset.id = id;
    node.dataset.kind = kind;
    node.tabIndex = -1;
    node.style.left = `${x}px`;
    node.style.top = `${y}px`;
    if (id === this.payload.focus) node.dataset.focus = "true";
    const wrong = WRONG.has(status);
    const under = make("span", "mlops-lineage-under");
    if (wrong) under.append(make("span", "mlops-lineage-wrong", `✗ ${status}`), " ");
    under.append(make("bdi", "", detail || !status || wrong ? plainText(detail || " ", 80).replace("(blank)", "") : status));
    const name = make("span", "mlops-lineage-label");
    name.append(make("span", "mlops-lineage-unseen", `${KINDS[kind] ?? ""} `), make("bdi", "", plainText(label)));
    node.append(name, " ", under);
    node.title = plainText([label, detail, status].filter(Boolean).join(" · "), TITLE_LIMIT);
    node.addEventListener("click", (event) => !this.dragged && this.onNode(id, event.detail === 0));
    this.buttons.set(id, node);
    return node;
  }

  /** A button on each line to a newer version: there it tells what changed. */
  marks() {
    const changed = this.payload.edges.filter((edge) => edge.changed);
    return changed.map((edge) => {
      const { x, y } = wayOf(edge, this.nodes).middle;
      const mark = make("button", "mlops-lineage-mark");
      const sign = make("span", "", "Δ");
      sign.setAttribute("aria-hidden", "true");
      mark.type = "button";
      mark.tabIndex = -1; // by keys it is reached from the node's detail
      mark.style.left = `${x}px`;
      mark.style.top = `${y}px`;
      const label = `What ${this.nodes.get(edge.from).label} changed in ${this.nodes.get(edge.to).label}`;
      mark.title = plainText(label, TITLE_LIMIT);
      mark.append(sign, make("span", "mlops-lineage-unseen", plainText(label, TITLE_LIMIT)));
      mark.addEventListener("click", (event) => !this.dragged && this.onEdge(edge.id, event.detail === 0));
      return mark;
    });
  }

  /** All of it, or as much as can be read, from its focus; whatever its size becomes, until somebody touches it. */
  first() {
    if (this.touched || !this.scroll.clientWidth) return;
    this.scaleTo(Math.max(FIRST_ZOOM, this.whole()));
    this.reveal(this.payload.focus);
  }

  touch() {
    this.touched = true;
  }

  whole() {
    return Math.min(1, this.scroll.clientWidth / this.width, this.scroll.clientHeight / this.height);
  }

  /** Another size, with what is in the middle staying there. */
  scaleTo(zoom) {
    const before = this.zoom || 1;
    const { scroll } = this;
    const middle = { x: (scroll.scrollLeft + scroll.clientWidth / 2) / before, y: (scroll.scrollTop + scroll.clientHeight / 2) / before };
    this.zoom = Math.max(ZOOM.least, Math.min(ZOOM.most, zoom));
    this.plane.style.transform = `scale(${this.zoom})`;
    this.space.style.width = `${Math.ceil(this.width * this.zoom)}px`;
    this.space.style.height = `${Math.ceil(this.height * this.zoom)}px`;
    scroll.scrollLeft = middle.x * this.zoom - scroll.clientWidth / 2;
    scroll.scrollTop = middle.y * this.zoom - scroll.clientHeight / 2;
  }

  reveal(id) {
    const node = this.nodes.get(id);
    if (!node) return;
    const { x, y } = placeOf(node);
    const { scroll, zoom } = this;
    const into = (start, size, from, seen) => {
      if (start * zoom - MARGIN < from) return start * zoom - MARGIN;
      const end = (start + size) * zoom + MARGIN;
      return end > from + seen ? end - seen : from;
    };
    scroll.scrollLeft = into(x, NODE.width, scroll.scrollLeft, scroll.clientWidth);
    scroll.scrollTop = into(y, NODE.height, scroll.scrollTop, scroll.clientHeight);
  }

  /** The one button that the Tab key reaches. */
  reach(id) {
    const at = this.buttons.has(id) ? id : this.payload.nodes[0]?.id;
    for (const [each, button] of this.buttons) button.tabIndex = each === at ? 0 : -1;
  }

  focused(id) {
    if (!this.buttons.has(id)) return;
    this.reach(id);
    this.reveal(id);
  }

  focus(id) {
    this.buttons.get(id)?.focus({ preventScroll: true });
  }

  /** Show which node or line is open, and its lines. */
  choose(id) {
    for (const [each, button] of this.buttons) {
      if (each === id) button.setAttribute("aria-current", "true");
      else button.removeAttribute("aria-current");
    }
    for (const edge of this.payload.edges) {
      const isOn = edge.id === id || edge.from === id || edge.to === id;
      this.lines.get(edge.id).classList.toggle("mlops-lineage-on", isOn);
    }
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const zoom = { "+": this.zoom * ZOOM.step, "=": this.zoom * ZOOM.step, "-": this.zoom / ZOOM.step, 0: this.whole() }[event.key];
    const to = zoom === undefined ? this.neighbour(event.target.dataset.id, event.key) : undefined;
    if (zoom !== undefined) this.scaleTo(zoom);
    else if (to === undefined) return;
    else this.focus(to);
    event.preventDefault();
    event.stopPropagation();
  }

  /** Where an arrow key leads: along lines to the left and right, to the next of the column up and down. */
  neighbour(id, key) {
    const here = this.nodes.get(id);
    if (!here) return undefined;
    const { edges, nodes, focus } = this.payload;
    // Of several the nearest; a line from cell to cell, which is hidden state, comes last.
    const far = ({ kind, row }) => Math.abs(row - here.row) + (kind === "cell" && here.kind === "cell" ? nodes.length : 0);
    const nearest = (ids) => ids.sort((a, b) => far(this.nodes.get(a)) - far(this.nodes.get(b)))[0];
    const column = nodes.filter((node) => node.level === here.level);
    const at = column.indexOf(here);
    return {
      ArrowLeft: () => nearest(edges.filter((edge) => edge.to === id).map((edge) => edge.from)) ?? id,
      ArrowRight: () => nearest(edges.filter((edge) => edge.from === id).map((edge) => edge.to)) ?? id,
      ArrowUp: () => column[Math.max(0, at - 1)].id,
      ArrowDown: () => column[Math.min(column.length - 1, at + 1)].id,
      Home: () => nodes[0].id,
      End: () => focus,
    }[key]?.();
  }

  /** The background can be dragged. */
  drag() {
    const { scroll } = this;
    let from = null;
    scroll.addEventListener("pointerdown", (event) => {
      this.dragged = false;
      if (event.button || event.pointerType !== "mouse") return; // fingers scroll by themselves
      from = { x: event.clientX, y: event.clientY, id: event.pointerId };
    });
    scroll.addEventListener("pointermove", (event) => {
      if (!from) return;
      const [x, y] = [from.x - event.clientX, from.y - event.clientY];
      if (!this.dragged) {
        if (Math.abs(x) + Math.abs(y) < DRAG) return;
        this.dragged = true;
        scroll.setPointerCapture(from.id);
        // Not before: a press on a node at the edge has scrolled it into view meanwhile.
        Object.assign(from, { left: scroll.scrollLeft, top: scroll.scrollTop });
      }
      scroll.scrollLeft = from.left + x;
      scroll.scrollTop = from.top + y;
    });
    const end = () => {
      from = null;
    };
    scroll.addEventListener("pointerup", end);
    scroll.addEventListener("pointercancel", end);
  }
}
