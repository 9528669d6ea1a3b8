import type { Namespaces, PoolRule, StoredPool, StoredService } from '../world/objects.ts';

/** A pool as the rules see it. */
export interface JudgedPool {
  readonly name: string;
  readonly autoAssign: boolean;
  /** Named by its rule are some Services only: it is tried before those for everybody. */
  readonly pinned: boolean;
  /** What it may give, or, if it is not in force, what can be read of it. */
  readonly addresses: readonly string[];
  admits(service: StoredService): boolean;
}

/** The pools of a cluster: those that give, and those of which only holders keep what they have. */
export interface JudgedPools {
  readonly inForce: readonly JudgedPool[];
  readonly frozen: readonly JudgedPool[];
  /** The names of pools of which something cannot be read: any address may be theirs. */
  readonly unread: ReadonlySet<string>;
}

/** Ends in 0 or 255 (metallb-behaviour 1.1, avoidBuggyIPs). */
function isBuggy(address: string): boolean {
  return /\.(0|255)$/.test(address);
}

/** Who may use a pool: of what the rule names, one of each kind must fit (metallb-behaviour 3.3). */
function admits(rule: PoolRule | undefined, namespaces: Namespaces, { metadata }: StoredService): boolean {
  if (rule === undefined) return true;
  const { namespace, labels } = metadata;
  const restricted = rule.namespaces !== undefined || rule.team !== undefined;
  const named = rule.namespaces?.includes(namespace) === true;
  const selected = rule.team !== undefined && namespaces.get(namespace)?.['team'] === rule.team;
  return (!restricted || named || selected) && (rule.app === undefined || labels['app'] === rule.app);
}

/** Which pools stand: of two that overlap the older, and none that cannot be read whole. */
export function judgePools(pools: Iterable<StoredPool>, namespaces: Namespaces): JudgedPools {
  const taken = new Set<string>();
  const inForce: JudgedPool[] = [];
  const frozen: JudgedPool[] = [];
  const unread = new Set<string>();
  const age = ({ creationTimestamp, name }: StoredPool): string => `${creationTimestamp} ${name}`;
  for (const { name, spec } of [...pools].sort((a, b) => (age(a) < age(b) ? -1 : 1))) {
    const all = spec.blocks.flatMap(({ addresses }) => addresses);
    const overlaps = all.some((address) => taken.has(address)) || new Set(all).size < all.length;
    if (!overlaps) for (const address of all) taken.add(address);
    const stands = !overlaps && !spec.broken;
    (stands ? inForce : frozen).push({
      name,
      autoAssign: spec.autoAssign,
      pinned: spec.rule !== undefined,
      addresses: stands && spec.avoidBuggyIPs ? all.filter((address) => !isBuggy(address)) : all,
      admits: (service) => admits(spec.rule, namespaces, service),
    });
    if (spec.broken) unread.add(name);
  }
  return { inForce, frozen, unread };
}

function hasAll(pool: JudgedPool, addresses: readonly string[]): boolean {
  return addresses.every((address) => pool.addresses.includes(address));
}

function isElsewhere(addresses: readonly string[], { inForce }: JudgedPools): boolean {
  return addresses.some((address) => inForce.some((pool) => pool.addresses.includes(address)));
}

/** Whether a Service may have addresses, which it names this pool for, as far as pools decide. */
export function mayHold(
  service: StoredService,
  addresses: readonly string[],
  fromPool: string | undefined,
  pools: JudgedPools,
): boolean {
  return (
    pools.inForce.some((pool) => hasAll(pool, addresses) && pool.admits(service)) ||
    pools.frozen.some((pool) => hasAll(pool, addresses)) ||
    (fromPool !== undefined && pools.unread.has(fromPool)) ||
    (pools.unread.size > 0 && !isElsewhere(addresses, pools))
  );
}

/** Whether no pool can be the reason to take addresses from a Service that has them from this one. */
export function mustKeep(
  service: StoredService,
  addresses: readonly string[],
  fromPool: string | undefined,
  pools: JudgedPools,
): boolean {
  const { inForce, frozen, unread } = pools;
  return (
    inForce.some((pool) => hasAll(pool, addresses) && pool.admits(service)) ||
    (!isElsewhere(addresses, pools) &&
      (frozen.some((pool) => hasAll(pool, addresses)) || (fromPool !== undefined && unread.has(fromPool))))
  );
}
