import { type AddressRange, parseAddressRange } from '../address/address-range.ts';
import { goQuote } from '../address/go-quote.ts';
import { done, type Outcome, refused } from '../failure.ts';

/** A pool as somebody wrote it. */
export interface PoolSpec {
  readonly name: string;
  /** CIDRs and `start-end` ranges; the order is the order in which addresses are given out. */
  readonly addresses: readonly string[];
  /** Leaves out IPv4 addresses that end in 0 or 255. */
  readonly avoidBuggyIPs?: boolean;
  /** Present but not in force: who holds an address from it keeps it, and nothing new is given. */
  readonly frozen?: boolean;
  /**
   * Some of its addresses cannot be read, so that what it holds may be in no range of it. That is taken to be so anyway
   * if `addresses` is empty or has an entry that cannot be read.
   */
  readonly incomplete?: boolean;
}

/**
 * Reads the addresses of a pool.
 *
 * @returns The ranges in the order written, or the first thing that is wrong, in MetalLB's words.
 */
export function parsePool(pool: PoolSpec): Outcome<AddressRange[]> {
  if (pool.name === '') {
    return refused('ERR_IPAM_INVALID_POOL', 'missing pool name');
  }
  if (pool.addresses.length === 0) {
    return refused('ERR_IPAM_INVALID_POOL', 'pool has no prefixes defined');
  }
  const ranges: AddressRange[] = [];
  for (const text of pool.addresses) {
    const range = parseAddressRange(text);
    if (!range.ok) {
      const message = `invalid CIDR ${goQuote(text.slice(0, 256))} in pool ${goQuote(pool.name)}: ${range.failure.message}`;
      return refused('ERR_IPAM_INVALID_RANGE', message);
    }
    ranges.push(range.value);
  }
  return done(ranges);
}

/** The ranges of a pool that can be read, whatever stands beside them. */
export function readableRanges(pool: PoolSpec): AddressRange[] {
  return pool.addresses.flatMap((text) => {
    const range = parseAddressRange(text);
    return range.ok ? [range.value] : [];
  });
}
