import type { AddressRange, Family, IpAddress } from '@steelyard/ipam';

/** Finds the owner of an address. */
export interface RangeIndex<Owner> {
  /** The owner of the first range that has this address. */
  find(address: IpAddress): Owner | undefined;
}

/** Addresses from `first` up to the next segment. */
interface Segment<Owner> {
  readonly first: bigint;
  readonly owner: Owner | undefined;
}

/**
 * Makes ranges searchable in O(log n). They may overlap: an address belongs to the first in the list that has it.
 *
 * Takes O(n log n): the ends of all ranges cut the addresses into segments, each range takes those that are still
 * free, and a chain of "next free segment" skips what is taken.
 */
export function createRangeIndex<Owner>(
  ranges: readonly { readonly range: AddressRange; readonly owner: Owner }[],
): RangeIndex<Owner> {
  const segments: Record<Family, readonly Segment<Owner>[]> = { 4: segmentsOf(4, ranges), 6: segmentsOf(6, ranges) };
  return {
    find({ family, value }) {
      return segments[family][indexOf(segments[family], value)]?.owner;
    },
  };
}

function segmentsOf<Owner>(
  family: Family,
  all: readonly { readonly range: AddressRange; readonly owner: Owner }[],
): readonly Segment<Owner>[] {
  const ranges = all.filter(({ range }) => range.family === family);
  const ends = new Set(ranges.flatMap(({ range }) => [range.first, range.last + 1n]));
  const starts = [...ends].sort((a, b) => (a < b ? -1 : 1)).map((first) => ({ first, owner: undefined }));
  const owners = new Array<Owner | undefined>(starts.length);
  const next = starts.map((_, i) => i); // the first free segment from i on, by way of others
  for (const { range, owner } of ranges) {
    const end = indexOf(starts, range.last + 1n);
    for (let i = free(next, indexOf(starts, range.first)); i < end; i = free(next, i)) {
      owners[i] = owner;
      next[i] = i + 1;
    }
  }
  return starts.map(({ first }, i) => ({ first, owner: owners[i] }));
}

/** Follows the chain and shortens it on the way. */
function free(next: number[], from: number): number {
  let i = from;
  while (next[i] !== undefined && next[i] !== i) {
    const skipped = next[next[i] ?? i] ?? next[i] ?? i;
    next[i] = skipped;
    i = skipped;
  }
  return i;
}

/** The last segment that begins at or before `value`; -1 if there is none. */
function indexOf(segments: readonly { readonly first: bigint }[], value: bigint): number {
  let low = 0;
  let high = segments.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((segments[middle]?.first ?? 0n) <= value) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low - 1;
}
