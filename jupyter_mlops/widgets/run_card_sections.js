// The parts of a run's card that are lists: results, parameters, data, code, environment.

import { commandNode } from "./copying.js";
import { make } from "./dom.js";
import { TITLE_LIMIT, figureText, plainText } from "./words.js";

const SHOWN_PARAMS = 12;

/** A part that opens; its summary says what is in it. */
export function part(title, said, ...content) {
  const node = make("details", "mlops-card-part");
  const head = make("summary", "", title);
  head.append(make("span", "mlops-card-small", said));
  node.append(head, ...content.filter(Boolean));
  return node;
}

export function textNode(text, limit = 60) {
  const node = make("bdi", "", plainText(text, limit));
  if (text.length > limit) node.title = plainText(text, TITLE_LIMIT);
  return node;
}

export const note = (text) => (text ? make("p", "mlops-card-small", plainText(text, TITLE_LIMIT)) : null);

export function metricTiles({ metrics }) {
  if (!metrics.length) return make("p", "mlops-card-none", "No metrics were recorded.");
  const list = make("dl", "mlops-card-metrics");
  for (const { name, value, text, lower } of metrics) {
    const tile = make("div");
    const label = make("dt");
    label.append(textNode(name, 40));
    if (lower) label.append(make("span", "", " (lower is better)"));
    tile.append(label, make("dd", "", value === null ? text : figureText(value)));
    list.append(tile);
  }
  return list;
}

/** Two columns of names and texts. */
function pairs(rows) {
  const list = make("dl", "mlops-card-pairs");
  for (const [name, text] of rows) {
    const label = make("dt");
    label.append(textNode(name, 40));
    const value = make("dd");
    value.append(textNode(text, 120));
    list.append(label, value);
  }
  return list;
}

export function paramTable({ params, left_out: leftOut }) {
  const more = leftOut ? note(`${leftOut.toLocaleString("en")} more metrics and parameters are in MLflow.`) : null;
  if (!params.length) return more;
  const said = `${params.length.toLocaleString("en")}`;
  const node = part("Parameters", said, pairs(params), more);
  node.open = params.length <= SHOWN_PARAMS;
  return node;
}

export function dataSection({ data }) {
  if (!data.length) return null;
  const kept = data.filter((each) => each.kept).length;
  const said = kept === data.length ? "all kept" : `${kept} of ${data.length} kept`;
  const list = make("ul", "mlops-card-data");
  for (const { name, kind, use, shape, digest, kept: isKept, commands } of data) {
    const item = make("li");
    const head = make("div", "mlops-card-dataset");
    const label = make("strong");
    label.append(textNode(name));
    const facts = [kind, use, shape, isKept ? "" : "digest only"].filter(Boolean).join(" · ");
    head.append(label, make("span", "", facts), make("code", "", digest));
    item.append(head, ...commands.map(commandNode));
    list.append(item);
  }
  return part("Data", `${data.length} · ${said}`, list);
}

export function codeSection({ code }) {
  const { cells, commands } = code;
  const lines = cells.reduce((sum, [, source]) => sum + source.split("\n").length, 0);
  const said = cells.length ? `${cells.length} ${cells.length === 1 ? "cell" : "cells"} · ${lines} ${lines === 1 ? "line" : "lines"}` : "not known";
  const blocks = cells.map(([label, source]) => {
    const block = make("figure", "mlops-card-cell");
    const text = make("pre", "", source);
    text.tabIndex = 0; // it may scroll
    text.dir = "ltr";
    block.append(make("figcaption", "mlops-card-small", label), text);
    return block;
  });
  const given = make("div", "mlops-card-commands");
  given.append(...commands.map(commandNode));
  return part("Code", said, note(code.note), ...blocks, given);
}

export function environmentSection({ environment }) {
  const { facts, packages, note: said } = environment;
  const python = facts.find(([name]) => name === "python");
  const installed = packages.length ? part("Packages", packages.length.toLocaleString("en"), pairs(packages)) : null;
  installed?.classList.add("mlops-card-packages");
  return part("Environment", python ? `Python ${python[1]}` : "", pairs(facts), note(said), installed);
}
