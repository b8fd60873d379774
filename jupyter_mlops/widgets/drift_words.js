// A drift report's figures and verdicts in words, the same as the static table's.

const NONE = "–";
const NAME_LIMIT = 60;
const TITLE_LIMIT = 500;

const absent = (value) => value === null || value === undefined;

/** User text on one line: no control characters, no direction overrides; the joiner builds emoji and stays. */
export function plainText(text, limit = NAME_LIMIT) {
  const head = String(text).slice(0, 4 * TITLE_LIMIT); // enough to show, however long the name
  const tail = text.length > head.length ? `…${String(text).slice(-TITLE_LIMIT)}` : "";
  const line = (head + tail).replace(/(?!\u200d)[\p{Cc}\p{Cf}\p{Cs}]/gu, " ").replace(/\s+/g, " ").trim();
  return cutMiddle(line, limit) || "(blank)";
}

/** Three decimals, as effects between 0 and 1 need. */
export const effectText = (value) => (absent(value) ? NONE : value.toFixed(3));

/** Four significant digits; whole and large numbers with separators. */
export function figureText(value) {
  if (absent(value)) return NONE;
  const size = Math.abs(value);
  if (Number.isInteger(value) && size < 1e15) return value.toLocaleString("en");
  if (size >= 999.5 && size < 1e9) return Math.round(value).toLocaleString("en");
  return size < 1e-4 || size >= 1e9 ? value.toExponential(2) : String(Number(value.toPrecision(4)));
}

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
