import { metadataOf } from '../list-watch/watch-event.ts';
import { type OwnerReference, projectWritableMetadata } from '../status/object-metadata.ts';
import { type OwnerPod, otherOwnersOf } from '../status/owner-references.ts';
import type { AnnouncementStatusKind } from './announcement-status-kind.ts';

/** What says of an object whose it is: MetalLB goes by the labels (metallb-behaviour 2.2). */
export const NODE_LABEL = 'metallb.io/node';
const SERVICE_NAME_LABEL = 'metallb.io/service-name';
const SERVICE_NAMESPACE_LABEL = 'metallb.io/service-namespace';

/** A ServiceL2Status or ServiceBGPStatus as far as it is used here. */
export interface AnnouncementStatus {
  readonly uid: string;
  readonly name: string;
  readonly resourceVersion: string;
  readonly node: string;
  /** `namespace/name`. */
  readonly serviceKey: string;
  /** Of objects of another node nothing more is kept, and of our own only what a decision needs: there may be very many. */
  readonly own:
    | {
        /** All three labels are there and right. */
        readonly labelled: boolean;
        /** Who owns it, where our Pod is not among them. */
        readonly otherOwners: readonly OwnerReference[] | undefined;
        /** Node, name and namespace are in the status. */
        readonly statusWritten: boolean;
        /** The interfaces, or the peers. */
        readonly names: readonly string[];
      }
    | undefined;
}

/** Whose objects are ours. */
export interface SpeakerIdentity {
  readonly nodeName: string;
  /** The Pod that the objects go with; undefined for a process without one. */
  readonly owner: OwnerPod | undefined;
}

/** Of a label's value; a node's name may be longer, and is in the status then alone, where MetalLB would write nothing at all. */
const MAX_LABEL_LENGTH = 63;

/** Whether a node's name stands in the labels. */
export function isLabelled(nodeName: string): boolean {
  return nodeName.length <= MAX_LABEL_LENGTH;
}

/** The labels of an object of ours. */
export function labelsOf(nodeName: string, serviceKey: string): Readonly<Record<string, string>> {
  const [namespace = '', name = ''] = serviceKey.split('/');
  return {
    ...(isLabelled(nodeName) ? { [NODE_LABEL]: nodeName } : {}),
    [SERVICE_NAME_LABEL]: name,
    [SERVICE_NAMESPACE_LABEL]: namespace,
  };
}

interface Identity {
  readonly node: string;
  readonly namespace: string;
  readonly name: string;
}

function identityOf(node: unknown, namespace: unknown, name: unknown): Identity | undefined {
  if (typeof node !== 'string' || typeof namespace !== 'string' || typeof name !== 'string') return undefined;
  return node === '' || namespace === '' || name === '' ? undefined : { node, namespace, name };
}

function recordOr(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}

/**
 * Reads whose an object is from its status, where nobody can change it, else from its labels, which is all that MetalLB's has
 * between its first write and its second.
 *
 * @returns `undefined` for what says nothing of either, and for what is only kept by a finalizer: that is as good as gone.
 */
export function readAnnouncementStatus(
  kind: AnnouncementStatusKind,
  object: unknown,
  { nodeName, owner }: SpeakerIdentity,
): AnnouncementStatus | undefined {
  const metadata = projectWritableMetadata(object);
  if (metadata === undefined || metadataOf(object)?.['deletionTimestamp'] !== undefined) return undefined;
  const { uid, name, resourceVersion, labels = {}, ownerReferences = [] } = metadata;
  const status = recordOr(recordOr(object)['status']);
  const written = identityOf(status['node'], status['serviceNamespace'], status['serviceName']);
  const identity =
    written ?? identityOf(labels[NODE_LABEL], labels[SERVICE_NAMESPACE_LABEL], labels[SERVICE_NAME_LABEL]);
  if (identity === undefined) return undefined;
  const { node } = identity;
  const serviceKey = `${identity.namespace}/${identity.name}`;
  if (node !== nodeName) return { uid, name, resourceVersion, node, serviceKey, own: undefined };
  const wantedLabels = Object.entries(labelsOf(node, serviceKey));
  return {
    uid,
    name,
    resourceVersion,
    node: nodeName, // the same text for all, not a copy of each
    serviceKey,
    own: {
      labelled: wantedLabels.every(([label, value]) => labels[label] === value),
      otherOwners: otherOwnersOf(ownerReferences, owner),
      statusWritten: written !== undefined,
      names: kind.namesIn(status),
    },
  };
}
