/** How kubectl lists Services (kubernetes pkg/printers/internalversion, `printService`). */

import { listAt, numberAt, textAt, textMapAt } from '../json-value.ts';
import type { KubeObject } from '../kube-object.ts';
import { ageColumn, formatLabels, inTextOrder, nameColumn, textColumn } from './common-columns.ts';
import type { Column } from './resource-kind.ts';

export const serviceColumns: readonly Column[] = [
  nameColumn,
  textColumn('Type', ['spec', 'type']),
  {
    name: 'Cluster-IP',
    type: 'string',
    cell: (service) => firstText(listAt(service, 'spec', 'clusterIPs')) ?? '<none>',
  },
  { name: 'External-IP', type: 'string', cell: externalIp },
  { name: 'Port(s)', type: 'string', cell: ports },
  ageColumn,
  {
    name: 'Selector',
    type: 'string',
    priority: 1,
    cell: (service) => formatLabels(textMapAt(service, 'spec', 'selector')),
  },
];

function firstText(list: readonly unknown[]): string | undefined {
  return typeof list[0] === 'string' ? list[0] : undefined;
}

function externalIp(service: KubeObject): string {
  const external = listAt(service, 'spec', 'externalIPs').join(',');
  switch (textAt(service, 'spec', 'type')) {
    case 'ClusterIP':
    case 'NodePort':
      return external || '<none>';
    case 'LoadBalancer':
      return [ingressAddresses(service), external].filter(Boolean).join(',') || '<pending>';
    case 'ExternalName':
      return textAt(service, 'spec', 'externalName');
    default:
      return '<unknown>';
  }
}

/** The API server prints tables as for `-o wide`, so nothing is cut off; kubectl leaves out what it does not show. */
function ingressAddresses(service: KubeObject): string {
  const addresses = listAt(service, 'status', 'loadBalancer', 'ingress').map(
    (ingress) => textAt(ingress, 'ip') || textAt(ingress, 'hostname'),
  );
  return [...new Set(addresses.filter(Boolean))].sort(inTextOrder).join(',');
}

function ports(service: KubeObject): string {
  const list = listAt(service, 'spec', 'ports').map((port) => {
    const nodePort = numberAt(port, 'nodePort');
    const numbers = nodePort > 0 ? `${numberAt(port, 'port')}:${nodePort}` : `${numberAt(port, 'port')}`;
    return `${numbers}/${textAt(port, 'protocol')}`;
  });
  return list.join(',') || '<none>';
}
