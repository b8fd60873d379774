// The data of runs beside each other: which snapshots differ, and how.

import { changeNode } from "./compare_diff_change.js";
import { howMany, named, runNode, section, unseen } from "./compare_diff_parts.js";
import { LETTERS } from "./compare_diff_words.js";
import { make } from "./dom.js";

const SHORT = 8; // characters of a digest, as everywhere

export function dataSection({ runs, data }, all) {
  const differ = data.filter((item) => !item.same).length;
  const shown = data.filter((item) => all || !item.same);
  return section("Data", howMany(differ, data.length, "none recorded"), ...shown.map((item) => dataset(item, runs)));
}

function dataset({ name, kind, digests, same, changes }, runs) {
  const node = make("div", "mlops-diff-dataset");
  const head = make("h4", "mlops-diff-name");
  head.append(named(name), make("span", "mlops-diff-small", ` ${kind ?? ""}`));
  node.append(head, digestList(digests, runs, same));
  changes.forEach((change, at) => {
    if (!change) return;
    if (runs.length > 2) node.append(make("p", "mlops-diff-against", `${LETTERS[at + 1]} against ${LETTERS[0]}`));
    node.append(changeNode(change));
  });
  return node;
}

function digestList(digests, runs, same) {
  const list = make("ul", "mlops-diff-digests");
  digests.forEach((digest, at) => {
    const item = make("li");
    item.append(runNode(runs, at));
    if (digest) item.append(make("code", "", digest.slice(0, SHORT)));
    else item.append(make("span", "mlops-diff-none", "not read"));
    if (at && digest && digests[0] && !same) item.append(make("span", "mlops-diff-small", digest === digests[0] ? `as ${LETTERS[0]}` : "other content"));
    list.append(item);
  });
  if (same) list.lastChild.append(unseen("equal in all"));
  return list;
}
