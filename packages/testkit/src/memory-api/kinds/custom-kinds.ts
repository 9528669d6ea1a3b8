/** Kinds that come from CustomResourceDefinitions: served without looking at their schema, but for its defaults. */

import { isJsonObject, listAt, objectAt, textAt, valueAt } from '../json-value.ts';
import type { KubeObject } from '../kube-object.ts';
import { ageColumn, nameColumn } from './common-columns.ts';
import { ageOf } from './human-duration.ts';
import { type Column, defineKind, type ResourceKind } from './resource-kind.ts';

/** The kinds of one definition: one per served version. All are the same stored objects. */
export function kindsOfDefinition(definition: KubeObject): ResourceKind[] {
  const names = objectAt(definition, 'spec', 'names');
  const group = textAt(definition, 'spec', 'group');
  return listAt(definition, 'spec', 'versions')
    .filter((version) => valueAt(version, 'served') !== false)
    .map((version) =>
      defineKind({
        group,
        version: textAt(version, 'name'),
        kind: textAt(names, 'kind'),
        plural: textAt(names, 'plural'),
        singular: textAt(names, 'singular') || textAt(names, 'kind').toLowerCase(),
        shortNames: listAt(names, 'shortNames').map(String),
        categories: listAt(names, 'categories').map(String),
        namespaced: textAt(definition, 'spec', 'scope') !== 'Cluster',
        custom: true,
        hasStatus: isJsonObject(valueAt(version, 'subresources', 'status')),
        countsGenerations: true,
        allowsUnconditionalUpdate: false,
        columns: columnsOf(version),
        strategy: { setDefaults: (object) => applyDefaults(valueAt(version, 'schema', 'openAPIV3Schema'), object) },
      }),
    );
}

function columnsOf(version: unknown): Column[] {
  const described = listAt(version, 'additionalPrinterColumns');
  if (described.length === 0) return [nameColumn, ageColumn];
  return [nameColumn, ...described.map(customColumn)];
}

/** apiextensions-apiserver pkg/registry/customresource/tableconvertor: texts are printed, all else keeps its type. */
function customColumn(description: unknown): Column {
  const type = textAt(description, 'type') as Column['type'];
  const path = textAt(description, 'jsonPath').split('.').filter(Boolean);
  const priority = valueAt(description, 'priority');
  return {
    name: textAt(description, 'name'),
    type,
    ...(typeof priority === 'number' && { priority }),
    cell: (object, nowMs) => {
      const value = valueAt(object, ...path);
      if (value === undefined || value === null) return null;
      if (type === 'date') return ageOf(String(value), nowMs);
      if (type !== 'string' || typeof value === 'string') return value;
      return JSON.stringify(value);
    },
  };
}

/** Fills in the defaults of a structural schema wherever their parent is there. */
function applyDefaults(schema: unknown, value: unknown): void {
  if (Array.isArray(value)) {
    for (const item of value) applyDefaults(valueAt(schema, 'items'), item);
    return;
  }
  if (!isJsonObject(value)) return;
  for (const [field, fieldSchema] of Object.entries(objectAt(schema, 'properties'))) {
    const byDefault = valueAt(fieldSchema, 'default');
    if (byDefault !== undefined && value[field] === undefined) value[field] = structuredClone(byDefault);
    applyDefaults(fieldSchema, value[field]);
  }
}
