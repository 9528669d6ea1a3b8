/** Answers requests for objects: one function per verb. */

import { isJsonObject, type JsonObject, numberAt, objectAt, textAt, textMapAt } from '../json-value.ts';
import { apiVersionOf, type ResourceKind } from '../kinds/resource-kind.ts';
import type { KubeObject } from '../kube-object.ts';
import { badRequest, conflict, methodNotAllowed, noSuchPath, unsupportedMediaType } from '../status-error.ts';
import { applyPatch } from '../store/apply-patch.ts';
import { jsonPatch, mergePatch } from '../store/json-patch.ts';
import { listPage, selectionOf } from '../store/list.ts';
import type { DeleteOptions, Registry } from '../store/registry.ts';
import type { Storage } from '../store/storage.ts';
import { strategicMergePatch } from '../store/strategic-merge-patch.ts';
import type { ResourcePath } from './request-info.ts';
import type { IncludeObject } from './table.ts';
import { makeTable, partialMetadata } from './table.ts';

export interface ResourceRequest {
  readonly method: string;
  readonly path: ResourcePath;
  readonly kind: ResourceKind;
  readonly query: URLSearchParams;
  readonly contentType: string;
  readonly accept: string;
  readonly body: unknown;
}

export interface Answer {
  readonly code: number;
  readonly body: unknown;
}

export interface Backend {
  readonly storage: Storage;
  readonly registry: Registry;
  now(): number;
}

const JSON_PATCH = 'application/json-patch+json';
const MERGE_PATCH = 'application/merge-patch+json';
const STRATEGIC_MERGE_PATCH = 'application/strategic-merge-patch+json';
/** Server-side apply: real servers take it for everything, this one for the status of a custom resource that is there. */
const APPLY_PATCH = 'application/apply-patch+yaml';

export function answerResourceRequest(backend: Backend, request: ResourceRequest): Answer {
  const { method, path } = request;
  const isDryRun = request.query.getAll('dryRun').includes('All');
  if (path.subresource === 'scale' && request.kind.hasScale) return answerScale(backend, request);
  if (path.subresource === 'binding' && request.kind.plural === 'pods') return bindPod(backend, request);
  if (path.subresource !== undefined && !(path.subresource === 'status' && request.kind.hasStatus)) {
    throw noSuchPath();
  }
  const subresource = path.subresource === 'status' ? 'status' : undefined;
  const { registry } = backend;
  const { kind } = request;
  if (path.name === undefined) {
    if (method === 'GET') return { code: 200, body: list(backend, request) };
    if (method === 'POST' && (!kind.namespaced || path.namespace !== undefined)) {
      const created = registry.create(kind, path.namespace, request.body, isDryRun);
      return { code: 201, body: present(backend, request, created) };
    }
    if (method === 'DELETE') return { code: 200, body: deleteCollection(backend, request) };
    throw methodNotAllowed();
  }
  switch (method) {
    case 'GET':
      return { code: 200, body: present(backend, request, registry.get(kind, path.namespace, path.name)) };
    case 'PUT': {
      const { object, created } = registry.replace(
        kind,
        path.namespace,
        path.name,
        subresource,
        request.body,
        isDryRun,
      );
      return { code: created ? 201 : 200, body: present(backend, request, object) };
    }
    case 'PATCH': {
      const change = patchOf(request);
      const object = registry.patch(kind, path.namespace, path.name, subresource, change, isDryRun);
      return { code: 200, body: present(backend, request, object) };
    }
    case 'DELETE':
      return deleteOne(backend, request, path.name, isDryRun);
    default:
      throw methodNotAllowed();
  }
}

/** The object in the form that was asked for: as it is, as a table row or as its metadata. */
export function present(backend: Backend, request: ResourceRequest, object: KubeObject): unknown {
  const metadata = { resourceVersion: object.metadata.resourceVersion };
  if (wantsForm(request, 'Table')) {
    return makeTable(request.kind, [object], metadata, backend.now(), includeObject(request));
  }
  if (wantsForm(request, 'PartialObjectMetadata')) return partialMetadata(object);
  return request.kind.conversion?.fromStorage(object) ?? object;
}

function list(backend: Backend, request: ResourceRequest): unknown {
  const { kind, path, query } = request;
  const { objects, metadata } = listPage(backend.storage, kind, path.namespace, query);
  if (wantsForm(request, 'Table')) return makeTable(kind, objects, metadata, backend.now(), includeObject(request));
  if (wantsForm(request, 'PartialObjectMetadataList')) {
    const items = objects.map(partialMetadata);
    return { kind: 'PartialObjectMetadataList', apiVersion: 'meta.k8s.io/v1', metadata, items };
  }
  const items = objects.map((object) => listItem(kind, object));
  return { kind: `${kind.kind}List`, apiVersion: apiVersionOf(kind), metadata, items };
}

/** Items of built-in kinds do not repeat what the list says; custom resources do. */
function listItem(kind: ResourceKind, object: KubeObject): unknown {
  if (kind.custom) return object;
  const { apiVersion: _apiVersion, kind: _kind, ...item } = kind.conversion?.fromStorage(object) ?? object;
  return item;
}

function wantsForm(request: ResourceRequest, form: string): boolean {
  return request.accept.split(',').some((type) => type.includes(`as=${form};`) || type.endsWith(`as=${form}`));
}

