/** What of a sent object is taken, and what stays as it was. */

import { isJsonObject, textAt } from '../json-value.ts';
import { apiVersionOf, type ResourceKind } from '../kinds/resource-kind.ts';
import type { KubeObject, ObjectMeta } from '../kube-object.ts';
import { badRequest } from '../status-error.ts';

/** A copy of what the client sent, in the form in which it is stored. */
export function decoded(kind: ResourceKind, namespace: string | undefined, body: unknown): KubeObject {
  if (!isJsonObject(body)) throw badRequest('the object provided is unrecognized (must be of type Object)');
  const apiVersion = apiVersionOf(kind);
  const given = textAt(body, 'apiVersion');
  const givenKind = textAt(body, 'kind');
  if (givenKind && givenKind !== kind.kind) {
    const version = given.split('/').at(-1) ?? '';
    const why = `converting (${version}.${givenKind}) to (${kind.group || 'core'}.${kind.kind}): unknown conversion`;
    throw badRequest(`${givenKind} in version "${version}" cannot be handled as a ${kind.kind}: ${why}`);
  }
  if (given && given !== apiVersion) {
    const why = `the API version in the data (${given}) does not match the expected API version (${apiVersion})`;
    throw badRequest(why);
  }
  const copy = structuredClone(body);
  const sent = isJsonObject(copy['metadata']) ? copy['metadata'] : {};
  const metadata = sent as unknown as ObjectMeta;
  metadata.name ??= '';
  delete metadata.managedFields;
  if (kind.namespaced) {
    if (metadata.namespace && metadata.namespace !== namespace) {
      throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
    }
    if (namespace !== undefined) metadata.namespace = namespace;
  } else delete metadata.namespace;
  const object: KubeObject = { ...copy, apiVersion, kind: kind.kind, metadata };
  return kind.conversion ? kind.conversion.toStorage(object) : object;
}

/** A uid that does not fit is noticed by the storage, whose keys are not always those of the URL. */
export function storageError(kind: ResourceKind, { metadata }: KubeObject, uid: string): string {
  const prefixes: Readonly<Record<string, string>> = {
    services: 'services/specs',
    endpoints: 'services/endpoints',
    nodes: 'minions',
  };
  const prefix = kind.custom ? `${kind.group}/${kind.plural}` : (prefixes[kind.plural] ?? kind.plural);
  const key = `/registry/${prefix}/${metadata.namespace ? `${metadata.namespace}/` : ''}${metadata.name}`;
  const precondition = `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${metadata.uid}`;
  return `StorageError: invalid object, Code: 4, Key: ${key}, ResourceVersion: 0, AdditionalErrorMsg: ${precondition}`;
}

/** What a PUT to the status subresource changes. A custom resource keeps its metadata; others take labels and annotations. */
export function statusOnly(kind: ResourceKind, current: KubeObject, sent: KubeObject): KubeObject {
  const object: KubeObject = {
    ...structuredClone(current),
    metadata: kind.custom ? { ...current.metadata } : sent.metadata,
  };
  if (sent['status'] === undefined) delete object['status'];
  else object['status'] = sent['status'];
  return object;
}

export function withoutStatus(kind: ResourceKind, current: KubeObject, sent: KubeObject): KubeObject {
  if (!kind.hasStatus) return sent;
  const object: KubeObject = { ...sent };
  if (current['status'] === undefined) delete object['status'];
  else object['status'] = structuredClone(current['status']);
  return object;
}

/** What no update may change. */
export function keptMetadata(current: ObjectMeta, sent: ObjectMeta): ObjectMeta {
  const {
    uid,
    resourceVersion,
    creationTimestamp,
    generation,
    deletionTimestamp,
    deletionGracePeriodSeconds,
    ...taken
  } = sent;
  const kept: ObjectMeta = { ...taken, name: current.name };
  for (const field of [
    'namespace',
    'generateName',
    'uid',
    'resourceVersion',
    'creationTimestamp',
    'deletionTimestamp',
  ] as const) {
    const value = current[field];
    if (value !== undefined) kept[field] = value;
  }
  if (current.generation !== undefined) kept.generation = current.generation;
  if (current.deletionGracePeriodSeconds !== undefined)
    kept.deletionGracePeriodSeconds = current.deletionGracePeriodSeconds;
  dropEmpty(kept);
  return kept;
}

/** Go leaves out what is empty. */
export function dropEmpty(metadata: ObjectMeta): void {
  if (metadata.labels && Object.keys(metadata.labels).length === 0) delete metadata.labels;
  if (metadata.annotations && Object.keys(metadata.annotations).length === 0) delete metadata.annotations;
  if (metadata.finalizers?.length === 0) delete metadata.finalizers;
  if (metadata.ownerReferences?.length === 0) delete metadata.ownerReferences;
}

/** All but metadata and status: what a generation counts. */
export function specOf(object: KubeObject): unknown {
  const { metadata: _metadata, status: _status, ...spec } = object;
  return spec;
}
