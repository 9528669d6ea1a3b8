import type { NamespaceView } from '@steelyard/config';
import type { InvolvedObject } from '../events/event-correlator.ts';
import { metadataOf } from '../list-watch/watch-event.ts';

/** A configuration object as it came, without what only others care for. */
export interface ConfigurationObject {
  readonly object: Readonly<Record<string, unknown>>;
  readonly identity: InvolvedObject;
}

/** Keeps an object whole but for its status, and its metadata but for what changes without a change of meaning. */
export function projectConfigurationObject(
  kind: string,
  apiVersion: string,
): (object: Readonly<Record<string, unknown>>) => ConfigurationObject | undefined {
  return (object) => {
    const metadata = metadataOf(object);
    const name = metadata?.['name'];
    if (metadata === undefined || typeof name !== 'string') return undefined;
    const { namespace, labels, creationTimestamp, uid, resourceVersion } = metadata;
    const { status: _, managedFields: __, ...rest } = object;
    return {
      object: { ...rest, kind, apiVersion, metadata: { name, namespace, labels, creationTimestamp } },
      identity: {
        apiVersion,
        kind,
        name,
        namespace: typeof namespace === 'string' ? namespace : '',
        uid: typeof uid === 'string' ? uid : '',
        resourceVersion: typeof resourceVersion === 'string' ? resourceVersion : '',
      },
    };
  };
}

/** The Secret that a BGPPeer has its password in. */
export function passwordSecretOf({ object }: ConfigurationObject): string | undefined {
  const spec = object['spec'];
  if (typeof spec !== 'object' || spec === null || !('passwordSecret' in spec)) return undefined;
  const reference = spec.passwordSecret;
  if (typeof reference !== 'object' || reference === null || !('name' in reference)) return undefined;
  return typeof reference.name === 'string' && reference.name !== '' ? reference.name : undefined;
}

/** What pools' `namespaceSelectors` look at. */
export function projectNamespace(object: Readonly<Record<string, unknown>>): NamespaceView | undefined {
  const metadata = metadataOf(object);
  const name = metadata?.['name'];
  if (typeof name !== 'string') return undefined;
  const labels = metadata?.['labels'];
  const texts = typeof labels === 'object' && labels !== null ? Object.entries(labels) : [];
  return {
    name,
    labels: Object.fromEntries(texts.filter((entry): entry is [string, string] => typeof entry[1] === 'string')),
  };
}
