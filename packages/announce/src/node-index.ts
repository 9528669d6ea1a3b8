import type { ResolvedL2Advertisement } from '@steelyard/config';
import type { Layer2Options, NodeIndex } from './decide-layer2.ts';
import type { NodeView } from './node-view.ts';
import { type Reach, reachOf, sameRole } from './reach.ts';

/** What is kept of the nodes, until one of them changes in a way that counts. */
export interface KeptNodeIndex extends NodeIndex {
  /** Whether all that was found out so far holds although a Node has changed: most labels select nothing. */
  holdsAfter(before: NodeView, after: NodeView): boolean;
}

/**
 * Looks at the nodes once for each set of advertisements, however many Services it is for.
 *
 * @param nodes - Read when a set is first asked for.
 */
export function createNodeIndex(nodes: ReadonlyMap<string, NodeView>, options: Layer2Options): KeptNodeIndex {
  const addresses = new Set([...nodes.values()].flatMap((node) => node.addresses));
  const found = new Map<
    string,
    { readonly advertisements: readonly ResolvedL2Advertisement[]; readonly reach: Reach }
  >();
  const numbers = new Map<ResolvedL2Advertisement, number>();
  const numberOf = (advertisement: ResolvedL2Advertisement): number => {
    const number = numbers.get(advertisement) ?? numbers.size;
    numbers.set(advertisement, number);
    return number;
  };
  return {
    reachOf(advertisements) {
      const key = advertisements.map(numberOf).join();
      const known = found.get(key) ?? { advertisements, reach: reachOf(advertisements, nodes, options) };
      found.set(key, known);
      return known.reach;
    },
    hasAddress: (address) => addresses.has(address),
    holdsAfter: (before, after) =>
      String(before.addresses) === String(after.addresses) &&
      [...found.values()].every(({ advertisements }) => sameRole(before, after, advertisements, options)),
  };
}
