/**
 * Creating, changing and deleting objects with the rules that hold for all
 * kinds: names, optimistic locking, generations, subresources, finalizers
 * (k8s.io/apiserver/pkg/registry/generic/registry and pkg/registry/rest).
 */

import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { isJsonObject, numberAt, textAt, valueAt } from './json-value.ts';
import { type KubeObject, type ObjectMeta, randomSuffix, timestamp } from './kube-object.ts';
import { nameErrors } from './names.ts';
import { apiVersionOf, type ClusterView, type ResourceKind } from './resource-kind.ts';
import {
  alreadyExists,
  badRequest,
  conflict,
  forbidden,
  invalid,
  invalidValue,
  modifiedMeanwhile,
  notFound,
  requiredValue,
} from './status-error.ts';
import type { Storage } from './storage.ts';

export interface DeleteOptions {
  readonly gracePeriodSeconds?: number;
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
  readonly propagationPolicy?: string;
}

export interface Deletion {
  readonly object: KubeObject;
  /** False while finalizers or a grace period keep it. */
  readonly gone: boolean;
}

export type Subresource = 'status' | undefined;

export class Registry {
  readonly #storage: Storage;
  readonly #serviceCidrs: readonly string[];
  readonly #now: () => number;

  constructor(storage: Storage, serviceCidrs: readonly string[], now: () => number) {
    this.#storage = storage;
    this.#serviceCidrs = serviceCidrs;
    this.#now = now;
  }

  get(kind: ResourceKind, namespace: string | undefined, name: string): KubeObject {
    const object = this.#storage.get(kind.storage, namespace, name);
    if (object === undefined) throw notFound(kind, name);
    return object;
  }

