import type { OwnerReference } from './object-metadata.ts';

/** The Pod that an object goes with. */
export interface OwnerPod {
  readonly name: string;
  readonly uid: string;
}

const MAX_OWNERS = 32;

/**
 * Our Pod in place of an earlier one on this node, whose end the garbage collector would take for the object's own; what
 * else owns it stays.
 */
export function ownersOf(
  references: readonly OwnerReference[],
  owner: OwnerPod | undefined,
): readonly OwnerReference[] {
  if (owner === undefined) return references;
  const others = references.filter(({ kind }) => kind !== 'Pod').slice(0, MAX_OWNERS - 1);
  return [...others, { apiVersion: 'v1', kind: 'Pod', name: owner.name, uid: owner.uid }];
}

/** Who owns an object, where our Pod is not among them. */
export function otherOwnersOf(
  references: readonly OwnerReference[],
  owner: OwnerPod | undefined,
): readonly OwnerReference[] | undefined {
  const isOurs = owner === undefined || references.some(({ uid }) => uid === owner.uid);
  return isOurs ? undefined : references;
}
