// How names and figures read in every widget: on one line, without what could disguise them, and short.

import { cutMiddle } from "./dom.js";

const NAME_LIMIT = 60;
export const NONE = "–";
export const TITLE_LIMIT = 500;

/** True where a document of ours has no value. */
export const absent = (value) => value === null || value === undefined;

/** User text on one line: no control characters, no direction overrides; the joiner builds emoji and stays. */
export function plainText(text, limit = NAME_LIMIT) {
  const head = String(text).slice(0, 4 * TITLE_LIMIT); // enough to show, however long the name
  const tail = text.length > head.length ? `…${String(text).slice(-TITLE_LIMIT)}` : "";
  const line = (head + tail).replace(/(?!\u200d)[\p{Cc}\p{Cf}\p{Cs}]/gu, " ").replace(/\s+/g, " ").trim();
  return cutMiddle(line, limit) || "(blank)";
}

/** Four significant digits; whole and large numbers with separators. */
export function figureText(value) {
  if (absent(value)) return NONE;
  const size = Math.abs(value);
  if (Number.isInteger(value) && size < 1e15) return value.toLocaleString("en");
  if (size >= 999.5 && size < 1e9) return Math.round(value).toLocaleString("en");
  return size < 1e-4 || size >= 1e9 ? value.toExponential(2) : String(Number(value.toPrecision(4)));
}
