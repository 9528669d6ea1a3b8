/**
 * Creating, changing and deleting objects with the rules that hold for all
 * kinds: names, optimistic locking, generations, subresources, finalizers
 * (k8s.io/apiserver/pkg/registry/generic/registry and pkg/registry/rest).
 */

import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { numberAt, textAt, valueAt } from '../json-value.ts';
import type { ClusterView, ResourceKind } from '../kinds/resource-kind.ts';
import { type KubeObject, type ObjectMeta, randomSuffix, timestamp } from '../kube-object.ts';
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
  StatusError,
} from '../status-error.ts';
import { nameErrors } from './names.ts';
import { decoded, dropEmpty, keptMetadata, specOf, statusOnly, storageError, withoutStatus } from './object-update.ts';
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
    const object = decoded(kind, namespace, body);
    const { metadata } = object;
    if (metadata.resourceVersion) {
      throw new StatusError(500, '', 'resourceVersion should not be set on objects to be created');
    }
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
    const object = decoded(kind, namespace, body);
    const given = object.metadata.name;
    if (given !== name) {
      throw badRequest(`the name of the object (${given}) does not match the name on the URL (${name})`);
    }
    const current = this.#storage.get(kind.storage, namespace, name);
    if (current === undefined && kind.allowsCreateOnUpdate && subresource === undefined) {
      return { object: this.create(kind, namespace, body, dryRun), created: true };
    }
    if (current === undefined) throw notFound(kind, name);
    if (!object.metadata.resourceVersion && !kind.allowsUnconditionalUpdate && subresource === undefined) {
      const why = 'must be specified for an update';
      throw invalid({ ...kind, kind: kind.plural }, name, [invalidValue('metadata.resourceVersion', 0, why)]);
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
    const object = decoded(kind, namespace, change(current));
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
      all: (storage) => this.#storage.all(storage),
    };
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
    dropEmpty(kept);
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
      throw conflict(kind, name, storageError(kind, current, uid));
    }
    if (resourceVersion && resourceVersion !== current.metadata.resourceVersion) throw modifiedMeanwhile(kind, name);
    kind.strategy.setDefaults?.(sent);
    const object = subresource === 'status' ? statusOnly(kind, current, sent) : withoutStatus(kind, current, sent);
    object.metadata = keptMetadata(current.metadata, object.metadata);
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
    // k8s.io/apiserver/pkg/registry/rest/delete.go puts the kind where the resource is elsewhere.
    const byKind = { ...kind, plural: kind.kind };
    if (preconditions?.uid && preconditions.uid !== uid) {
      const why = `the UID in the precondition (${preconditions.uid}) does not match the UID in record (${uid}). The object might have been deleted and then recreated`;
      throw conflict(byKind, name, why);
    }
    if (preconditions?.resourceVersion && preconditions.resourceVersion !== resourceVersion) {
      const why = `the ResourceVersion in the precondition (${preconditions.resourceVersion}) does not match the ResourceVersion in record (${resourceVersion}). The object might have been modified`;
      throw conflict(byKind, name, why);
    }
  }

  /** pkg/registry/core/pod/strategy.go, `CheckGracefulDelete`: only a pod that some kubelet runs is given time. */
  #gracePeriod(pod: KubeObject, options: DeleteOptions): number {
    const phase = textAt(pod, 'status', 'phase');
    if (!textAt(pod, 'spec', 'nodeName') || phase === 'Failed' || phase === 'Succeeded') return 0;
    return options.gracePeriodSeconds ?? Number(valueAt(pod, 'spec', 'terminationGracePeriodSeconds') ?? 30);
  }
}
