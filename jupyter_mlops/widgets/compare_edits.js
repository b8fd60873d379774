// Changes to runs from the table: archive, delete, and the line that says what was done and takes it back.

import { editOf } from "./compare_edit_cell.js";
import { button, make } from "./dom.js";

const UNDO_FOR = 30_000; // ms
const DONE = { archive: "archived", delete: "deleted" };

export class Edits {
  constructor(view) {
    this.view = view;
    this.tools = make("span", "mlops-edits");
    this.tools.append(
      ...["archive", "delete"]
        .filter((what) => view.kernel.can(what))
        .map((what) => button(what === "archive" ? "Archive" : "Delete…", () => this.begin(what, [...view.ticked()]))),
    );
    this.node = make("div", "mlops-said");
    this.node.setAttribute("aria-live", "polite");
  }

  close() {
    clearTimeout(this.timer);
  }

  show() {
    this.tools.hidden = !this.view.ticked().size;
  }

  /** The Delete key: the ticked runs, or the one in focus. */
  remove(run) {
    const ticked = [...this.view.ticked()];
    if (this.view.kernel.can("delete")) this.begin("delete", ticked.length ? ticked : [run]);
  }

  begin(what, rows) {
    if (what === "archive") return this.write(what, rows);
    const yes = button("Delete", () => this.write(what, rows), "mlops-grave");
    const no = button("Keep", () => this.leave());
    const question = rows.length === 1 ? `Delete ${this.view.nameOf(rows[0]).slice(0, 80)}?` : `Delete ${rows.length} runs?`;
    this.say(question, yes, no);
    this.node.onkeydown = (event) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      this.leave();
    };
    return no.focus();
  }

  leave() {
    this.say("");
    this.view.focusTable();
  }

  async write(what, rows) {
    this.say("");
    this.view.focusTable();
    try {
      await this.view.ask(what, { rows, on: true });
    } catch (error) {
      return this.say(error.message);
    }
    this.view.tick(rows, false);
    const undo = button("Undo", async () => {
      this.say("");
      this.view.focusTable();
      await this.view.ask(what, { rows, on: false }).catch((error) => this.say(error.message));
    });
    return this.say(`${rows.length === 1 ? "1 run" : `${rows.length} runs`} ${DONE[what]}.`, undo);
  }

  /** Write the text of a cell; true if it was written. */
  async writeText(column, row, text) {
    try {
      await this.view.ask(editOf(column), { row, text });
    } catch (error) {
      this.say(error.message);
      return false;
    }
    this.say("");
    return true;
  }

  say(text, ...buttons) {
    clearTimeout(this.timer);
    this.node.onkeydown = null;
    this.node.replaceChildren(...(text ? [make("span", "", text), ...buttons] : []));
    if (buttons.length === 1) this.timer = setTimeout(() => this.say(""), UNDO_FOR);
  }
}
