// Scales from values to pixels, and round numbers to write at them.

/** From [low, high] to [start, end]. */
export function linear(low, high, start, end) {
  const step = high > low ? (end - start) / (high - low) : 0;
  return (value) => start + (value - low) * step;
}

/** Round numbers inside [low, high], about `count` of them and two at least; none where the range has no size or no end. */
export function ticks(low, high, count) {
  const raw = (high - low) / count;
  if (!(raw > 0) || !Number.isFinite(raw) || low + raw === low) return [];
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = power * [1, 2, 5, 10].find((size) => raw <= size * power * 1.0001);
  const found = [];
  for (let at = Math.ceil(low / step - 1e-9); at * step <= high + step * 1e-9; at++) {
    found.push(Number((at * step).toPrecision(12)));
  }
  return found.length < 2 && count < 40 ? ticks(low, high, 2 * count) : found;
}

/** Round numbers for a logarithmic scale over [low, high] (both above 0): powers of ten, with 2 and 5 where there is room. */
export function logTicks(low, high, count) {
  const powers = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power++) powers.push(power);
  const every = Math.max(1, Math.ceil((powers.length - 1) / count));
  const isInside = (value) => value >= low * (1 - 1e-9) && value <= high * (1 + 1e-9);
  const found = (sizes, chosen) => chosen.flatMap((power) => sizes.map((size) => size * 10 ** power)).filter(isInside);
  const close = powers.length < 20 ? found([1, 2, 5], powers) : powers;
  const inside = close.length <= 1.6 * count ? close : found([1], powers.filter((power) => power % every === 0));
  return inside.length < 2 ? ticks(low, high, count) : inside.map((value) => Number(value.toPrecision(12)));
}

/**
 * The scale of an axis {low, high} between two pixels, with its way `back`. Where all values are one it stands in
 * the middle; the ends come back exactly, so that a brush over everything leaves nobody out.
 */
export function scaleOf({ low, high }, isLog, start, end) {
  const into = isLog ? Math.log10 : Number;
  const place = linear(into(low), into(high), start, end);
  const scale = (value) => (high > low ? place(into(value)) : (start + end) / 2);
  scale.back = (pixel) => {
    const share = Math.max(0, Math.min(1, (pixel - start) / (end - start)));
    if (share === 0 || share === 1) return share ? high : low;
    const at = into(low) + share * (into(high) - into(low));
    return isLog ? 10 ** at : at;
  };
  return scale;
}
