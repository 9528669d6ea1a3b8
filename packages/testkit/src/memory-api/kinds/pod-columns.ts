/** How kubectl lists Pods (kubernetes pkg/printers/internalversion, `printPod`), without init containers. */

import { isJsonObject, listAt, numberAt, textAt, valueAt } from '../json-value.ts';
import type { KubeObject } from '../kube-object.ts';
import { ageColumn, nameColumn, textColumn } from './common-columns.ts';
import type { Column } from './resource-kind.ts';

export const podColumns: readonly Column[] = [
  nameColumn,
  { name: 'Ready', type: 'string', cell: readyContainers },
  { name: 'Status', type: 'string', cell: podStatus },
  { name: 'Restarts', type: 'string', cell: restarts },
  ageColumn,
  {
    name: 'IP',
    type: 'string',
    priority: 1,
    cell: (pod) => textAt(listAt(pod, 'status', 'podIPs')[0], 'ip') || '<none>',
  },
  { name: 'Node', type: 'string', priority: 1, cell: (pod) => textAt(pod, 'spec', 'nodeName') || '<none>' },
  textColumn('Nominated Node', ['status', 'nominatedNodeName'], {
    priority: 1,
    cell: (pod) => textAt(pod, 'status', 'nominatedNodeName') || '<none>',
  }),
  { name: 'Readiness Gates', type: 'string', priority: 1, cell: () => '<none>' },
];

function statuses(pod: KubeObject): readonly unknown[] {
  return listAt(pod, 'status', 'containerStatuses');
}

function readyContainers(pod: KubeObject): string {
  const ready = statuses(pod).filter(
    (container) => valueAt(container, 'ready') === true && isJsonObject(valueAt(container, 'state', 'running')),
  );
  return `${ready.length}/${listAt(pod, 'spec', 'containers').length}`;
}

function podStatus(pod: KubeObject): string {
  const phase = textAt(pod, 'status', 'phase');
  if (pod.metadata.deletionTimestamp !== undefined && phase !== 'Failed' && phase !== 'Succeeded') return 'Terminating';
  const waiting = statuses(pod).find((container) => textAt(container, 'state', 'waiting', 'reason') !== '');
  if (waiting !== undefined) return textAt(waiting, 'state', 'waiting', 'reason');
  const ended = statuses(pod).find((container) => textAt(container, 'state', 'terminated', 'reason') !== '');
  if (ended !== undefined) return textAt(ended, 'state', 'terminated', 'reason');
  return textAt(pod, 'status', 'reason') || phase;
}

function restarts(pod: KubeObject): string {
  return String(statuses(pod).reduce((sum: number, container) => sum + numberAt(container, 'restartCount'), 0));
}
