// A lineage as a view of its own beneath a cell: the drawing is here, what one looks into comes from the kernel.

import { asker } from "./asking.js";
import { make } from "./dom.js";
import { LineageView } from "./lineage_view.js";

export function render({ model, el }) {
  const told = model.get("_details");
  const waiting = make("p", "mlops-lineage-waiting");
  const kernel = asker(model, (text) => {
    waiting.textContent = text;
  });
  // A saved page has the details in it.
  const ask = (what, args) => {
    const known = told?.[args.node ?? args.edge];
    return known ? Promise.resolve(known) : kernel(what, args);
  };
  const view = new LineageView(model.get("_payload"), ask);
  view.node.classList.add("mlops-lineage-alone");
  view.node.append(waiting);
  el.append(view.node);
  return () => {
    view.close();
    kernel.close();
  };
}
