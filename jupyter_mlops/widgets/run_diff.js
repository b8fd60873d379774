// What runs differ in, as a view of its own beneath a cell.

import { DiffView } from "./compare_diff_view.js";

export function render({ model, el }) {
  const { node } = new DiffView(model.get("_payload"));
  node.classList.add("mlops-diff-alone");
  el.append(node);
}
