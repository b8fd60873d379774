// A drift report's figures and verdicts in words, the same as the static table's.

import { NONE, absent, figureText } from "./words.js";

/** Three decimals, as effects between 0 and 1 need. */
export const effectText = (value) => (absent(value) ? NONE : value.toFixed(3));

export function pText(value) {
  if (absent(value)) return NONE;
  return value < 0.001 ? "<0.001" : value.toFixed(3);
}

/** A share in per cent; small ones are not rounded to nothing. */
export function shareText(value) {
  if (absent(value)) return NONE;
  return value === 0 ? "0 %" : value < 0.001 ? "<0.1 %" : `${(100 * value).toFixed(1)} %`;
}

/** Both ends with an arrow; one where both read the same or one side has none. */
export function changeText(before, after) {
  const ends = [before, after].filter((value) => !absent(value)).map(shareText);
  return [...new Set(ends)].join(" → ") || NONE;
}

/** Why a column has its verdict, as one sentence. */
export function whyText(row, limits) {
  const about = row.reason ? row.reason[0].toUpperCase() + row.reason.slice(1) : "";
  if (absent(row.effect)) return `${about || "Nothing could be measured"}.`;
  const effect = `${row.effect_name} ${effectText(row.effect)}`;
  const limit = figureText(row.limit);
  const certain = row.p_adjusted < limits.alpha;
  const p = `adjusted p (${pText(row.p_adjusted)}) is ${certain ? "below" : "not below"} ${limits.alpha}`;
  const start = about ? `${about}: ${effect}` : effect;
  if (row.effect >= row.limit) return `${start} reaches its limit ${limit}, ${certain ? "and" : "but"} ${p}.`;
  if (row.verdict === "watch") return `${start} is over half its limit ${limit}, and ${p}.`;
  return `${start} is below its limit ${limit}; ${p}.`;
}
