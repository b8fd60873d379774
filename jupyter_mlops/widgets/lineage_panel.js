// The comparison's Lineage tab: what led to the ticked run, or to one of them, or what to tick.

import { bestFirst } from "./compare_diff_local.js";
import { cutMiddle, make } from "./dom.js";
import { LineageView } from "./lineage_view.js";
import { plainText } from "./words.js";

const MOST_OFFERED = 50;

export class LineagePanel {
  constructor(view) {
    this.view = view;
    this.asked = null;
    this.node = make("div", "mlops-lineage-panel");
    this.choice = make("label", "mlops-lineage-choice", "Run");
    this.select = make("select", "mlops-lineage-select");
    this.select.addEventListener("change", () => this.draw(Number(this.select.value)));
    this.choice.append(this.select);
    this.status = make("p", "mlops-lineage-status");
    this.status.setAttribute("role", "status");
    this.place = make("div");
    this.node.append(this.choice, this.status, this.place);
  }

  close() {
    this.asked = null;
    this.drawn?.close();
  }

  /** Draws again only for another run: the lineage stays while rows are filtered or sorted. */
  show() {
    const ticked = [...this.view.ticked()].slice(0, MOST_OFFERED);
    if (!this.view.kernel.can("lineage")) {
      this.say("What led to a run is read by the kernel, from where it was tracked: run %mlops compare to see it.");
    } else if (!ticked.length) {
      this.offer();
    } else {
      this.fill(ticked);
      const row = ticked.includes(this.asked) ? this.asked : ticked[0];
      this.select.value = String(row);
      if (row !== this.asked) this.draw(row);
    }
  }

  fill(rows) {
    this.choice.hidden = rows.length < 2;
    this.select.replaceChildren(
      ...rows.map((row) => {
        const option = make("option", "", plainText(this.view.nameOf(row)));
        option.value = String(row);
        return option;
      }),
    );
  }

  say(text, ...more) {
    this.asked = null;
    this.choice.hidden = true;
    this.status.textContent = text;
    this.drawn?.close();
    this.drawn = null;
    this.place.replaceChildren(...more);
  }

  /** Says what to tick, with a button that does it. */
  offer() {
    const best = bestFirst(this.view.columns, [...this.view.shownRows()]);
    const [row] = best.rows;
    if (row === undefined) {
      this.say("There is no run to show the lineage of.");
      return;
    }
    const button = make("button", "mlops-lineage-button", best.name ? `Show the best by ${cutMiddle(best.name, 40)}` : "Show the first");
    button.type = "button";
    button.title = plainText(this.view.nameOf(row));
    button.addEventListener("click", () => this.view.tick([row], true));
    this.say("Tick a run in the table to see the cells, values and files it came from.", button);
  }

  async draw(row) {
    this.asked = row;
    this.status.textContent = "Looking at what led to it…";
    let problem = "";
    const payload = await this.view.ask("lineage", { row }).catch((error) => {
      problem = error.message;
      return null;
    });
    if (this.asked !== row) return; // another run was chosen meanwhile
    this.status.textContent = problem;
    this.drawn?.close();
    this.drawn = payload && new LineageView(payload, (what, args) => this.view.ask(what, { ...args, row }));
    this.place.replaceChildren(...(this.drawn ? [this.drawn.node] : []));
  }
}