function includeObject(request: ResourceRequest): IncludeObject {
  const asked = request.query.get('includeObject');
  return asked === 'None' || asked === 'Object' ? asked : 'Metadata';
}

function patchOf(request: ResourceRequest): (current: KubeObject) => unknown {
  const { body, contentType, kind } = request;
  const asServed = (object: KubeObject): JsonObject => kind.conversion?.fromStorage(object) ?? object;
  if (contentType === JSON_PATCH) return (current) => jsonPatch(asServed(current), body);
  if (contentType === MERGE_PATCH) return (current) => mergePatch(asServed(current), body);
  if (contentType === APPLY_PATCH && kind.custom && request.path.subresource === 'status') {
    return (current) => applyPatch(asServed(current), body);
  }
  if (contentType !== STRATEGIC_MERGE_PATCH || kind.custom) {
    const strategic = kind.custom ? [] : [STRATEGIC_MERGE_PATCH];
    throw unsupportedMediaType([JSON_PATCH, MERGE_PATCH, ...strategic, APPLY_PATCH]);
  }
  if (!isJsonObject(body)) throw badRequest('a strategic merge patch is an object');
  return (current) => strategicMergePatch(structuredClone(asServed(current)), body, kind.kind);
}

function deleteOptions(request: ResourceRequest): DeleteOptions {
  const { body, query } = request;
  const preconditions = objectAt(body, 'preconditions');
  const grace = query.get('gracePeriodSeconds') ?? (isJsonObject(body) ? body['gracePeriodSeconds'] : undefined);
  const propagationPolicy = query.get('propagationPolicy') ?? textAt(body, 'propagationPolicy');
  return {
    ...(grace !== undefined && grace !== null && { gracePeriodSeconds: Number(grace) }),
    ...(Object.keys(preconditions).length > 0 && { preconditions: textMapAt(body, 'preconditions') }),
    ...(propagationPolicy && { propagationPolicy }),
  };
}

function deleteOne(backend: Backend, request: ResourceRequest, name: string, isDryRun: boolean): Answer {
  const { kind, path } = request;
  const { registry } = backend;
  const options = deleteOptions(request);
  const { object, gone } = isDryRun
    ? { object: registry.get(kind, path.namespace, name), gone: true }
    : registry.delete(kind, path.namespace, name, options);
  if (!gone || kind.returnsDeletedObject) return { code: 200, body: present(backend, request, object) };
  const { uid } = object.metadata;
  const details = { name, ...(kind.group && { group: kind.group }), kind: kind.plural, uid };
  return { code: 200, body: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details } };
}

function deleteCollection(backend: Backend, request: ResourceRequest): unknown {
  const { kind, path, query } = request;
  const selects = selectionOf(kind, path.namespace, query);
  const options = deleteOptions(request);
  const objects = backend.storage.list(kind.storage).filter(selects);
  const deleted = objects.map((object) =>
    backend.registry.delete(kind, object.metadata.namespace, object.metadata.name, options),
  );
  const items = deleted.map(({ object }) => listItem(kind, object));
  const metadata = { resourceVersion: String(backend.storage.resourceVersion) };
  return { kind: `${kind.kind}List`, apiVersion: apiVersionOf(kind), metadata, items };
}

/** Deployments and ReplicaSets seen as nothing but their number of replicas. */
function answerScale(backend: Backend, request: ResourceRequest): Answer {
  const { kind, path, method } = request;
  const name = path.name ?? '';
  const current = backend.registry.get(kind, path.namespace, name);
  if (method === 'GET') return { code: 200, body: scaleOf(current) };
  if (method !== 'PUT' && method !== 'PATCH') throw methodNotAllowed();
  const wanted = method === 'PUT' ? request.body : patchOf(request)(scaleOf(current) as KubeObject);
  const replicas = numberAt(wanted, 'spec', 'replicas');
  const changed = backend.registry.patch(kind, path.namespace, name, undefined, (object) => {
    const resourceVersion = textAt(wanted, 'metadata', 'resourceVersion');
    const metadata = { ...object.metadata, ...(resourceVersion && { resourceVersion }) };
    return { ...object, metadata, spec: { ...objectAt(object, 'spec'), replicas } };
  });
  return { code: 200, body: scaleOf(changed) };
}

function scaleOf(object: KubeObject): JsonObject {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  const labels = Object.entries(textMapAt(object, 'spec', 'selector', 'matchLabels'));
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    spec: { replicas: numberAt(object, 'spec', 'replicas') },
    status: {
      replicas: numberAt(object, 'status', 'replicas'),
      selector: labels.map(([key, value]) => `${key}=${value}`).join(','),
    },
  };
}

/** What a scheduler does: the pod belongs to a node from now on. */
function bindPod(backend: Backend, request: ResourceRequest): Answer {
  const { kind, path } = request;
  if (request.method !== 'POST') throw methodNotAllowed();
  const nodeName = textAt(request.body, 'target', 'name');
  const assigned = textAt(backend.registry.get(kind, path.namespace, path.name ?? ''), 'spec', 'nodeName');
  if (assigned) {
    const binding = { ...kind, plural: 'pods/binding' };
    throw conflict(binding, path.name ?? '', `pod ${path.name} is already assigned to node "${assigned}"`);
  }
  backend.registry.patch(kind, path.namespace, path.name ?? '', undefined, (pod) => ({
    ...pod,
    spec: { ...objectAt(pod, 'spec'), nodeName },
  }));
  return { code: 201, body: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 } };
}
