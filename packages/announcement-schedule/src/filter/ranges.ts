/** Values from `first` to `last`, both included. */
export interface ValueRange<Value> {
  readonly first: Value;
  readonly last: Value;
}

/**
 * The smallest set of disjoint, sorted ranges that holds exactly these values: neighbours become one range.
 *
 * @param sorted - From the smallest to the largest; one that comes twice counts once.
 * @param joins - Whether a value is the same as `last` or the next one after it.
 */
export function exactRanges<Value>(
  sorted: Iterable<Value>,
  joins: (last: Value, value: Value) => boolean,
): ValueRange<Value>[] {
  const ranges: { first: Value; last: Value }[] = [];
  let current: { first: Value; last: Value } | undefined;
  for (const value of sorted) {
    if (current !== undefined && joins(current.last, value)) current.last = value;
    else {
      current = { first: value, last: value };
      ranges.push(current);
    }
  }
  return ranges;
}

/**
 * Merges the ranges that lie closest together until at most `limit` are left. What results holds all the values that
 * `ranges` hold, and as few others as any `limit` ranges can.
 *
 * Ranges and not prefixes: two comparisons test either, and a range need not begin at a multiple of its size.
 *
 * @param ranges - Disjoint and sorted, as `exactRanges` returns them.
 * @param gap - How far `first` lies behind `last`.
 * @throws RangeError when `limit` is less than 1.
 */
export function coveringRanges<Value>(
  ranges: readonly ValueRange<Value>[],
  limit: number,
  gap: (last: Value, first: Value) => number,
): ValueRange<Value>[] {
  if (limit < 1) throw new RangeError(`at least one range is needed, got a limit of ${limit}`);
  if (ranges.length <= limit) return [...ranges];
  const gaps: number[] = [];
  for (const [i, { first }] of ranges.entries()) {
    const before = ranges[i - 1];
    if (before !== undefined) gaps.push(gap(before.last, first));
  }
  // The limit - 1 widest gaps stay.
  const kept = Array.from(gaps, (_, i) => i)
    .sort((a, b) => (gaps[b] ?? 0) - (gaps[a] ?? 0))
    .slice(0, limit - 1)
    .sort((a, b) => a - b);
  const covering: ValueRange<Value>[] = [];
  let start = ranges[0];
  for (const end of [...kept, ranges.length - 1]) {
    const last = ranges[end];
    if (start !== undefined && last !== undefined) covering.push({ first: start.first, last: last.last });
    start = ranges[end + 1];
  }
  return covering;
}
