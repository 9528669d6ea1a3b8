import { mayAllocateFrom, mayHoldFrom, type ParsedConfig, type Pool } from '@steelyard/config';
import type { PoolSpec } from '@steelyard/ipam';
import type { ServiceView } from '../service/service-view.ts';

/** The part of a configuration that assigning addresses depends on. An empty one says: there are no pools. */
export type AssignConfig = Pick<ParsedConfig, 'completeness' | 'pools'>;

/** The pools that are pinned to a Service, in the order in which they are tried. */
export interface PinnedPools {
  readonly pools: readonly Pool[];
  /** Their names. The same list for Services that are alike, as far as that is seen without a search. */
  readonly names: readonly string[];
}

/** The pools of a configuration in the orders in which they are tried. */
export interface OrderedPools {
  readonly byName: ReadonlyMap<string, Pool>;
  /** All pools there are. If not, nothing follows from an address being in none. */
  readonly complete: boolean;
  /** Picked by themselves, for the Services that they name: by priority, 0 last, then by name. */
  pinnedFor(service: ServiceView): PinnedPools;
  /** Picked by themselves, for everybody: by name. MetalLB takes any. */
  readonly general: readonly Pool[];
}

/** A `serviceAllocation.priority` of 0 is the last, whatever numbers the others have. */
function rank(pool: Pool): number {
  const priority = pool.serviceAllocation?.priority ?? 0;
  return priority > 0 ? priority : Number.POSITIVE_INFINITY;
}

function byPriorityThenName(a: Pool, b: Pool): number {
  const [first, second] = [rank(a), rank(b)];
  if (first !== second) {
    return first < second ? -1 : 1;
  }
  return a.name < b.name ? -1 : 1;
}

function namesOf(pools: readonly Pool[]): PinnedPools {
  return { pools, names: pools.map(({ name }) => name) };
}

/** Finds the pinned pools of a Service without going through those of other namespaces. */
function indexPinned(pinned: readonly Pool[]): OrderedPools['pinnedFor'] {
  const everywhere: Pool[] = [];
  const elsewhere = new Map<string, Pool[]>();
  for (const pool of pinned) {
    const namespaces = pool.serviceAllocation?.namespaces;
    if (typeof namespaces === 'object') {
      for (const namespace of namespaces) {
        const pools = elsewhere.get(namespace) ?? [];
        elsewhere.set(namespace, pools);
        pools.push(pool);
      }
    } else {
      everywhere.push(pool);
    }
  }
  const everybody = namesOf(everywhere);
  const byNamespace = new Map<string, PinnedPools>();
  return (service) => {
    const own = elsewhere.get(service.namespace);
    let here = own === undefined ? everybody : byNamespace.get(service.namespace);
    if (here === undefined) {
      here = namesOf([...(own ?? []), ...everywhere].sort(byPriorityThenName));
      byNamespace.set(service.namespace, here);
    }
    const admitting = here.pools.filter((pool) => admits(pool, service));
    return admitting.length === here.pools.length ? here : namesOf(admitting);
  };
}

/** Sorts the pools of a configuration, once, for all Services. */
export function orderPools(config: AssignConfig): OrderedPools {
  const automatic = [...config.pools.values()]
    .filter((pool) => pool.autoAssign && !pool.frozen)
    .sort(byPriorityThenName);
  return {
    byName: config.pools,
    complete: config.completeness === 'complete',
    pinnedFor: indexPinned(automatic.filter((pool) => pool.serviceAllocation !== undefined)),
    general: automatic.filter((pool) => pool.serviceAllocation === undefined),
  };
}

/** Whether a Service may be given an address of a pool, as far as the pool's rule says. */
export function admits(pool: Pool, service: ServiceView): boolean {
  return mayAllocateFrom(pool, service);
}

/**
 * Whether a Service may keep an address that it has from a pool: of one that is not in force nobody is turned out.
 *
 * @param pool - `undefined` for one that could not be read.
 */
export function mayKeep(pool: Pool | undefined, service: ServiceView): boolean {
  return pool === undefined || mayHoldFrom(pool, service);
}

/** The pools as the allocator takes them. */
export function poolSpecs(config: AssignConfig): PoolSpec[] {
  return [...config.pools.values()].map(({ name, addresses, avoidBuggyIps, frozen, incomplete }) => ({
    name,
    addresses,
    avoidBuggyIPs: avoidBuggyIps,
    frozen,
    incomplete,
  }));
}
