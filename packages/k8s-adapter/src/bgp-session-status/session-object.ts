import { metadataOf } from '../list-watch/watch-event.ts';
import { type OwnerReference, projectWritableMetadata } from '../status/object-metadata.ts';
import { type OwnerPod, otherOwnersOf } from '../status/owner-references.ts';
import { labelValueOf } from './session-names.ts';

export const SESSION_KIND = 'BGPPeerSession';
export const SESSION_API_VERSION = 'steelyard.io/v1alpha1';
export const NODE_LABEL = 'steelyard.io/node';
const PEER_LABEL = 'steelyard.io/peer';

/** A BGPPeerSession of this node. */
export interface SessionObject {
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Who owns it, where our Pod is not among them. */
  readonly otherOwners: readonly OwnerReference[] | undefined;
  readonly status: Readonly<Record<string, unknown>>;
}

export function sessionLabels(node: string, peer: string): Readonly<Record<string, string>> {
  return { [NODE_LABEL]: labelValueOf(node), [PEER_LABEL]: labelValueOf(peer) };
}

/** Whether the labels are there and right. */
export function isLabelled({ labels }: SessionObject, wanted: Readonly<Record<string, string>>): boolean {
  return Object.entries(wanted).every(([label, value]) => labels[label] === value);
}

/** @returns `undefined` for what says that it is of another node, and for what is only kept by a finalizer. */
export function readSession(object: unknown, node: string, owner: OwnerPod | undefined): SessionObject | undefined {
  const metadata = projectWritableMetadata(object);
  if (metadata === undefined || metadataOf(object)?.['deletionTimestamp'] !== undefined) return undefined;
  const { name, uid, resourceVersion, labels = {}, ownerReferences = [] } = metadata;
  const status = statusIn(object);
  if ((status['node'] ?? node) !== node) return undefined;
  return { name, uid, resourceVersion, labels, otherOwners: otherOwnersOf(ownerReferences, owner), status };
}

function statusIn(object: unknown): Readonly<Record<string, unknown>> {
  if (typeof object !== 'object' || object === null || !('status' in object)) return {};
  const { status } = object;
  return typeof status === 'object' && status !== null && !Array.isArray(status) ? { ...status } : {};
}
