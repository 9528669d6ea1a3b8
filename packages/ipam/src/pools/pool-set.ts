import type { Family, IpAddress } from '../address/address.ts';
import type { AddressRange } from '../address/address-range.ts';
import type { OperationCounter } from '../collections/ordered-tree.ts';
import { isVast } from '../counters.ts';
import { findOverlaps } from './overlaps.ts';
import { type PoolSpec, parsePool, readableRanges } from './pool.ts';
import { createPoolLine, type PoolLine, type Segment } from './pool-line.ts';

/** A pool as the allocator keeps it. */
export interface Pool {
  readonly name: string;
  readonly frozen: boolean;
  /** Frozen, and what it holds may be in none of its ranges. */
  readonly incomplete: boolean;
  readonly ranges: readonly AddressRange[];
  /** One of its CIDRs is of those that MetalLB does not count. */
  readonly vastIpv6: boolean;
  /** For a pool in force: its addresses in order, by family. */
  readonly lines: Readonly<Record<Family, PoolLine>>;
}

/** Where an address stands in a pool that is in force. */
export interface Place {
  readonly pool: Pool;
  readonly line: PoolLine;
  readonly rank: bigint;
}

/** A pool that was to be in force and cannot be: it was frozen instead. */
export interface PoolProblem {
  readonly pool: string;
  readonly code: 'ERR_IPAM_INVALID_RANGE' | 'ERR_IPAM_INVALID_POOL' | 'ERR_IPAM_OVERLAP';
  readonly message: string;
}

/** All pools of one configuration. */
export interface PoolSet {
  readonly byName: ReadonlyMap<string, Pool>;
  readonly problems: readonly PoolProblem[];
  /** The place of an address on the line of a pool in force. */
  placeOf(address: IpAddress): Place | undefined;
  /** A frozen pool in whose readable ranges an address lies. */
  frozenPoolOf(address: IpAddress): Pool | undefined;
}

/** What is looked up by address: disjoint, ascending. */
interface IndexedRange<T> {
  readonly first: bigint;
  readonly last: bigint;
  readonly in: T;
}

function lookUp<T>(
  index: readonly IndexedRange<T>[],
  value: bigint,
  operations: OperationCounter,
): IndexedRange<T> | undefined {
  let low = 0;
  let high = index.length;
  while (low < high) {
    operations.count++;
    const middle = (low + high) >> 1;
    const candidate = index[middle];
    if (candidate !== undefined && candidate.last < value) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  const found = index[low];
  return found !== undefined && found.first <= value ? found : undefined;
}

/** Sorts ranges by their first address, and cuts from each what an earlier one has: frozen pools may overlap. */
function disjoint<T>(ranges: readonly IndexedRange<T>[]): IndexedRange<T>[] {
  const index: IndexedRange<T>[] = [];
  let next = 0n;
  for (const range of [...ranges].sort((a, b) => (a.first < b.first ? -1 : a.first > b.first ? 1 : 0))) {
    if (range.last >= next) {
      index.push({ ...range, first: range.first > next ? range.first : next });
      next = range.last + 1n;
    }
  }
  return index;
}

/** Brings a list of pools into force; what is invalid or overlaps an earlier one is frozen. */
export function createPoolSet(specs: readonly PoolSpec[], operations: OperationCounter): PoolSet {
  const problems: PoolProblem[] = [];
  const inForce = new Map<string, AddressRange[]>();
  const seen = new Set<string>();
  for (const spec of specs) {
    if (seen.has(spec.name)) {
      throw new RangeError(`two pools are named ${JSON.stringify(spec.name)}`);
    }
    seen.add(spec.name);
    const ranges = spec.frozen === true ? undefined : parsePool(spec);
    if (ranges?.ok) {
      inForce.set(spec.name, ranges.value);
    } else if (ranges !== undefined) {
      const code = ranges.failure.code === 'ERR_IPAM_INVALID_RANGE' ? ranges.failure.code : 'ERR_IPAM_INVALID_POOL';
      problems.push({ pool: spec.name, code, message: ranges.failure.message });
    }
  }
  for (const overlap of findOverlaps([...inForce].map(([name, ranges]) => ({ name, ranges })))) {
    inForce.delete(overlap.pool);
    problems.push({ pool: overlap.pool, code: 'ERR_IPAM_OVERLAP', message: overlap.message });
  }

  const byName = new Map<string, Pool>();
  const segments: Record<Family, IndexedRange<{ pool: Pool; segment: Segment }>[]> = { 4: [], 6: [] };
  const frozen: Record<Family, IndexedRange<Pool>[]> = { 4: [], 6: [] };
  for (const spec of specs) {
    const ranges = inForce.get(spec.name);
    const line = (family: Family) =>
      createPoolLine(
        (ranges ?? []).filter((range) => range.family === family),
        spec.avoidBuggyIPs === true,
        operations,
      );
    const readable = ranges ?? readableRanges(spec);
    const unread = spec.incomplete === true || readable.length < Math.max(spec.addresses.length, 1);
    const pool: Pool = {
      name: spec.name,
      frozen: ranges === undefined,
      incomplete: ranges === undefined && unread,
      ranges: readable,
      vastIpv6: readable.some((range) => range.family === 6 && isVast(range)),
      lines: { 4: line(4), 6: line(6) },
    };
    byName.set(pool.name, pool);
    for (const family of [4, 6] as const) {
      for (const segment of pool.lines[family].segments) {
        segments[family].push({ first: segment.range.first, last: segment.range.last, in: { pool, segment } });
      }
    }
    for (const range of pool.frozen ? pool.ranges : []) {
      frozen[range.family].push({ first: range.first, last: range.last, in: pool });
    }
  }
  const segmentIndex: Record<Family, IndexedRange<{ pool: Pool; segment: Segment }>[]> = {
    4: disjoint(segments[4]),
    6: disjoint(segments[6]),
  };
  const frozenIndex: Record<Family, IndexedRange<Pool>[]> = { 4: disjoint(frozen[4]), 6: disjoint(frozen[6]) };

  return {
    byName,
    problems,
    placeOf({ family, value }) {
      const found = lookUp(segmentIndex[family], value, operations)?.in;
      if (found === undefined) {
        return undefined;
      }
      const line = found.pool.lines[family];
      const rank = line.rankOf(found.segment, value);
      return rank === undefined ? undefined : { pool: found.pool, line, rank };
    },
    frozenPoolOf: ({ family, value }) => lookUp(frozenIndex[family], value, operations)?.in,
  };
}
