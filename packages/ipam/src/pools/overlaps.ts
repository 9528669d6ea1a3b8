import type { Family } from '../address/address.ts';
import { type AddressRange, type Cidr, cidrsOf, formatCidr } from '../address/address-range.ts';
import { goQuote } from '../address/go-quote.ts';
import { createOrderedTree, type OrderedTree } from '../collections/ordered-tree.ts';

/** Two pools (or one, twice) that claim the same address. */
export interface Overlap {
  /** The pool that came later. */
  readonly pool: string;
  readonly cidr: string;
  /** The pool that had the addresses first. */
  readonly definedIn: string;
  readonly definedCidr: string;
  /** MetalLB's words. */
  readonly message: string;
}

interface Defined {
  readonly pool: string;
  readonly range: AddressRange;
  readonly order: number;
}

function overlapping(a: Cidr, b: Cidr): boolean {
  return a.first <= b.last && b.first <= a.last;
}

/** Names the first CIDR of `range` that meets one already defined, as MetalLB's loop would. */
function describe(pool: string, range: AddressRange, others: readonly Defined[]): Overlap | undefined {
  const inOrder = [...others].sort((a, b) => a.order - b.order);
  for (const cidr of cidrsOf(range)) {
    for (const other of inOrder) {
      const met = cidrsOf(other.range).find((defined) => overlapping(cidr, defined));
      if (met !== undefined) {
        const [text, definedText] = [formatCidr(cidr), formatCidr(met)];
        return {
          pool,
          cidr: text,
          definedIn: other.pool,
          definedCidr: definedText,
          message: `CIDR ${goQuote(text)} in pool ${goQuote(pool)} overlaps with already defined CIDR ${goQuote(definedText)}`,
        };
      }
    }
  }
  return undefined;
}

/** As many colliding ranges as are looked at to find the one to name: enough to be exact in any real configuration. */
const MAX_COLLISIONS = 64;

/**
 * Finds the pools that claim addresses which another pool has already.
 *
 * The order of the list is the order of precedence: put the older pool first and it stands. A pool that loses defines
 * nothing, so it takes no third pool with it. At most one overlap is reported for each pool.
 */
export function findOverlaps(
  pools: readonly { readonly name: string; readonly ranges: readonly AddressRange[] }[],
): Overlap[] {
  const operations = { count: 0 };
  const byFirst: Record<Family, OrderedTree<Defined>> = {
    4: createOrderedTree(operations, () => undefined),
    6: createOrderedTree(operations, () => undefined),
  };
  const found: Overlap[] = [];
  let order = 0;

  /** What stands is disjoint: what meets a range begins in it, or is the last one to begin before it. */
  function collisions(range: AddressRange): Defined[] {
    const tree = byFirst[range.family];
    const met: Defined[] = [];
    const before = tree.floor(range.first)?.value;
    if (before !== undefined && before.range.last >= range.first) {
      met.push(before);
    }
    let next = tree.ceiling(range.first + 1n)?.value;
    while (next !== undefined && next.range.first <= range.last && met.length < MAX_COLLISIONS) {
      met.push(next);
      next = tree.ceiling(next.range.first + 1n)?.value;
    }
    return met;
  }

  for (const pool of pools) {
    const added: AddressRange[] = [];
    for (const range of pool.ranges) {
      const overlap = describe(pool.name, range, collisions(range));
      if (overlap !== undefined) {
        found.push(overlap);
        for (const own of added) {
          byFirst[own.family].delete(own.first);
        }
        break;
      }
      byFirst[range.family].set(range.first, { pool: pool.name, range, order: order++ });
      added.push(range);
    }
  }
  return found;
}
