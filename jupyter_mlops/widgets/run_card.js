// A run's card: what came out first, then what it was made with, of and by. Drawn from one payload
// (verbs/run_card_of.py); only figures and a changed hypothesis ask the kernel.

import { asker } from "./asking.js";
import { cutMiddle, make } from "./dom.js";
import { figuresSection } from "./run_card_figures.js";
import { historySection } from "./run_card_history.js";
import { Hypothesis } from "./run_card_hypothesis.js";
import { codeSection, dataSection, environmentSection, metricTiles, paramTable } from "./run_card_sections.js";
import { plainText } from "./words.js";

const MARKS = { finished: "✓", failed: "✗", killed: "✗" };

export function render({ model, el }) {
  const card = model.get("_payload");
  const waiting = make("p", "mlops-card-waiting");
  waiting.setAttribute("role", "status");
  const ask = asker(model, (text) => {
    waiting.textContent = text;
  });
  const node = make("article", "mlops-card");
  node.setAttribute("aria-label", `Run ${cutMiddle(card.name, 60)}`);
  const parts = [
    head(card),
    new Hypothesis(card.hypothesis, ask).node,
    waiting,
    metricTiles(card),
    paramTable(card),
    historySection(card),
    figuresSection(card, ask),
    dataSection(card),
    codeSection(card),
    environmentSection(card),
  ];
  node.append(...parts.filter(Boolean));
  el.append(node);
  return () => ask.close();
}

function head({ name, status, error, experiment, cell, started, seconds }) {
  const node = make("header", "mlops-card-head");
  const title = make("h3", "mlops-card-title");
  const text = make("bdi", "", plainText(name, 120));
  text.title = plainText(name, 500);
  title.append(text);
  const state = make("span", "mlops-card-status");
  state.dataset.status = status;
  const mark = make("span", "mlops-card-mark", MARKS[status] ?? "…");
  mark.setAttribute("aria-hidden", "true");
  state.append(mark, make("span", "", status));
  const when = `${started.slice(0, 16).replace("T", " ")} UTC`;
  const took = seconds === null ? "" : `${Number(seconds.toPrecision(2)).toLocaleString("en")} s`;
  const facts = [experiment, cell, when, took].filter(Boolean).map((fact) => plainText(fact));
  node.append(title, state, make("span", "mlops-card-small", facts.join(" · ")));
  if (error) node.append(make("p", "mlops-card-error", plainText(error, 200)));
  return node;
}
