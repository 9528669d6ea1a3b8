import { goQuote } from '@steelyard/ipam';
import { type ObjectReference, type Problem, problemOf } from '../problem/problem.ts';
import { type Labels, matchesAnyLabelSelector, type ParsedLabelSelector } from '../selectors/label-selector.ts';

/** What attaching needs to know of a pool. */
export interface AdvertisedPool {
  readonly name: string;
  readonly labels: Labels;
}

/** What attaching needs to know of an advertisement. */
interface PoolTarget {
  readonly object: ObjectReference;
  readonly poolNames: ReadonlySet<string>;
  readonly poolSelectors: readonly ParsedLabelSelector[];
}

/**
 * Finds the advertisements of each pool: by name and by selector together, each once; all pools where an advertisement
 * has neither. They stay in the order in which they are given.
 */
export function attachToPools<T extends PoolTarget>(
  advertisements: readonly T[],
  pools: readonly AdvertisedPool[],
): ReadonlyMap<string, readonly T[]> {
  const position = new Map(advertisements.map((advertisement, i) => [advertisement, i]));
  const inOrder = (a: T, b: T): number => (position.get(a) ?? 0) - (position.get(b) ?? 0);
  const everywhere = advertisements.filter((a) => a.poolNames.size === 0 && a.poolSelectors.length === 0);
  const selecting = advertisements.filter((a) => a.poolSelectors.length > 0);
  const known = new Set(pools.map(({ name }) => name));
  const named = new Map<string, T[]>();
  for (const advertisement of advertisements) {
    for (const name of advertisement.poolNames) {
      if (known.has(name)) {
        const own = named.get(name);
        if (own === undefined) {
          named.set(name, [advertisement]);
        } else {
          own.push(advertisement);
        }
      }
    }
  }
  return new Map(
    pools.map(({ name, labels }) => {
      const bySelector = selecting.filter((a) => matchesAnyLabelSelector(a.poolSelectors, labels));
      const all = new Set([...everywhere, ...bySelector, ...(named.get(name) ?? [])]);
      return [name, all.size === everywhere.length ? everywhere : [...all].sort(inOrder)];
    }),
  );
}

/** Says which pools advertisements name that do not exist. */
export function unknownPools(
  advertisements: readonly PoolTarget[],
  pools: ReadonlyMap<string, unknown>,
): readonly Problem[] {
  return advertisements.flatMap(({ object, poolNames }) =>
    [...poolNames]
      .filter((name) => !pools.has(name))
      .map((name) =>
        problemOf(object, {
          severity: 'warning',
          field: 'spec.ipAddressPools',
          value: name,
          code: 'ERR_CONFIG_UNKNOWN_POOL',
          message: `unknown pool ${goQuote(name)}`,
          remedy: 'create the pool, or take its name out',
        }),
      ),
  );
}
