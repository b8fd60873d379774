// The comparison's Diff tab: asks the kernel what the ticked runs differ in, or says what to tick.

import { bestFirst, diffOf } from "./compare_diff_local.js";
import { inWords } from "./compare_diff_words.js";
import { DiffView } from "./compare_diff_view.js";
import { make } from "./dom.js";
import { plainText } from "./words.js";

const MOST = 3;

export class DiffPanel {
  constructor(view) {
    this.view = view;
    this.all = false;
    this.asked = "";
    this.node = make("div", "mlops-diff-panel");
    this.status = make("p", "mlops-diff-status");
    this.status.setAttribute("role", "status");
    this.place = make("div", "mlops-diff-place");
    this.place.tabIndex = 0; // it scrolls
    this.place.setAttribute("role", "region");
    this.place.setAttribute("aria-label", "What the ticked runs differ in");
    this.node.append(this.status, this.place);
  }

  close() {
    this.asked = "";
  }

  /** Draws again only for other runs: the answer stays while rows are filtered or sorted. */
  show() {
    const ticked = [...this.view.ticked()];
    if (ticked.length < 2 || ticked.length > MOST) this.offer(ticked);
    else if (ticked.slice().sort().join() !== this.asked.split(",").sort().join()) this.compare(ticked);
  }

  /** Says what to tick, with a button that does it. */
  offer(ticked) {
    this.asked = "";
    this.status.textContent = inWords(ticked.length);
    this.place.replaceChildren();
    const { view } = this;
    const rows = view.shownRows();
    const known = new Set(ticked);
    const best = bestFirst(view.columns, ticked.length > MOST ? ticked : [...rows]);
    const chosen = ticked.length === 1 ? [ticked[0], ...best.rows.filter((row) => !known.has(row)).slice(0, 1)] : best.rows.slice(0, 2);
    if (chosen.length < 2) return;
    const by = best.name ? ` by ${plainText(best.name, 40)}` : "";
    const words = ticked.length === 1 ? `Compare it with the best${by}` : `Compare the two best${by}`;
    const button = make("button", "mlops-diff-button", words);
    button.type = "button";
    button.title = chosen.map((row) => plainText(view.nameOf(row), 60)).join(" and ");
    button.addEventListener("click", () => (ticked.length > MOST ? this.compare(chosen) : view.tick(chosen, true)));
    this.place.append(button);
  }

  /** Asks for these rows, the first being the one the others are compared with. */
  async compare(rows) {
    const asked = rows.join();
    this.asked = asked;
    this.status.textContent = "Looking at what differs…";
    let problem = "";
    const payload = await this.answer(rows).catch((error) => {
      problem = error.message;
      return diffOf(this.view.columns, rows);
    });
    if (this.asked !== asked) return; // other runs were ticked meanwhile
    this.status.textContent = problem;
    const onBase = (at) => {
      const others = rows.filter((_, place) => place !== at);
      this.compare([rows[at], ...others]).then(() => this.node.querySelector("select")?.focus());
    };
    this.all = this.drawn?.all ?? this.all;
    this.drawn = new DiffView(payload, { all: this.all, onBase });
    this.place.replaceChildren(this.drawn.node);
  }

  answer(rows) {
    if (!this.view.kernel.can("diff")) return Promise.reject(new Error("Data and code are compared by the kernel; this is what the table knows."));
    return this.view.ask("diff", { rows }, (said) => {
      this.status.textContent = said;
    });
  }
}
