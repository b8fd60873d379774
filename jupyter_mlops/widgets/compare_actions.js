// What can be done with a ticked run: a menu, and for each action a small form that shows its command.

import { ACTIONS } from "./compare_action_forms.js";
import { commandNode } from "./copying.js";
import { button, make } from "./dom.js";
import { plainText } from "./words.js";

const MOST_OFFERED = 50; // ticked runs that the form lets choose from

export class ActionsMenu {
  /** `node` is the button with its menu, `form` the place below the bar where an action is filled in. */
  constructor(view) {
    this.view = view;
    this.busy = false;
    this.node = make("span", "mlops-actions");
    this.opener = button("Actions", () => this.toggle(this.menu.hidden));
    this.opener.setAttribute("aria-haspopup", "menu");
    this.opener.setAttribute("aria-expanded", "false");
    this.menu = make("div", "mlops-actions-menu");
    this.menu.hidden = true;
    this.menu.setAttribute("role", "menu");
    this.menu.setAttribute("aria-label", "Actions on a ticked run");
    this.items = Object.entries(ACTIONS).map(([action, { title }]) => this.item(action, title));
    this.menu.append(...this.items);
    this.node.append(this.opener, this.menu);
    // Else the notebook takes the arrow keys.
    this.node.setAttribute("data-lm-suppress-shortcuts", "true");
    this.node.addEventListener("keydown", (event) => this.key(event));
    this.node.addEventListener("focusout", (event) => {
      if (!this.node.contains(event.relatedTarget)) this.toggle(false);
    });
    this.form = make("div", "mlops-action-place");
  }

  item(action, title) {
    const item = button(`${title}…`, () => this.begin(action), "mlops-actions-item");
    item.setAttribute("role", "menuitem");
    item.tabIndex = -1;
    return item;
  }

  /** There is something to act on, and somebody who does it. */
  show() {
    this.node.hidden = !this.view.ticked().size || !this.view.kernel.can("act");
  }

  toggle(open) {
    this.menu.hidden = !open;
    this.opener.setAttribute("aria-expanded", String(open));
    if (open) this.items[0].focus();
  }

  key(event) {
    if (this.menu.hidden && event.key !== "ArrowDown") return;
    const at = this.items.indexOf(event.target);
    const last = this.items.length - 1;
    const to = { ArrowDown: at === last ? 0 : at + 1, ArrowUp: at <= 0 ? last : at - 1, Home: 0, End: last }[event.key];
    if (this.menu.hidden) this.toggle(true);
    else if (to !== undefined) this.items[to].focus();
    else if (event.key === "Escape") {
      this.toggle(false);
      this.opener.focus();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }

  begin(action) {
    this.toggle(false);
    const rows = [...this.view.ticked()].slice(0, MOST_OFFERED);
    new ActionForm(this, action, rows).open();
  }
}

class ActionForm {
  constructor(menu, action, rows) {
    this.menu = menu;
    this.view = menu.view;
    this.action = action;
    this.rows = rows;
    this.node = make("form", "mlops-action");
    this.node.noValidate = true; // the kernel says what is missing, in words
    this.node.setAttribute("aria-label", ACTIONS[action].title);
    this.node.setAttribute("data-lm-suppress-shortcuts", "true");
    this.body = make("div", "mlops-action-fields");
    this.command = make("div", "mlops-action-command");
    this.said = make("p", "mlops-action-said");
    this.said.setAttribute("role", "status");
    this.result = make("div");
    this.run = make("button", "mlops-button mlops-action-run", "Run");
    this.run.type = "submit";
    const buttons = make("div", "mlops-action-buttons");
    buttons.append(this.run, button("Close", () => this.close()));
    this.node.append(this.head(), this.body, this.command, buttons, this.said, this.result);
    this.node.addEventListener("submit", (event) => {
      event.preventDefault();
      this.act();
    });
    this.node.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (event.key === "Escape") this.close();
    });
    this.node.addEventListener("input", () => this.showCommand());
    this.node.addEventListener("change", () => this.showCommand());
  }

  head() {
    const head = make("div", "mlops-action-head");
    head.append(make("strong", "", ACTIONS[this.action].title));
    if (this.rows.length === 1) {
      head.append(make("bdi", "", plainText(this.view.nameOf(this.rows[0]))));
      return head;
    }
    this.chosen = make("select", "mlops-action-input");
    this.chosen.setAttribute("aria-label", "Run");
    for (const row of this.rows) {
      const option = make("option", "", plainText(this.view.nameOf(row)));
      option.value = String(row);
      this.chosen.append(option);
    }
    this.chosen.addEventListener("change", () => this.look());
    head.append(this.chosen);
    return head;
  }

  get row() {
    return this.chosen ? Number(this.chosen.value) : this.rows[0];
  }

  open() {
    this.menu.form.replaceChildren(this.node);
    (this.chosen ?? this.run).focus();
    return this.look();
  }

  close() {
    this.menu.form.replaceChildren();
    this.menu.opener.focus();
  }

  /** What is possible with the run; before anything runs it is said what is not. */
  async look() {
    const { row } = this;
    this.made = null;
    this.run.disabled = true;
    this.body.replaceChildren();
    this.command.replaceChildren();
    this.result.replaceChildren();
    this.said.textContent = "Looking at the run…";
    let problem = "";
    const possible = await this.view.ask("actions", { row }).catch((error) => {
      problem = error.message;
      return null;
    });
    if (this.row !== row || !this.node.isConnected) return;
    this.said.textContent = problem || possible.problems[this.action];
    if (this.said.textContent) return;
    this.made = ACTIONS[this.action].form(possible);
    this.body.replaceChildren(...this.made.nodes);
    this.run.disabled = this.menu.busy;
    this.showCommand();
    (this.body.querySelector("input, select") ?? this.run).focus();
  }

  showCommand() {
    if (!this.made) return;
    const said = this.made.command();
    if (this.command.firstChild?.firstChild.textContent !== said) this.command.replaceChildren(commandNode(said));
  }

  async act() {
    if (!this.made || this.menu.busy) return;
    this.menu.busy = true; // one at a time
    this.run.disabled = true;
    this.result.replaceChildren();
    this.said.textContent = "Running…";
    const asked = { action: this.action, row: this.row, ...this.made.fields() };
    try {
      const { text, ok } = await this.view.ask("act", asked, (said) => {
        this.said.textContent = said;
      });
      this.said.textContent = ok ? "Done." : "Done, and not all is well:";
      const result = make("pre", "mlops-action-result", text);
      result.tabIndex = 0; // it may scroll
      result.setAttribute("aria-label", "Result");
      result.setAttribute("role", "group");
      this.result.replaceChildren(result);
    } catch (error) {
      this.said.textContent = error.message;
    }
    this.menu.busy = false;
    this.run.disabled = false;
    if (this.node.isConnected && document.activeElement === document.body) this.run.focus(); // a disabled button loses it
  }
}
