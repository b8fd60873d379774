// A command to copy: text that can be selected anywhere, and a button where the browser lets pages copy.

import { make } from "./dom.js";

const SAID_FOR = 2000; // ms

/** `text` as code with a button that copies it; what happened is said beside it. */
export function commandNode(text) {
  const node = make("span", "mlops-command");
  const code = make("code", "", text);
  const button = make("button", "mlops-command-copy", "Copy");
  button.type = "button";
  button.setAttribute("aria-label", `Copy ${text}`);
  const said = make("span", "mlops-command-said");
  said.setAttribute("role", "status");
  button.addEventListener("click", async () => {
    said.textContent = (await copied(code)) ? "Copied" : "Press Ctrl+C";
    setTimeout(() => {
      said.textContent = "";
    }, SAID_FOR);
  });
  node.append(code, button, said);
  return node;
}

/** True if the text is in the clipboard; where pages may not do that it is selected. */
async function copied(code) {
  try {
    await navigator.clipboard.writeText(code.textContent);
    return true;
  } catch {
    getSelection().selectAllChildren(code);
    return false;
  }
}
