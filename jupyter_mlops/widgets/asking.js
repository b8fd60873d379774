// Questions to the kernel: the other end of asking.py. An answer may have to wait for a running cell, so
// silence is told apart: no kernel, a kernel that does not know this view, and one that is busy.

const BUSY_AFTER = 1000; // ms
const UNHEARD_LIMIT = 5; // looks, one each second, at an idle kernel that does not answer
const BUSY = "The kernel is busy; the answer follows.";
const NO_KERNEL = "There is no kernel here. Open the notebook in Jupyter and run the cell again.";
const UNKNOWN = "Nobody answers that here.";
const FORGOTTEN = "The kernel does not know this view any more. Run the cell again.";
let askers = 0;

/**
 * A function `ask(what, args, onProgress)` that gives a promise of the kernel's answer; bytes are in its
 * `buffers`. It rejects with an Error whose message can be shown. `onWaiting(text)` hears a sentence while an
 * answer waits, and "" when none does. `ask.can(what)` tells whether asking makes sense; `ask.close()` ends it.
 */
export function asker(model, onWaiting = () => {}) {
  const waiting = new Map();
  const own = `${Date.now().toString(36)}-${askers++}`;
  let count = 0;
  let watch = null;

  function settle(id, outcome) {
    const question = waiting.get(id);
    if (!question) return;
    waiting.delete(id);
    if (!waiting.size) {
      clearInterval(watch);
      watch = null;
      onWaiting("");
    }
    outcome(question);
  }

  function look() {
    const kernel = kernelOf(model);
    for (const [id, question] of [...waiting]) {
      if (kernel === null || kernel?.status === "dead") settle(id, ({ reject }) => reject(new Error(NO_KERNEL)));
      else if (/restarting$/.test(kernel?.status ?? "")) settle(id, ({ reject }) => reject(new Error(FORGOTTEN)));
      else if (kernel?.status === "idle" && !question.heard && ++question.unheard > UNHEARD_LIMIT) {
        settle(id, ({ reject }) => reject(new Error(FORGOTTEN)));
      }
    }
    if (waiting.size) onWaiting(sentenceOf([...waiting.values()].at(-1)));
  }

  function receive(message, buffers) {
    const question = waiting.get(message?.id);
    if (!question) return;
    if (message.heard) question.heard = true;
    else if (message.progress) {
      question.said = message.said;
      question.onProgress?.(message.said);
    } else if (message.problem !== undefined) {
      const error = new Error([message.problem, message.fix].filter(Boolean).map(sentence).join(" "));
      settle(message.id, ({ reject }) => reject(error));
    } else {
      const answer = message.answer;
      if (buffers?.length && answer) answer.buffers = buffers;
      settle(message.id, ({ resolve }) => resolve(answer));
    }
  }

  function ask(what, args = {}, onProgress = null) {
    if (!isThere()) return Promise.reject(new Error(NO_KERNEL));
    if (!ask.can(what)) return Promise.reject(new Error(UNKNOWN));
    const id = `${own}-${count++}`;
    return new Promise((resolve, reject) => {
      waiting.set(id, { resolve, reject, onProgress, heard: false, unheard: 0, said: "" });
      watch ??= setInterval(look, BUSY_AFTER);
      try {
        model.send({ ...args, id, ask: what });
      } catch {
        settle(id, () => reject(new Error(FORGOTTEN))); // the line to the kernel was closed
      }
    });
  }

  const isThere = () => Boolean(model.send) && kernelOf(model) !== null;
  ask.can = (what) => isThere() && (model.get("_asks") ?? []).includes(what);
  ask.close = () => {
    clearInterval(watch);
    waiting.clear();
    model.off("msg:custom", receive);
  };
  model.on("msg:custom", receive);
  return ask;
}

/** What is said while a question waits; who hears its progress says that alone. */
function sentenceOf({ said, onProgress }) {
  return onProgress && said ? "" : said || BUSY;
}

/** The kernel as Jupyter's widget manager knows it; null where it has none, undefined where it does not say. */
function kernelOf(model) {
  const manager = model.widget_manager;
  return manager && "kernel" in manager ? manager.kernel : undefined;
}

function sentence(text) {
  const whole = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?…]$/.test(whole) ? whole : `${whole}.`;
}
