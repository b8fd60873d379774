// Numbers in a row: the values of a metric over steps, smoothed, and the best so far.

const SECOND = 1000; // ms

/**
 * The exponential moving average of `values` with `weight` on the past (0 to below 1), corrected for its start as
 * in Kingma and Ba (2015), section 3. Missing values stay missing and are skipped.
 */
export function smoothed(values, weight) {
  let [sum, past] = [0, 1];
  return values.map((value) => {
    if (!Number.isFinite(value)) return NaN;
    sum = weight * sum + (1 - weight) * value;
    past *= weight;
    return sum / (1 - past);
  });
}

/** For each value the best up to there; NaN before the first. */
export function bestSoFar(values, isLower) {
  let best = NaN;
  return values.map((value) => {
    if (Number.isFinite(value) && !(isLower ? value >= best : value <= best)) best = value;
    return best;
  });
}

/** The place in `sorted` whose value is nearest to `target`; -1 where there is none. */
export function nearestAt(sorted, target) {
  let [from, to] = [0, sorted.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if (sorted[middle] < target) from = middle + 1;
    else to = middle;
  }
  if (from === sorted.length) return from - 1;
  return from > 0 && target - sorted[from - 1] <= sorted[from] - target ? from - 1 : from;
}

/**
 * A run's history as a line: `x` (steps, or with `byTime` seconds since the run's first value) in order, `raw` values
 * (NaN where there is none) and `values`, smoothed with `weight`.
 */
export function lineOf({ row, steps, values, times }, byTime, weight) {
  const first = times.reduce((least, time) => Math.min(least, time), Infinity);
  const at = byTime ? times.map((time) => (time - first) / SECOND) : steps;
  const order = at.map((_, i) => i).sort((a, b) => at[a] - at[b] || a - b);
  const raw = order.map((i) => values[i] ?? NaN);
  return { row, x: order.map((i) => at[i]), raw, values: weight > 0 ? smoothed(raw, weight) : raw };
}
