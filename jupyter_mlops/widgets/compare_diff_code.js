// The code behind runs beside each other, statement by statement; equal ones fold into a line.

import { howMany, note, runNode, section, table, unseen } from "./compare_diff_parts.js";
import { counted, inRuns, wordDiff } from "./compare_diff_words.js";
import { make } from "./dom.js";

const SIGNS = { same: "", changed: "≠", added: "+", removed: "−" };
const FOLD_FROM = 2; // one equal statement takes no more room than the line that would stand for it
const LETTERS_MOST = 20_000; // of one statement in the page

export function codeSection({ runs, code }, all) {
  const { statements } = code;
  const differ = statements.filter((statement) => statement.kind !== "same").length;
  const said = howMany(differ, statements.length, code.note ? "not known" : "none recorded");
  const shown = differ || all ? statementTable(statements, runs, all) : null;
  return section("Code", said, note(code.note), shown);
}

function statementTable(statements, runs, all) {
  const rows = [];
  for (const { equal, items } of inRuns(statements, (statement) => statement.kind === "same")) {
    if (equal && !all && items.length >= FOLD_FROM) rows.push({ fold: items });
    else rows.push(...items);
  }
  const heads = [unseen("Change"), ...runs.map((_, at) => runNode(runs, at))];
  const node = table("Code, statement by statement", heads, [], "mlops-diff-code");
  const body = node.querySelector("tbody");
  body.append(...rows.map((row) => (row.fold ? foldRow(row.fold, runs.length) : statementRow(row))));
  return node;
}

/** "12 equal statements": a button that puts them in its place. */
function foldRow(items, width) {
  const row = make("tr", "mlops-diff-fold");
  const cell = make("td");
  cell.colSpan = width + 1;
  const open = make("button", "mlops-diff-button", counted(items.length, "equal statement"));
  open.type = "button";
  open.setAttribute("aria-expanded", "false");
  let opened = [];
  open.addEventListener("click", () => {
    const isOpen = open.getAttribute("aria-expanded") === "true";
    open.setAttribute("aria-expanded", String(!isOpen));
    for (const each of opened) each.remove();
    opened = isOpen ? [] : items.map(statementRow);
    row.after(...opened);
  });
  cell.append(open);
  row.append(cell);
  return row;
}

function statementRow({ kind, texts: raw, cells }) {
  const texts = raw.map((text) => text && readable(text));
  const row = make("tr", kind === "same" ? "mlops-diff-same" : "");
  row.dataset.kind = kind;
  const head = make("th", "mlops-diff-sign");
  head.scope = "row";
  const sign = make("span", "", SIGNS[kind]);
  sign.setAttribute("aria-hidden", "true");
  head.append(sign, unseen(kind));
  row.append(head, ...texts.map((text, at) => statementCell(text, marked(texts, at), cells[at])));
  return row;
}

/** Pieces of the statement of one run; those of the first are marked where any of the others differs. */
function marked(texts, at) {
  const others = at ? [texts[0]] : texts.slice(1);
  const diffs = others.filter((other) => other !== null && texts[at] !== null && other !== texts[at]);
  if (!diffs.length) return null;
  const places = new Uint8Array(texts[at].length);
  for (const other of diffs) {
    let from = 0;
    for (const { text, changed } of wordDiff(other, texts[at])[1]) {
      if (changed) places.fill(1, from, from + text.length);
      from += text.length;
    }
  }
  return inRuns([...texts[at].split("").keys()], (place) => !places[place]).map(({ equal, items }) => ({
    text: texts[at].slice(items[0], items.at(-1) + 1),
    changed: !equal,
  }));
}

/** Characters that turn the direction are named: code would read other than it runs. */
const readable = (text) => text.replace(/[\u202a-\u202e\u2066-\u2069]/g, (mark) => `\\u${mark.charCodeAt(0).toString(16)}`);

function statementCell(text, found, cell) {
  const node = make("td");
  if (text === null) {
    node.append(make("span", "mlops-diff-none", "not there"));
    return node;
  }
  const code = make("pre", "mlops-diff-text");
  code.dir = "ltr";
  for (const { text: piece, changed } of found ?? [{ text: text.slice(0, LETTERS_MOST), changed: false }]) {
    code.append(changed ? make("mark", "mlops-diff-word", piece) : piece);
  }
  if (cell) node.append(make("span", "mlops-diff-cell", cell));
  node.append(code);
  return node;
}
