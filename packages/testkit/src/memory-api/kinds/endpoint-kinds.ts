/** Endpoints and EndpointSlices (kubernetes pkg/apis/core/v1 and pkg/apis/discovery/v1, defaults.go). */

import { isJsonObject, listAt, numberAt, setDefault, textAt, valueAt } from '../json-value.ts';
import type { KubeObject } from '../kube-object.ts';
import { ageColumn, firstThree, nameColumn, textColumn } from './common-columns.ts';
import { defineKind, type ResourceKind } from './resource-kind.ts';

const endpoints = defineKind({
  group: '',
  version: 'v1',
  kind: 'Endpoints',
  plural: 'endpoints',
  singular: 'endpoints',
  shortNames: ['ep'],
  columns: [nameColumn, { name: 'Endpoints', type: 'string', cell: endpointsCell }, ageColumn],
  strategy: { setDefaults: (one) => listAt(one, 'subsets').forEach(setPortDefaults) },
});

const endpointSlices = defineKind({
  group: 'discovery.k8s.io',
  version: 'v1',
  kind: 'EndpointSlice',
  plural: 'endpointslices',
  countsGenerations: true,
  columns: [
    nameColumn,
    textColumn('AddressType', ['addressType']),
    { name: 'Ports', type: 'string', cell: slicePorts },
    {
      name: 'Endpoints',
      type: 'string',
      cell: (slice) => firstThree(listAt(slice, 'endpoints').flatMap((one) => listAt(one, 'addresses').map(String))),
    },
    ageColumn,
  ],
  strategy: { setDefaults: setSliceDefaults },
});

export const endpointKinds: readonly ResourceKind[] = [endpoints, endpointSlices];

function endpointsCell(object: KubeObject): string {
  const sockets = listAt(object, 'subsets').flatMap((subset) => {
    const addresses = listAt(subset, 'addresses').map((address) => textAt(address, 'ip'));
    const ports = listAt(subset, 'ports').map((port) => numberAt(port, 'port'));
    if (ports.length === 0) return addresses;
    return ports.flatMap((port) => addresses.map((ip) => (ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`)));
  });
  return firstThree(sockets, '<none>');
}

function slicePorts(slice: KubeObject): string {
  return firstThree(
    listAt(slice, 'ports').map((port) => String(valueAt(port, 'port') ?? (textAt(port, 'name') || '*'))),
  );
}

/** The ports of a subset or of a slice. */
function setPortDefaults(holder: unknown): void {
  for (const port of listAt(holder, 'ports').filter(isJsonObject)) setDefault(port, 'protocol', 'TCP');
}

function setSliceDefaults(slice: KubeObject): void {
  setPortDefaults(slice);
  for (const port of listAt(slice, 'ports').filter(isJsonObject)) port['name'] ??= '';
  for (const endpoint of listAt(slice, 'endpoints').filter(isJsonObject)) setDefault(endpoint, 'conditions', {});
}