  create(kind: ResourceKind, namespace: string | undefined, body: unknown, dryRun = false): KubeObject {
    const object = this.#decoded(kind, namespace, body);
    const { metadata } = object;
    if (!metadata.name && metadata.generateName) metadata.name = `${metadata.generateName}${randomSuffix()}`;
    if (!metadata.name) {
      throw invalid(kind, '', [requiredValue('metadata.name', 'name or generateName is required')]);
    }
    this.#checkNamespace(kind, metadata);
    object.metadata = this.#newMetadata(kind, metadata);
    kind.strategy.setDefaults?.(object);
    kind.strategy.prepareForCreate?.(object, this.#view());
    if (kind.custom && kind.hasStatus) delete object['status'];
    const wrong = [
      ...nameErrors(kind.nameRule, metadata.name),
      ...(kind.strategy.validate?.(object, undefined, this.#view()) ?? []),
    ];
    if (wrong.length > 0) throw invalid(kind, metadata.name, wrong);
    if (this.#storage.get(kind.storage, namespace, metadata.name)) throw alreadyExists(kind, metadata.name);
    return dryRun ? object : this.#storage.put(kind.storage, object);
  }

  /** PUT: the whole object, or only its status. */
  replace(
    kind: ResourceKind,
    namespace: string | undefined,
    name: string,
    subresource: Subresource,
    body: unknown,
    dryRun = false,
  ): { object: KubeObject; created: boolean } {
    const current = this.#storage.get(kind.storage, namespace, name);
    if (current === undefined && kind.allowsCreateOnUpdate && subresource === undefined) {
      return { object: this.create(kind, namespace, body, dryRun), created: true };
    }
    if (current === undefined) throw notFound(kind, name);
    const object = this.#decoded(kind, namespace, body);
    const given = object.metadata.name;
    if (given !== name) {
      throw badRequest(`the name of the object (${given}) does not match the name on the URL (${name})`);
    }
    if (!object.metadata.resourceVersion && !kind.allowsUnconditionalUpdate && subresource === undefined) {
      const why = 'must be specified for an update';
      throw invalid(kind, name, [invalidValue('metadata.resourceVersion', 0, why)]);
    }
    return { object: this.#update(kind, current, object, subresource, dryRun), created: false };
  }

  /** PATCH: what `change` makes of the current object. */
  patch(
    kind: ResourceKind,
    namespace: string | undefined,
    name: string,
    subresource: Subresource,
    change: (current: KubeObject) => unknown,
    dryRun = false,
  ): KubeObject {
    const current = this.get(kind, namespace, name);
    const object = this.#decoded(kind, namespace, change(current));
    return this.#update(kind, current, object, subresource, dryRun);
  }

  delete(kind: ResourceKind, namespace: string | undefined, name: string, options: DeleteOptions = {}): Deletion {
    const object = this.get(kind, namespace, name);
    this.#checkPreconditions(kind, object, options);
    const graceSeconds = kind.kind === 'Pod' && kind.group === '' ? this.#gracePeriod(object, options) : 0;
    const isKept = graceSeconds > 0 || (object.metadata.finalizers?.length ?? 0) > 0 || kind.plural === 'namespaces';
    if (!isKept) return { object: this.#storage.remove(kind.storage, object), gone: true };
    if (object.metadata.deletionTimestamp !== undefined) return { object, gone: false };
    const metadata: ObjectMeta = {
      ...object.metadata,
      deletionTimestamp: timestamp(this.#now() + graceSeconds * 1000),
      deletionGracePeriodSeconds: graceSeconds,
    };
    if (metadata.generation !== undefined) metadata.generation++;
    const marked: KubeObject = { ...object, metadata };
    if (kind.plural === 'namespaces') marked['status'] = { phase: 'Terminating' };
    return { object: this.#storage.put(kind.storage, marked), gone: false };
  }

  #view(): ClusterView {
    return {
      nowMs: this.#now(),
      serviceCidrs: this.#serviceCidrs,
      list: (storage) => this.#storage.list(storage),
    };
  }

  /** A copy of what the client sent, in the form in which it is stored. */
  #decoded(kind: ResourceKind, namespace: string | undefined, body: unknown): KubeObject {
    if (!isJsonObject(body)) throw badRequest('the object provided is unrecognized (must be of type Object)');
    const apiVersion = apiVersionOf(kind);
    const given = textAt(body, 'apiVersion');
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

  #checkNamespace(kind: ResourceKind, metadata: ObjectMeta): void {
    if (!kind.namespaced) return;
    const name = metadata.namespace ?? '';
    const namespace = this.#storage.get('namespaces', undefined, name);
    if (namespace === undefined) throw notFound({ group: '', plural: 'namespaces', kind: 'Namespace' }, name);
    if (namespace.metadata.deletionTimestamp === undefined) return;
    const why = `unable to create new content in namespace ${name} because it is being terminated`;
    const cause = {
      reason: 'NamespaceTerminating',
      message: `namespace ${name} is being terminated`,
      field: 'metadata.namespace',
    };
    throw forbidden(kind, metadata.name, why, [cause]);
  }

  #newMetadata(kind: ResourceKind, sent: ObjectMeta): ObjectMeta {
    const { resourceVersion, deletionTimestamp, deletionGracePeriodSeconds, generation, ...kept } = sent;
    return {
      ...kept,
      uid: randomUUID(),
      creationTimestamp: timestamp(this.#now()),
      ...(kind.countsGenerations && { generation: 1 }),
    };
  }

  #update(
    kind: ResourceKind,
    current: KubeObject,
    sent: KubeObject,
    subresource: Subresource,
    dryRun: boolean,
  ): KubeObject {
    const { name } = current.metadata;
    const { uid, resourceVersion } = sent.metadata;
    if (uid && uid !== current.metadata.uid) {
      const why = `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${current.metadata.uid}`;
      throw conflict(kind, name, why);
    }
    if (resourceVersion && resourceVersion !== current.metadata.resourceVersion) throw modifiedMeanwhile(kind, name);
    const object = subresource === 'status' ? statusOnly(kind, current, sent) : withoutStatus(kind, current, sent);
    object.metadata = keptMetadata(current.metadata, object.metadata);
    kind.strategy.setDefaults?.(object);
    if (subresource === undefined) {
      kind.strategy.prepareForUpdate?.(object, current, this.#view());
      const wrong = kind.strategy.validate?.(object, current, this.#view()) ?? [];
      if (wrong.length > 0) throw invalid(kind, name, wrong);
      if (kind.countsGenerations && !isDeepStrictEqual(specOf(object), specOf(current))) {
        object.metadata.generation = (current.metadata.generation ?? 0) + 1;
      }
    } else {
      const wrong = kind.strategy.validateStatus?.(object) ?? [];
      if (wrong.length > 0) throw invalid(kind, name, wrong);
    }
    // A write that changes nothing is no write: no new version, no event.
    if (isDeepStrictEqual(object, current)) return current;
    if (dryRun) return object;
    const isFinished = object.metadata.deletionTimestamp !== undefined && !object.metadata.finalizers?.length;
    if (isFinished && kind.plural !== 'namespaces' && !numberAt(object, 'metadata', 'deletionGracePeriodSeconds')) {
      return this.#storage.remove(kind.storage, object);
    }
    return this.#storage.put(kind.storage, object);
  }

  #checkPreconditions(kind: ResourceKind, object: KubeObject, { preconditions }: DeleteOptions): void {
    const { uid, resourceVersion, name } = object.metadata;
    if (preconditions?.uid && preconditions.uid !== uid) {
      throw conflict(
        kind,
        name,
        `Precondition failed: UID in precondition: ${preconditions.uid}, UID in object meta: ${uid}`,
      );
    }
    if (preconditions?.resourceVersion && preconditions.resourceVersion !== resourceVersion) {
      const why = `Precondition failed: ResourceVersion in precondition: ${preconditions.resourceVersion}, ResourceVersion in object meta: ${resourceVersion}`;
      throw conflict(kind, name, why);
    }
  }

  /** pkg/registry/core/pod/strategy.go, `CheckGracefulDelete`: only a pod that some kubelet runs is given time. */
  #gracePeriod(pod: KubeObject, options: DeleteOptions): number {
    const phase = textAt(pod, 'status', 'phase');
    if (!textAt(pod, 'spec', 'nodeName') || phase === 'Failed' || phase === 'Succeeded') return 0;
    return options.gracePeriodSeconds ?? Number(valueAt(pod, 'spec', 'terminationGracePeriodSeconds') ?? 30);
  }
}

/** What a PUT to the status subresource changes. A custom resource keeps its metadata; others take labels and annotations. */
function statusOnly(kind: ResourceKind, current: KubeObject, sent: KubeObject): KubeObject {
  const object: KubeObject = {
    ...structuredClone(current),
    metadata: kind.custom ? { ...current.metadata } : sent.metadata,
  };
  if (sent['status'] === undefined) delete object['status'];
  else object['status'] = sent['status'];
  return object;
}

function withoutStatus(kind: ResourceKind, current: KubeObject, sent: KubeObject): KubeObject {
  if (!kind.hasStatus) return sent;
  const object: KubeObject = { ...sent };
  if (current['status'] === undefined) delete object['status'];
  else object['status'] = structuredClone(current['status']);
  return object;
}

/** What no update may change. */
function keptMetadata(current: ObjectMeta, sent: ObjectMeta): ObjectMeta {
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
  // Go leaves out what is empty.
  if (kept.labels && Object.keys(kept.labels).length === 0) delete kept.labels;
  if (kept.annotations && Object.keys(kept.annotations).length === 0) delete kept.annotations;
  if (kept.finalizers?.length === 0) delete kept.finalizers;
  if (kept.ownerReferences?.length === 0) delete kept.ownerReferences;
  return kept;
}

/** All but metadata and status: what a generation counts. */
function specOf(object: KubeObject): unknown {
  const { metadata: _metadata, status: _status, ...spec } = object;
  return spec;
}
