import { metadataOf } from '../list-watch/watch-event.ts';

/** `metav1.OwnerReference`, kept as it came. */
export type OwnerReference = Readonly<Record<string, unknown>>;

/**
 * The metadata that a later PUT must carry. The API server takes labels, annotations, finalizers and owner references from
 * the request, so leaving one out deletes it; what it sets itself (managedFields, generation, creationTimestamp) it keeps.
 */
export interface WritableMetadata {
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly finalizers?: readonly string[];
  readonly ownerReferences?: readonly OwnerReference[];
}

function stringsOf(value: unknown): Readonly<Record<string, string>> | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const entries = Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

/** Reads it from a whole object; undefined if the object has no identity. */
export function projectWritableMetadata(object: unknown): WritableMetadata | undefined {
  const metadata = metadataOf(object);
  if (metadata === undefined) return undefined;
  const { name, namespace, uid, resourceVersion, finalizers, ownerReferences } = metadata;
  if (typeof name !== 'string' || typeof uid !== 'string' || typeof resourceVersion !== 'string') return undefined;
  const labels = stringsOf(metadata['labels']);
  const annotations = stringsOf(metadata['annotations']);
  return {
    name,
    namespace: typeof namespace === 'string' ? namespace : '',
    uid,
    resourceVersion,
    ...(labels === undefined ? {} : { labels }),
    ...(annotations === undefined ? {} : { annotations }),
    ...(Array.isArray(finalizers) && finalizers.length > 0
      ? { finalizers: finalizers.filter((finalizer): finalizer is string => typeof finalizer === 'string') }
      : {}),
    ...(Array.isArray(ownerReferences) && ownerReferences.length > 0
      ? {
          ownerReferences: ownerReferences.filter(
            (owner): owner is OwnerReference => typeof owner === 'object' && owner !== null,
          ),
        }
      : {}),
  };
}
