// A comparison of runs in a notebook or a saved page.
// compare.py joins this file and what it imports into one module (modules.py).

import { ComparisonView } from "./compare_view.js";
import { make } from "./dom.js";

export function render({ model, el }) {
  const total = model.get("_total");
  const root = make("div", "mlops-compare");
  el.append(root);
  if (!total) {
    root.append(make("p", "mlops-kind", "No runs yet. Track a cell and its run appears here."));
    return undefined;
  }
  const view = new ComparisonView(model, root);
  return () => view.close();
}
