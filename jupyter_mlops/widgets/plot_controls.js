// Controls of plots: choices, toggles, sliders. Names of columns are only ever text.

import { keyOf } from "./compare_columns.js";
import { make } from "./dom.js";
import { plainText } from "./words.js";

const GROUPS = { metrics: "Metrics", params: "Parameters", info: "About" };
const LETTERS = 40;

/** A button that is on or off; `onChange()` when it is used. */
export function toggle(text, onChange) {
  const node = make("button", "mlops-button mlops-plot-button", text);
  node.type = "button";
  node.setAttribute("aria-pressed", "false");
  node.addEventListener("click", onChange);
  return node;
}

/** A button. */
export function action(text, onUse) {
  const node = make("button", "mlops-button mlops-plot-button", text);
  node.type = "button";
  node.addEventListener("click", onUse);
  return node;
}

export const press = (button, isOn) => button.setAttribute("aria-pressed", String(isOn));

/** A choice of one column, with its label before it; `.fill(columns, chosen, first)` says which there are. */
export class ColumnChoice {
  /** `onChoose(key)` when another is chosen: the key of a column, or "" for the first entry. */
  constructor(label, onChoose) {
    this.node = make("label", "mlops-plot-choice");
    this.select = make("select", "mlops-plot-select");
    this.select.addEventListener("change", () => onChoose(this.select.value));
    this.node.append(make("span", "", label), this.select);
  }

  /** `first` is an entry of its own before the columns, such as "none". */
  fill(columns, chosen, first) {
    const told = [first ?? "", ...columns.map(keyOf)].join("\n");
    if (told !== this.told) {
      this.told = told;
      this.select.replaceChildren(...(first ? [optionOf("", first)] : []), ...groupsOf(columns));
    }
    this.select.value = chosen ?? "";
  }
}

function optionOf(value, text) {
  const option = make("option", "", text);
  option.value = value;
  return option;
}

function groupsOf(columns) {
  return Object.entries(GROUPS).flatMap(([group, title]) => {
    const found = columns.filter((column) => column.group === group);
    if (!found.length) return [];
    const node = make("optgroup");
    node.label = title;
    node.append(...found.map((column) => optionOf(keyOf(column), plainText(column.name, LETTERS))));
    return [node];
  });
}

/** A few words of which one is on, as a group of toggles; `onChoose(value)`. */
export class WordChoice {
  constructor(label, words, onChoose) {
    this.node = make("span", "mlops-plot-words-choice");
    this.node.setAttribute("role", "group");
    this.node.setAttribute("aria-label", label);
    this.buttons = new Map(words.map(([value, text]) => [value, toggle(text, () => onChoose(value))]));
    this.node.append(...this.buttons.values());
  }

  show(chosen) {
    for (const [value, button] of this.buttons) press(button, value === chosen);
  }
}
