// What the sections of a diff are built of: heads that count, tables with heads of rows, and long lists in part.

import { LETTERS, counted } from "./compare_diff_words.js";
import { make } from "./dom.js";
import { TITLE_LIMIT, absent, plainText } from "./words.js";

const NAME_LIMIT = 48;
const VALUE_LIMIT = 80;
let parts = 0;

/** User text isolated from the direction around it, cut in the middle, in full in its title. */
export function named(text, limit = NAME_LIMIT) {
  const node = make("bdi", "", plainText(text, limit));
  if (text.length > limit) node.title = plainText(text, TITLE_LIMIT);
  return node;
}

/** A run's letter and name, as heads of columns and everywhere else. */
export function runNode(runs, at) {
  const node = make("span", "mlops-diff-run");
  node.append(make("span", "mlops-diff-letter", LETTERS[at]), named(runs[at].name));
  return node;
}

/** A value, or that there is none. */
export function valueNode(value) {
  return absent(value) ? make("span", "mlops-diff-none", "none") : named(String(value), VALUE_LIMIT);
}

/** For those who do not see marks and places. */
export const unseen = (text) => make("span", "mlops-diff-unseen", text);

/** A part of the diff with its title and how much of it differs. */
export function section(title, said, ...content) {
  const node = make("section", "mlops-diff-section");
  const head = make("h3", "mlops-diff-head", title);
  head.id = `mlops-diff-head-${Date.now().toString(36)}-${parts++}`;
  head.append(make("span", "mlops-diff-said", said));
  node.setAttribute("aria-labelledby", head.id);
  node.append(head, ...content.filter(Boolean));
  return node;
}

export const note = (text) => (text ? make("p", "mlops-diff-note", plainText(text, TITLE_LIMIT)) : null);

/** "2 of 9 differ", or that all are equal, or that there are none. */
export function howMany(differ, total, none) {
  if (!total) return none;
  if (!differ) return total === 1 ? "equal" : `all ${total.toLocaleString("en")} equal`;
  return `${differ.toLocaleString("en")} of ${total.toLocaleString("en")} ${differ === 1 ? "differs" : "differ"}`;
}

/** A table that scrolls sideways by itself: `heads` and each row's `cells` are nodes; `head` is the row's. */
export function table(label, heads, rows, className = "") {
  const scroll = make("div", `mlops-diff-scroll ${className}`);
  scroll.tabIndex = 0;
  scroll.setAttribute("role", "group");
  scroll.setAttribute("aria-label", label);
  const node = make("table", "mlops-diff-table");
  const head = make("tr");
  for (const each of heads) {
    const cell = make("th");
    cell.scope = "col";
    cell.append(each);
    head.append(cell);
  }
  const body = make("tbody");
  for (const { same, head: title, cells } of rows) {
    const row = make("tr", same ? "mlops-diff-same" : "");
    const name = make("th");
    name.scope = "row";
    name.append(...[title].flat());
    row.append(name, ...cells.map(cellNode));
    body.append(row);
  }
  const top = make("thead");
  top.append(head);
  node.append(make("caption", "mlops-diff-unseen", label), top, body);
  scroll.append(node);
  return scroll;
}

function cellNode(content) {
  const cell = make("td");
  cell.append(...[content].flat());
  return cell;
}

/** The first `most` of `nodes`, and a button that brings the others. */
export function inPart(nodes, most, noun, place = make("div", "mlops-diff-list")) {
  place.append(...nodes.slice(0, most));
  if (nodes.length <= most) return place;
  const more = make("button", "mlops-diff-button", `and ${counted(nodes.length - most, noun)} more`);
  more.type = "button";
  const holder = place.tagName === "UL" ? make("li") : more; // a list holds items only
  more.addEventListener("click", () => {
    const next = nodes[most];
    holder.replaceWith(...nodes.slice(most));
    next.tabIndex = -1; // the button that had the focus is gone
    next.focus({ preventScroll: true });
  });
  if (holder !== more) holder.append(more);
  place.append(holder);
  return place;
}

/** A bar of a share from 0 to 1; what it shows stands beside it as text. */
export function bar(share) {
  const node = make("span", "mlops-diff-bar");
  const fill = make("span");
  fill.style.width = `${(100 * Math.max(0, Math.min(1, share))).toFixed(1)}%`;
  node.setAttribute("aria-hidden", "true");
  node.append(fill);
  return node;
}
