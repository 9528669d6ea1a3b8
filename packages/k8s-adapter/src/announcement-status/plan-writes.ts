import type { OwnerReference } from '../status/object-metadata.ts';
import { ownersOf } from '../status/owner-references.ts';
import { type AnnouncementStatusKind, sameNames } from './announcement-status-kind.ts';
import { type AnnouncementStatus, labelsOf, type SpeakerIdentity } from './status-object.ts';

/** One write towards what shall be shown of a Service. */
export type StatusWrite =
  | {
      readonly type: 'create';
      readonly labels: Readonly<Record<string, string>>;
      readonly ownerReferences: readonly OwnerReference[];
      readonly status: ServiceAnnouncement;
    }
  | {
      readonly type: 'metadata';
      readonly object: AnnouncementStatus;
      readonly labels: Readonly<Record<string, string>>;
      /** The whole list, where it is to change. */
      readonly ownerReferences?: readonly OwnerReference[];
    }
  | { readonly type: 'status'; readonly object: AnnouncementStatus; readonly status: ServiceAnnouncement }
  | { readonly type: 'delete'; readonly object: AnnouncementStatus };

/** A status as a merge patch has it: null is absent. With what the kind says besides. */
export interface ServiceAnnouncement extends Readonly<Record<string, unknown>> {
  readonly node: string;
  readonly serviceName: string;
  readonly serviceNamespace: string;
}

export interface StatusPlan extends SpeakerIdentity {
  readonly kind: AnnouncementStatusKind;
  /** `namespace/name`. */
  readonly serviceKey: string;
  /** The interfaces or peers, as `kind.namesIn` would read them; undefined where this node does not announce the Service. */
  readonly announced: readonly string[] | undefined;
  /** All objects of the Service. */
  readonly objects: readonly AnnouncementStatus[];
  /** Whether an object of another node is to go now. */
  readonly isOverdue: (object: AnnouncementStatus) => boolean;
}

/** What is to be written now; nothing, where all is as it shall be. What is new comes before what is old goes. */
export function planWrites(plan: StatusPlan): readonly StatusWrite[] {
  const own = plan.objects.filter((object) => object.own !== undefined);
  const remove = (objects: readonly AnnouncementStatus[]): StatusWrite[] =>
    objects.map((object) => ({ type: 'delete', object }));
  if (plan.announced === undefined) return remove(own);
  const [kept, ...duplicates] = own.toSorted(bestFirst);
  const others = plan.objects.filter((object) => object.own === undefined && plan.isOverdue(object));
  return [...changesTo(kept, plan, plan.announced), ...remove(duplicates), ...remove(others)];
}

/** Of several the one that says something stays, of equals always the same. */
function bestFirst(a: AnnouncementStatus, b: AnnouncementStatus): number {
  const written = Number(b.own?.statusWritten ?? false) - Number(a.own?.statusWritten ?? false);
  return written !== 0 ? written : a.name < b.name ? -1 : 1;
}

function changesTo(
  object: AnnouncementStatus | undefined,
  plan: StatusPlan,
  announced: readonly string[],
): StatusWrite[] {
  const [serviceNamespace = '', serviceName = ''] = plan.serviceKey.split('/');
  const labels = labelsOf(plan.nodeName, plan.serviceKey);
  const status: ServiceAnnouncement = {
    node: plan.nodeName,
    serviceName,
    serviceNamespace,
    ...plan.kind.statusOf(announced),
  };
  if (object?.own === undefined) return [{ type: 'create', labels, ownerReferences: ownersOf([], plan.owner), status }];
  const { labelled, otherOwners, statusWritten, names } = object.own;
  const writes: StatusWrite[] = [];
  if (!labelled || otherOwners !== undefined) {
    const owners = otherOwners === undefined ? {} : { ownerReferences: ownersOf(otherOwners, plan.owner) };
    writes.push({ type: 'metadata', object, labels, ...owners });
  }
  if (!statusWritten || !sameNames(names, announced)) writes.push({ type: 'status', object, status });
  return writes;
}
