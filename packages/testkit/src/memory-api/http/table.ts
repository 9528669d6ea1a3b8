/**
 * Tables made by the server, which is what `kubectl get` prints.
 * @see {@link https://kubernetes.io/docs/reference/using-api/api-concepts/#receiving-resources-as-tables | API concepts, "Receiving resources as Tables"}
 */

import type { JsonObject } from '../json-value.ts';
import type { ResourceKind } from '../kinds/resource-kind.ts';
import type { KubeObject } from '../kube-object.ts';

/** Which part of each object a row carries: its metadata by default. */
export type IncludeObject = 'None' | 'Metadata' | 'Object';

export function makeTable(
  kind: ResourceKind,
  objects: readonly KubeObject[],
  metadata: JsonObject,
  nowMs: number,
  include: IncludeObject,
): JsonObject {
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata,
    columnDefinitions: kind.columns.map((column) => ({
      name: column.name,
      type: column.type,
      format: column.format ?? '',
      description: '',
      priority: column.priority ?? 0,
    })),
    rows: objects.map((object) => ({
      cells: kind.columns.map((column) => column.cell(object, nowMs)),
      ...(include !== 'None' && { object: include === 'Object' ? object : partialMetadata(object) }),
    })),
  };
}

/** An object without anything but its metadata. */
export function partialMetadata(object: KubeObject): JsonObject {
  return { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: object.metadata };
}
