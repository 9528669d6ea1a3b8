import type { OwnerReference } from '../status/object-metadata.ts';
import { type L2StatusObject, type L2StatusWriterIdentity, labelsOf, sameNames } from './l2-status-object.ts';

/** One write towards what shall be shown of a Service. */
export type L2StatusWrite =
  | {
      readonly type: 'create';
      readonly labels: Readonly<Record<string, string>>;
      readonly ownerReferences: readonly OwnerReference[];
      readonly status: L2Status;
    }
  | {
      readonly type: 'metadata';
      readonly object: L2StatusObject;
      readonly labels: Readonly<Record<string, string>>;
      /** The whole list, where it is to change. */
      readonly ownerReferences?: readonly OwnerReference[];
    }
  | { readonly type: 'status'; readonly object: L2StatusObject; readonly status: L2Status }
  | { readonly type: 'delete'; readonly object: L2StatusObject };

/** As the API has it; `interfaces` is null where all are used, which a merge patch takes for "none given". */
export interface L2Status {
  readonly node: string;
  readonly serviceName: string;
  readonly serviceNamespace: string;
  readonly interfaces: readonly { readonly name: string }[] | null;
}

export interface L2StatusPlan extends L2StatusWriterIdentity {
  /** `namespace/name`. */
  readonly serviceKey: string;
  /** The interfaces that this node announces the Service on, sorted, none for all; undefined where it does not announce it. */
  readonly announcedOn: readonly string[] | undefined;
  /** All objects of the Service. */
  readonly objects: readonly L2StatusObject[];
  /** Whether an object of another node is to go now. */
  readonly isOverdue: (object: L2StatusObject) => boolean;
}

const MAX_OWNERS = 32;

/** What is to be written now; nothing, where all is as it shall be. What is new comes before what is old goes. */
export function planWrites(plan: L2StatusPlan): readonly L2StatusWrite[] {
  const own = plan.objects.filter((object) => object.own !== undefined);
  const remove = (objects: readonly L2StatusObject[]): L2StatusWrite[] =>
    objects.map((object) => ({ type: 'delete', object }));
  if (plan.announcedOn === undefined) return remove(own);
  const [kept, ...duplicates] = own.toSorted(bestFirst);
  const others = plan.objects.filter((object) => object.own === undefined && plan.isOverdue(object));
  return [...changesTo(kept, plan, plan.announcedOn), ...remove(duplicates), ...remove(others)];
}

/** Of several the one that says something stays, of equals always the same. */
function bestFirst(a: L2StatusObject, b: L2StatusObject): number {
  const written = Number(b.own?.statusWritten ?? false) - Number(a.own?.statusWritten ?? false);
  return written !== 0 ? written : a.name < b.name ? -1 : 1;
}

function changesTo(
  object: L2StatusObject | undefined,
  plan: L2StatusPlan,
  announcedOn: readonly string[],
): L2StatusWrite[] {
  const [serviceNamespace = '', serviceName = ''] = plan.serviceKey.split('/');
  const labels = labelsOf(plan.nodeName, plan.serviceKey);
  const interfaces = announcedOn.length === 0 ? null : announcedOn.map((name) => ({ name }));
  const status: L2Status = { node: plan.nodeName, serviceName, serviceNamespace, interfaces };
  if (object?.own === undefined) return [{ type: 'create', labels, ownerReferences: ownersOf([], plan.owner), status }];
  const { labelled, otherOwners, statusWritten, interfaces: shown } = object.own;
  const writes: L2StatusWrite[] = [];
  if (!labelled || otherOwners !== undefined) {
    const owners = otherOwners === undefined ? {} : { ownerReferences: ownersOf(otherOwners, plan.owner) };
    writes.push({ type: 'metadata', object, labels, ...owners });
  }
  if (!statusWritten || !sameNames(shown, announcedOn)) writes.push({ type: 'status', object, status });
  return writes;
}

/**
 * Our Pod in place of an earlier one on this node, whose end the garbage collector would take for the object's own; what
 * else owns it stays.
 */
function ownersOf(references: readonly OwnerReference[], owner: L2StatusPlan['owner']): readonly OwnerReference[] {
  if (owner === undefined) return references;
  const others = references.filter(({ kind }) => kind !== 'Pod').slice(0, MAX_OWNERS - 1);
  return [...others, { apiVersion: 'v1', kind: 'Pod', name: owner.name, uid: owner.uid }];
}
