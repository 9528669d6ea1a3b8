/** What many measurements of one thing come to. */
export interface Summary {
  readonly count: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}

/**
 * The smallest value such that `percent` of all values are no greater (nearest rank): always one that was measured.
 *
 * @param ascending - Sorted, and not empty.
 */
export function percentile(ascending: readonly number[], percent: number): number {
  const rank = Math.max(1, Math.ceil((percent / 100) * ascending.length));
  const value = ascending[rank - 1];
  if (value === undefined) throw new RangeError(`no percentile ${percent} of ${ascending.length} values`);
  return value;
}

/** Summarizes values, rounded to `digits`; undefined where there are none. */
export function summarize(values: readonly number[], digits = 1): Summary | undefined {
  if (values.length === 0) return undefined;
  const ascending = values.toSorted((a, b) => a - b);
  const at = (percent: number): number => rounded(percentile(ascending, percent), digits);
  return { count: ascending.length, p50: at(50), p95: at(95), p99: at(99), max: at(100) };
}

/** Rounds to so many digits after the point. */
export function rounded(value: number, digits = 1): number {
  return Number(value.toFixed(digits));
}
