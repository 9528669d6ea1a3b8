/** Columns and cells that several kinds share (kubernetes pkg/printers/internalversion). */

import { listAt, textAt, textMapAt, valueAt } from '../json-value.ts';
import type { KubeObject } from '../kube-object.ts';
import { ageOf } from './human-duration.ts';
import type { Column } from './resource-kind.ts';

export const nameColumn: Column = {
  name: 'Name',
  type: 'string',
  format: 'name',
  cell: (object) => object.metadata.name,
};

export const ageColumn: Column = {
  name: 'Age',
  type: 'string',
  cell: (object, nowMs) => ageOf(object.metadata.creationTimestamp ?? '', nowMs),
};

/** A column that shows one text of the object. */
export function textColumn(name: string, path: readonly string[], more: Partial<Column> = {}): Column {
  return { name, type: 'string', cell: (object) => textAt(object, ...path), ...more };
}

/** A column that shows one number of the object, 0 where it is not set. */
export function integerColumn(name: string, path: readonly string[], more: Partial<Column> = {}): Column {
  return { name, type: 'integer', cell: (object) => Number(valueAt(object, ...path) ?? 0), ...more };
}

/** As Go sorts texts. */
export function inTextOrder(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

/** `a=b,c=d`, in the order of the keys; `<none>` for none (labels.FormatLabels). */
export function formatLabels(labels: Record<string, string>): string {
  const pairs = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
  return pairs.length > 0 ? pairs.sort(inTextOrder).join(',') : '<none>';
}

/** The containers, images and selector of a workload, for `-o wide`. */
export const workloadColumns: readonly Column[] = [
  { name: 'Containers', type: 'string', priority: 1, cell: (object) => containerTexts(object, 'name') },
  { name: 'Images', type: 'string', priority: 1, cell: (object) => containerTexts(object, 'image') },
  {
    name: 'Selector',
    type: 'string',
    priority: 1,
    cell: (object) => formatLabels(textMapAt(object, 'spec', 'selector', 'matchLabels')),
  },
];

function containerTexts(object: KubeObject, field: string): string {
  return listAt(object, 'spec', 'template', 'spec', 'containers')
    .map((container) => textAt(container, field))
    .join(',');
}

/** The first three, and how many more. */
export function firstThree(items: readonly string[], none = '<unset>'): string {
  if (items.length === 0) return none;
  const shown = items.slice(0, 3).join(',');
  return items.length > 3 ? `${shown} + ${items.length - 3} more...` : shown;
}
