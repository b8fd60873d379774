// What a diff says in words and figures: signs, which way is better, and which words of two statements differ.

import { NONE, absent, figureText } from "./words.js";

const MOST_WORDS = 400; // of a statement: the table of all pairs of words grows with their product
export const LETTERS = ["A", "B", "C"];

/** A difference with its sign; a true minus is as wide as a plus. */
export function signed(value) {
  if (absent(value)) return NONE;
  const text = figureText(Math.abs(value));
  return value > 0 ? `+${text}` : value < 0 ? `−${text}` : "0";
}

/** A difference as an arrow (the way the value went), a word, and whether its interval leaves zero out. */
export function judged({ value, low, high }, lowerIsBetter) {
  if (absent(value)) return { arrow: "", word: "", tone: "none" };
  if (value === 0) return { arrow: "=", word: "equal", tone: "none" };
  const word = value > 0 === !lowerIsBetter ? "better" : "worse";
  const arrow = value > 0 ? "▲" : "▼";
  const isOpen = !absent(low) && !absent(high) && low <= 0 && high >= 0;
  return isOpen ? { arrow, word: `${word}, may be chance`, tone: "none" } : { arrow, word, tone: word };
}

/** Values that are all the same, a missing one being a value of its own. */
export const allEqual = (values) => values.every((value) => value === values[0]);

/** A count with its noun: "1 row", "1,200 rows". */
export function counted(count, noun) {
  return `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;
}

/** `items` in order, as runs of those that `isEqual` says are equal and runs of the others. */
export function inRuns(items, isEqual) {
  const runs = [];
  for (const item of items) {
    const equal = isEqual(item);
    if (runs.at(-1)?.equal !== equal) runs.push({ equal, items: [] });
    runs.at(-1).items.push(item);
  }
  return runs;
}

/** Two texts as pieces `{text, changed}`: words of one that are not in the other, in their order, are changed. */
export function wordDiff(before, after) {
  const [a, b] = [words(before), words(after)];
  const keep = common(a, b);
  return [pieces(a, keep.first), pieces(b, keep.second)];
}

const words = (text) => text.match(/\d+(?:\.\d+)?(?![\p{L}_])|[\p{L}\p{N}_]+|\s+|[^\p{L}\p{N}_\s]/gu) ?? [];

/** Which places of both lists belong to a longest common part; equal ends need no table. */
function common(a, b) {
  const first = new Set();
  const second = new Set();
  const keep = (i, j) => first.add(i) && second.add(j);
  let start = 0;
  while (start < Math.min(a.length, b.length) && a[start] === b[start]) keep(start, start++);
  let [i, j] = [a.length, b.length];
  while (i > start && j > start && a[i - 1] === b[j - 1]) keep(--i, --j);
  if (i - start <= MOST_WORDS && j - start <= MOST_WORDS) longest(a.slice(start, i), b.slice(start, j), (x, y) => keep(start + x, start + y));
  return { first, second };
}

function longest(a, b, keep) {
  const width = b.length + 1;
  const length = new Uint16Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      const at = i * width + j;
      length[at] = a[i] === b[j] ? length[at + width + 1] + 1 : Math.max(length[at + width], length[at + 1]);
    }
  }
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    const at = i * width + j;
    if (a[i] === b[j]) keep(i++, j++);
    else if (length[at + width] >= length[at + 1]) i++;
    else j++;
  }
}

/** Neighbours of one kind joined; blanks between two changed words are changed with them. */
function pieces(list, kept) {
  const found = [];
  list.forEach((text, at) => {
    const isBridge = !text.trim() && found.at(-1)?.changed && at + 1 < list.length && !kept.has(at + 1);
    const changed = isBridge || (!kept.has(at) && Boolean(text.trim()));
    if (found.at(-1)?.changed === changed) found.at(-1).text += text;
    else found.push({ text, changed });
  });
  return found;
}

/** What to do, said kindly, where there are not two or three runs. */
export function inWords(ticked) {
  if (ticked === 0) return "Tick two or three runs in the table to see what they differ in.";
  if (ticked === 1) return "One run is ticked. Tick one or two more to see what they differ in.";
  return `${ticked.toLocaleString("en")} runs are ticked, and three at most stand beside each other. Untick some.`;
}
