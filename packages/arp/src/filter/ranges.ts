/** IPv4 addresses from `first` to `last`, both included, as unsigned 32-bit numbers. */
export interface Ipv4Range {
  readonly first: number;
  readonly last: number;
}

/**
 * The smallest set of disjoint, sorted ranges that holds exactly these addresses: neighbours become one range.
 *
 * @param addresses - In any order; one that comes twice counts once.
 */
export function exactRanges(addresses: Iterable<number>): Ipv4Range[] {
  const sorted = Uint32Array.from(addresses).sort();
  const ranges: { first: number; last: number }[] = [];
  let current: { first: number; last: number } | undefined;
  for (const address of sorted) {
    if (current !== undefined && address <= current.last + 1) current.last = address;
    else {
      current = { first: address, last: address };
      ranges.push(current);
    }
  }
  return ranges;
}

/**
 * Merges the ranges that lie closest together until at most `limit` are left. What results holds all the addresses
 * that `ranges` hold, and as few others as any `limit` ranges can.
 *
 * Ranges and not prefixes: two comparisons test either, and a range need not begin at a multiple of its size.
 *
 * @param ranges - Disjoint and sorted, as `exactRanges` returns them.
 */
export function coveringRanges(ranges: readonly Ipv4Range[], limit: number): Ipv4Range[] {
  if (limit < 1) throw new RangeError(`at least one range is needed, got a limit of ${limit}`);
  if (ranges.length <= limit) return [...ranges];
  const gapAfter = (i: number): number => (ranges[i + 1]?.first ?? 0) - (ranges[i]?.last ?? 0);
  // The limit - 1 widest gaps stay.
  const kept = Array.from({ length: ranges.length - 1 }, (_, i) => i)
    .sort((a, b) => gapAfter(b) - gapAfter(a))
    .slice(0, limit - 1)
    .sort((a, b) => a - b);
  const covering: Ipv4Range[] = [];
  let start = 0;
  for (const end of [...kept, ranges.length - 1]) {
    covering.push({ first: ranges[start]?.first ?? 0, last: ranges[end]?.last ?? 0 });
    start = end + 1;
  }
  return covering;
}
