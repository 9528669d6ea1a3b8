import { metadataOf } from '../list-watch/watch-event.ts';
import { type OwnerReference, projectWritableMetadata } from '../status/object-metadata.ts';

/** What says of a ServiceL2Status whose it is: MetalLB goes by the labels (metallb-behaviour 2.2). */
const NODE_LABEL = 'metallb.io/node';
const SERVICE_NAME_LABEL = 'metallb.io/service-name';
const SERVICE_NAMESPACE_LABEL = 'metallb.io/service-namespace';

/** A ServiceL2Status as far as it is used here. */
export interface L2StatusObject {
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
        readonly interfaces: readonly string[];
      }
    | undefined;
}

/** Whose objects are ours. */
export interface L2StatusWriterIdentity {
  readonly nodeName: string;
  /** The Pod that the objects go with; undefined for a process without one. */
  readonly owner: { readonly name: string; readonly uid: string } | undefined;
}

/** Of a label's value; a node's name may be longer, and is in the status then alone, where MetalLB would write nothing at all. */
const MAX_LABEL_LENGTH = 63;

/** The labels of an object of ours. */
export function labelsOf(nodeName: string, serviceKey: string): Readonly<Record<string, string>> {
  const [namespace = '', name = ''] = serviceKey.split('/');
  return {
    ...(nodeName.length > MAX_LABEL_LENGTH ? {} : { [NODE_LABEL]: nodeName }),
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

function namesOf(interfaces: unknown): string[] {
  const list: readonly unknown[] = Array.isArray(interfaces) ? interfaces : [];
  return list.map((item) => recordOr(item)['name']).filter((name): name is string => typeof name === 'string');
}

/** Each once: the order says nothing, and MetalLB's is another each time. */
export function sortedNames(interfaces: readonly string[]): readonly string[] {
  return [...new Set(interfaces)].sort((a, b) => (a < b ? -1 : 1));
}

/** Whether two lists of `sortedNames` are the same. A slash is in no interface's name. */
export function sameNames(a: readonly string[], b: readonly string[]): boolean {
  return a.join('/') === b.join('/');
}

/**
 * Reads whose an object is from its status, where nobody can change it, else from its labels, which is all that MetalLB's has
 * between its first write and its second.
 *
 * @returns `undefined` for what says nothing of either, and for what is only kept by a finalizer: that is as good as gone.
 */
export function readL2Status(object: unknown, { nodeName, owner }: L2StatusWriterIdentity): L2StatusObject | undefined {
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
  const isOurs = owner === undefined || ownerReferences.some((reference) => reference['uid'] === owner.uid);
  return {
    uid,
    name,
    resourceVersion,
    node: nodeName, // the same text for all, not a copy of each
    serviceKey,
    own: {
      labelled: wantedLabels.every(([label, value]) => labels[label] === value),
      otherOwners: isOurs ? undefined : ownerReferences,
      statusWritten: written !== undefined,
      interfaces: sortedNames(namesOf(status['interfaces'])),
    },
  };
}
