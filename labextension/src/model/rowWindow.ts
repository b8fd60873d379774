// Which rows of a long list are in the page: those in view and a few around them.

export interface RowWindow {
  /** The first row, and the one after the last. */
  readonly first: number;
  readonly last: number;
}

const AROUND = 5;

/**
 * The rows to draw.
 *
 * @param top how far it is scrolled, `height` how much is seen, `row` the height of one row: all in pixels.
 */
export function rowsIn(top: number, height: number, row: number, total: number): RowWindow {
  const first = Math.max(0, Math.min(Math.floor(top / row) - AROUND, total - 1));
  return { first, last: Math.min(total, Math.ceil((top + height) / row) + AROUND) };
}

/** Where to scroll so that a row is seen whole, moving as little as possible. */
export function scrolledTo(at: number, top: number, height: number, row: number): number {
  const [start, end] = [at * row, (at + 1) * row];
  return start < top ? start : end > top + height ? end - height : top;
}

/** The row that a key leads to from `at` (-1: none yet); null for keys that lead nowhere. */
export function rowAfter(key: string, at: number, total: number, page: number): number | null {
  const steps: Record<string, number> = {
    ArrowDown: at + 1,
    ArrowUp: at - 1,
    PageDown: at + page,
    PageUp: at - page,
    Home: 0,
    End: total - 1
  };
  const to = steps[key];
  return to === undefined || total === 0 ? null : Math.max(0, Math.min(to, total - 1));
}
