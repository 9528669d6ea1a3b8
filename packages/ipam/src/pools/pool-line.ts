import type { AddressRange } from '../address/address-range.ts';
import { createIntervalSet, type IntervalSet } from '../collections/interval-set.ts';
import type { OperationCounter } from '../collections/ordered-tree.ts';
import { createSharingCandidates, type Sharing, type SharingCandidates } from '../sharing.ts';

/** One range of a pool, and where on the line it begins. */
export interface Segment {
  readonly range: AddressRange;
  readonly firstRank: bigint;
  /** How many of its addresses may be given out. */
  readonly size: bigint;
}

/**
 * The addresses of one family of a pool in the order in which they are given out, numbered from 0 without a gap: range
 * after range as written, ascending in each. Addresses that `avoidBuggyIPs` leaves out have no number, so that nothing
 * ever has to step over them.
 */
export interface PoolLine {
  readonly segments: readonly Segment[];
  readonly capacity: bigint;
  readonly held: IntervalSet;
  readonly candidates: SharingCandidates;
  /** The rank of an address inside `segment`; `undefined` if it is one that is avoided. */
  rankOf(segment: Segment, value: bigint): bigint | undefined;
  addressAt(rank: bigint): bigint;
  /** The rank of the first address that is free or that `sharing` may share. */
  lowestAvailable(sharing: Sharing): bigint | undefined;
}

/** Whether some equipment takes an IPv4 address for a network's or broadcast address: it ends in 0 or 255. */
function isBuggy(range: { readonly family: 4 | 6 }, value: bigint): boolean {
  const low = value & 0xffn;
  return range.family === 4 && (low === 0n || low === 255n);
}

/** How many addresses below `value` end in neither 0 nor 255. */
function unbuggyBelow(value: bigint): bigint {
  const low = value & 0xffn;
  return (value >> 8n) * 254n + (low === 0n ? 0n : low - 1n);
}

/** The address that has `count` such addresses below it and is one itself. */
function unbuggyAt(count: bigint): bigint {
  return ((count / 254n) << 8n) + (count % 254n) + 1n;
}

/** Lays the ranges of one family on a line. */
export function createPoolLine(
  ranges: readonly AddressRange[],
  avoidBuggyIps: boolean,
  operations: OperationCounter,
): PoolLine {
  const avoids = (range: AddressRange) => avoidBuggyIps && range.family === 4;
  const segments: Segment[] = [];
  let capacity = 0n;
  for (const range of ranges) {
    const size = avoids(range)
      ? unbuggyBelow(range.last + 1n) - unbuggyBelow(range.first)
      : range.last - range.first + 1n;
    segments.push({ range, firstRank: capacity, size });
    capacity += size;
  }
  const held = createIntervalSet(operations);
  const candidates = createSharingCandidates(operations);

  function segmentAt(rank: bigint): Segment {
    let low = 0;
    let high = segments.length - 1;
    while (low < high) {
      operations.count++;
      const middle = (low + high + 1) >> 1;
      const segment = segments[middle];
      if (segment !== undefined && segment.firstRank <= rank) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    const segment = segments[low];
    if (segment === undefined || rank < 0n || rank >= capacity) {
      throw new RangeError(`rank ${rank} is not on a line of ${capacity} addresses`);
    }
    return segment;
  }

  return {
    segments,
    capacity,
    held,
    candidates,
    rankOf(segment, value) {
      const { range, firstRank } = segment;
      if (!avoids(range)) {
        return firstRank + value - range.first;
      }
      return isBuggy(range, value) ? undefined : firstRank + unbuggyBelow(value) - unbuggyBelow(range.first);
    },
    addressAt(rank) {
      const { range, firstRank } = segmentAt(rank);
      const offset = rank - firstRank;
      return avoids(range) ? unbuggyAt(unbuggyBelow(range.first) + offset) : range.first + offset;
    },
    lowestAvailable(sharing) {
      const free = held.size < capacity ? held.lowestAbsent() : capacity;
      const limit = free < capacity ? free : capacity;
      return candidates.lowest(sharing, limit) ?? (free < capacity ? free : undefined);
    },
  };
}
