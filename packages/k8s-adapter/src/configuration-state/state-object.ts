import { metadataOf } from '../list-watch/watch-event.ts';
import { type OwnerReference, projectWritableMetadata } from '../status/object-metadata.ts';

/** `metav1.Condition`, as far as it is used here. */
export interface StateCondition {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
  readonly lastTransitionTime: string;
}

/** A ConfigurationState as it is in the API. */
export interface StateObject {
  readonly resourceVersion: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly ownerReferences: readonly OwnerReference[];
  readonly conditions: readonly StateCondition[];
  readonly result: string;
  readonly errorSummary: string;
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function parseConditions(value: unknown): StateCondition[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [];
  return list
    .map((item) => (typeof item === 'object' && item !== null ? (item as Readonly<Record<string, unknown>>) : {}))
    .map((item) => ({
      type: text(item['type']),
      status: text(item['status']),
      reason: text(item['reason']),
      message: text(item['message']),
      lastTransitionTime: text(item['lastTransitionTime']),
    }))
    .filter(({ type }) => type !== '');
}

/** Undefined for what has no identity. */
export function projectStateObject(object: unknown): StateObject | undefined {
  const metadata = projectWritableMetadata(object);
  // An object that is only kept by a finalizer is as good as gone, and cannot be made anew either.
  if (metadata === undefined || metadataOf(object)?.['deletionTimestamp'] !== undefined) return undefined;
  const found: unknown = typeof object === 'object' && object !== null ? Reflect.get(object, 'status') : undefined;
  const status: Readonly<Record<string, unknown>> = typeof found === 'object' && found !== null ? { ...found } : {};
  return {
    resourceVersion: metadata.resourceVersion,
    labels: metadata.labels ?? {},
    ownerReferences: metadata.ownerReferences ?? [],
    conditions: parseConditions(status['conditions']),
    result: text(status['result']),
    errorSummary: text(status['errorSummary']),
  };
}
