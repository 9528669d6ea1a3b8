/** How kubectl lists Nodes (kubernetes pkg/printers/internalversion, `printNode`). */

import { listAt, textAt, valueAt } from '../json-value.ts';
import type { KubeObject } from '../kube-object.ts';
import { ageColumn, inTextOrder, nameColumn, textColumn } from './common-columns.ts';
import type { Column } from './resource-kind.ts';

const ROLE_LABEL_PREFIX = 'node-role.kubernetes.io/';

export const nodeColumns: readonly Column[] = [
  nameColumn,
  { name: 'Status', type: 'string', cell: nodeStatus },
  { name: 'Roles', type: 'string', cell: roles },
  ageColumn,
  textColumn('Version', ['status', 'nodeInfo', 'kubeletVersion']),
  { name: 'Internal-IP', type: 'string', priority: 1, cell: (node) => addressOf(node, 'InternalIP') },
  { name: 'External-IP', type: 'string', priority: 1, cell: (node) => addressOf(node, 'ExternalIP') },
  { name: 'OS-Image', type: 'string', priority: 1, cell: (node) => infoOf(node, 'osImage') },
  { name: 'Kernel-Version', type: 'string', priority: 1, cell: kernelVersion },
  { name: 'Container-Runtime', type: 'string', priority: 1, cell: (node) => infoOf(node, 'containerRuntimeVersion') },
];

function nodeStatus(node: KubeObject): string {
  const ready = listAt(node, 'status', 'conditions').find((condition) => textAt(condition, 'type') === 'Ready');
  const words = [ready === undefined ? 'Unknown' : textAt(ready, 'status') === 'True' ? 'Ready' : 'NotReady'];
  if (valueAt(node, 'spec', 'unschedulable') === true) words.push('SchedulingDisabled');
  return words.join(',');
}

function roles(node: KubeObject): string {
  const names = Object.entries(node.metadata.labels ?? {}).flatMap(([key, value]) => {
    if (key.startsWith(ROLE_LABEL_PREFIX)) return [key.slice(ROLE_LABEL_PREFIX.length)];
    return key === 'kubernetes.io/role' ? [value] : [];
  });
  return [...new Set(names.filter(Boolean))].sort(inTextOrder).join(',') || '<none>';
}

function addressOf(node: KubeObject, type: string): string {
  const address = listAt(node, 'status', 'addresses').find((one) => textAt(one, 'type') === type);
  return textAt(address, 'address') || '<none>';
}

function infoOf(node: KubeObject, field: string): string {
  return textAt(node, 'status', 'nodeInfo', field) || '<unknown>';
}

function kernelVersion(node: KubeObject): string {
  const architecture = textAt(node, 'status', 'nodeInfo', 'architecture');
  return architecture ? `${infoOf(node, 'kernelVersion')} (${architecture})` : infoOf(node, 'kernelVersion');
}
