import type { ParsedLabelSelector, Pool, ServiceAllocationRule } from '@steelyard/config';
import type { AssignConfig } from './pool-order.ts';

/** Whom a new configuration can concern: everybody, or the Services of these namespaces, which may be none. */
export type PoolDifference = 'everybody' | ReadonlySet<string>;

/**
 * Compares two configurations as far as assigning addresses depends on them: a Namespace that gets a label brings a
 * whole configuration, and concerns the Services in it.
 */
export function differenceOf(before: AssignConfig, after: AssignConfig): PoolDifference {
  if (before.completeness !== after.completeness || before.pools.size !== after.pools.size) {
    return 'everybody';
  }
  const namespaces = new Set<string>();
  for (const [name, pool] of after.pools) {
    const was = before.pools.get(name);
    if (was === undefined || !alikeButForNamespaces(was, pool)) {
      return 'everybody';
    }
    if (was !== pool && !compareNamespaces(was.serviceAllocation, pool.serviceAllocation, namespaces)) {
      return 'everybody';
    }
  }
  return namespaces;
}

/** A priority matters only to who is given something new, and nobody waits for another order. */
function alikeButForNamespaces(a: Pool, b: Pool): boolean {
  return (
    a === b ||
    (a.autoAssign === b.autoAssign &&
      a.avoidBuggyIps === b.avoidBuggyIps &&
      a.frozen === b.frozen &&
      a.incomplete === b.incomplete &&
      sameList(a.addresses, b.addresses, Object.is) &&
      (a.serviceAllocation === undefined) === (b.serviceAllocation === undefined) &&
      sameList(a.serviceAllocation?.serviceSelectors ?? [], b.serviceAllocation?.serviceSelectors ?? [], sameSelector))
  );
}

/** Adds the namespaces that one rule has and the other lacks; false where a rule is not made of a list of them. */
function compareNamespaces(
  a: ServiceAllocationRule | undefined,
  b: ServiceAllocationRule | undefined,
  differing: Set<string>,
): boolean {
  const [before, after] = [a?.namespaces, b?.namespaces];
  if (typeof before !== 'object' || typeof after !== 'object') {
    return before === after;
  }
  for (const [one, other] of [
    [before, after],
    [after, before],
  ] as const) {
    for (const namespace of one) {
      if (!other.has(namespace)) {
        differing.add(namespace);
      }
    }
  }
  return true;
}

function sameSelector(a: ParsedLabelSelector, b: ParsedLabelSelector): boolean {
  if (a === b || a.requirements === 'nothing' || b.requirements === 'nothing') {
    return a === b || a.requirements === b.requirements;
  }
  return sameList(
    a.requirements,
    b.requirements,
    (one, other) =>
      one.key === other.key &&
      one.operator === other.operator &&
      one.values.size === other.values.size &&
      [...one.values].every((value) => other.values.has(value)),
  );
}

function sameList<T>(a: readonly T[], b: readonly T[], same: (one: T, other: T) => boolean): boolean {
  return a === b || (a.length === b.length && a.every((one, index) => same(one, b[index] as T)));
}
