// The forms of the actions: what each needs to know, and the command that this makes.

import { make } from "./dom.js";
import { plainText } from "./words.js";

let fields = 0;

/** A word as it must be typed behind a magic: quoted as the kernel reads it (shlex). */
export function quoted(word) {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\"'\"'")}'`;
}

const line = (...words) => `%mlops ${words.map(quoted).join(" ")}`;

/** A label with its control below it. */
function labelled(text, control) {
  const node = make("label", "mlops-action-field", text);
  control.id = `mlops-action-${Date.now().toString(36)}-${fields++}`;
  node.htmlFor = control.id;
  node.append(control);
  return node;
}

function typing(label, value, about = "") {
  const input = make("input", "mlops-action-input");
  input.type = "text";
  input.value = value;
  input.required = true;
  input.spellcheck = false;
  input.autocomplete = "off";
  if (about) input.placeholder = about;
  return { node: labelled(label, input), input };
}

function choice(label, items) {
  const input = make("select", "mlops-action-input");
  for (const [value, said] of items) {
    const option = make("option", "", plainText(said));
    option.value = value;
    input.append(option);
  }
  return { node: labelled(label, input), input };
}

function tick(label) {
  const node = make("label", "mlops-action-tick");
  const input = make("input");
  input.type = "checkbox";
  node.append(input, make("span", "", label));
  return { node, input };
}

/** Action → its name in the menu, and `form(possible)`: nodes, `fields()` for the question, `command()`. */
export const ACTIONS = {
  restore: { title: "Restore a value", form: restoreForm },
  reproduce: { title: "Reproduce", form: reproduceForm },
  promote: { title: "Promote", form: promoteForm },
  export: { title: "Export", form: exportForm },
};

function restoreForm({ run, values }) {
  const value = choice("Value", values.map(({ name, kind }) => [name, `${name} (${kind})`]));
  const variable = typing("Variable", values[0].variable);
  const force = tick("Replace the variable if it has other content");
  value.input.addEventListener("change", () => {
    variable.input.value = values[value.input.selectedIndex].variable;
  });
  const replaced = () => (force.input.checked ? ["--force"] : []);
  return {
    nodes: [value.node, variable.node, force.node],
    fields: () => ({ value: value.input.value, variable: variable.input.value.trim(), force: force.input.checked }),
    command: () => line("restore", `${run}:${value.input.value}`, "--as", variable.input.value.trim(), ...replaced()),
  };
}

function reproduceForm({ run }) {
  const about = make("p", "mlops-action-about", "Runs its code again in a clean process and compares all that it gave.");
  return { nodes: [about], fields: () => ({}), command: () => line("reproduce", run) };
}

function promoteForm({ run, models }) {
  const name = typing("Name of the model", models.length === 1 ? models[0] : "", "such as income");
  const list = make("datalist");
  list.id = `${name.input.id}-names`;
  for (const each of models) {
    const option = make("option");
    option.value = each;
    list.append(option);
  }
  name.input.setAttribute("list", list.id);
  const about = make("p", "mlops-action-about", "Makes it again in a clean process first; only what reproduces is registered.");
  return {
    nodes: [name.node, list, about],
    fields: () => ({ name: name.input.value.trim() }),
    command: () => line("promote", run, "--as", name.input.value.trim()),
  };
}

function exportForm({ versions }) {
  const version = choice("Version", versions.map((each) => [each, each]));
  const folder = typing("New folder", versions[0].split("/")[0].replace(/[^\w.-]+/g, "_"));
  const force = tick("Replace a bundle that is there");
  const replaced = () => (force.input.checked ? ["--force"] : []);
  return {
    nodes: [version.node, folder.node, force.node],
    fields: () => ({ version: version.input.value, folder: folder.input.value.trim(), force: force.input.checked }),
    command: () => line("export", version.input.value, folder.input.value.trim(), ...replaced()),
  };
}
