/** How kubectl lists Events (kubernetes pkg/printers/internalversion, `printEvent`). */

import { isJsonObject, numberAt, textAt, valueAt } from '../json-value.ts';
import type { KubeObject } from '../kube-object.ts';
import { textColumn } from './common-columns.ts';
import { ageOf } from './human-duration.ts';
import type { Column } from './resource-kind.ts';

export const eventColumns: readonly Column[] = [
  { name: 'Last Seen', type: 'string', cell: lastSeen },
  textColumn('Type', ['type']),
  textColumn('Reason', ['reason']),
  { name: 'Object', type: 'string', cell: involvedObject },
  textColumn('Subobject', ['involvedObject', 'fieldPath'], { priority: 1 }),
  { name: 'Source', type: 'string', priority: 1, cell: source },
  { name: 'Message', type: 'string', cell: (event) => textAt(event, 'message').trim() },
  { name: 'First Seen', type: 'string', priority: 1, cell: firstSeen },
  { name: 'Count', type: 'string', priority: 1, cell: count },
  textColumn('Name', ['metadata', 'name'], { priority: 1, format: 'name' }),
];

function firstSeen(event: KubeObject, nowMs: number): string {
  return ageOf(textAt(event, 'firstTimestamp') || textAt(event, 'eventTime'), nowMs);
}

function lastSeen(event: KubeObject, nowMs: number): string {
  const inSeries = textAt(event, 'series', 'lastObservedTime');
  const last = inSeries || textAt(event, 'lastTimestamp');
  return last ? ageOf(last, nowMs) : firstSeen(event, nowMs);
}

function count(event: KubeObject): number {
  return isJsonObject(valueAt(event, 'series')) ? numberAt(event, 'series', 'count') : numberAt(event, 'count') || 1;
}

function involvedObject(event: KubeObject): string {
  const kind = textAt(event, 'involvedObject', 'kind').toLowerCase();
  const name = textAt(event, 'involvedObject', 'name');
  return name ? `${kind}/${name}` : kind;
}

function source(event: KubeObject): string {
  const component = textAt(event, 'source', 'component') || textAt(event, 'reportingComponent');
  const host = textAt(event, 'source', 'host') || textAt(event, 'reportingInstance');
  return host ? `${component}, ${host}` : component;
}
