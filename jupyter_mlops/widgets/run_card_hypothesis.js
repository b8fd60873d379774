// What was expected of a run, edited in place: Enter writes, Escape leaves it as it was.

import { make } from "./dom.js";

export class Hypothesis {
  constructor(text, ask) {
    this.text = text;
    this.ask = ask;
    this.node = make("div", "mlops-card-hypothesis");
    this.said = make("span", "mlops-card-small");
    this.said.setAttribute("role", "status");
    this.show();
  }

  show() {
    const text = make("p", this.text ? "" : "mlops-card-none", this.text || "No hypothesis was written.");
    text.dir = "auto";
    this.node.replaceChildren(make("span", "mlops-card-label", "Hypothesis"), text);
    if (this.ask.can("hypothesis")) {
      const does = this.text ? "Edit" : "Write one";
      this.edit = this.button(does, () => this.open());
      this.edit.setAttribute("aria-label", `${does}: hypothesis`);
      this.node.append(this.edit);
    }
    this.node.append(this.said);
  }

  button(text, act) {
    const button = make("button", "mlops-card-button", text);
    button.type = "button";
    button.addEventListener("click", act);
    return button;
  }

  open() {
    this.said.textContent = "";
    const input = make("textarea", "mlops-card-input");
    input.value = this.text;
    input.rows = Math.min(6, 1 + Math.ceil(this.text.length / 90));
    input.maxLength = 5000;
    input.setAttribute("aria-label", "Hypothesis");
    // Else the notebook takes keys such as Enter and Escape.
    input.setAttribute("data-lm-suppress-shortcuts", "true");
    input.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (event.key === "Escape") this.leave();
      else if (event.key === "Enter" && !event.shiftKey) {
        event.preventDefault();
        this.write(input);
      }
    });
    const buttons = [this.button("Write", () => this.write(input)), this.button("Cancel", () => this.leave())];
    this.node.replaceChildren(make("span", "mlops-card-label", "Hypothesis"), input, ...buttons, this.said);
    input.focus();
  }

  leave() {
    this.show();
    this.edit?.focus();
  }

  async write(input) {
    const text = input.value.trim();
    if (text === this.text) {
      this.leave();
      return;
    }
    input.readOnly = true;
    this.said.textContent = "Writing…";
    try {
      await this.ask("hypothesis", { text });
      this.text = text;
      this.said.textContent = "Written to MLflow.";
      this.leave();
    } catch (error) {
      input.readOnly = false;
      this.said.textContent = error.message;
      input.focus();
    }
  }
}
