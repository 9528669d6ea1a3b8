/** Cluster addresses and node ports of Services, given out as the API server does: at random, from what no other Service has. */

import { BlockList, isIP } from 'node:net';
import { listAt, numberAt } from '../json-value.ts';
import type { KubeObject } from '../kube-object.ts';

/** `--service-node-port-range`, as every distribution has it. */
export const NODE_PORT_FIRST = 30_000;
export const NODE_PORT_LAST = 32_767;

export type IpFamily = 'IPv4' | 'IPv6';

export function familyOf(address: string): IpFamily {
  return address.includes(':') ? 'IPv6' : 'IPv4';
}

/** A free address of the range; undefined where none was found. */
export function freeClusterIp(cidr: string, services: readonly KubeObject[]): string | undefined {
  // The first address of each range belongs to the Service `kubernetes`.
  for (let attempt = 0; attempt < 1000; attempt++) {
    const address = addressAt(cidr, 2 + Math.floor(Math.random() * 65_000));
    // One look per attempt costs less than a set of all: the first attempt nearly always does.
    if (!services.some((service) => hasClusterIp(service, address))) return address;
  }
  return undefined;
}

/** On the way of every Service that is made: a look, not a walk through unknown JSON. */
function hasClusterIp(service: KubeObject, address: string): boolean {
  const { clusterIPs } = service['spec'] as { clusterIPs?: readonly string[] };
  return clusterIPs?.includes(address) ?? false;
}

export function isInRange(cidr: string, address: string): boolean {
  const [network = '', prefixLength = ''] = cidr.split('/');
  if (isIP(network) !== isIP(address)) return false;
  const family = isIP(network) === 6 ? 'ipv6' : 'ipv4';
  const list = new BlockList();
  list.addSubnet(network, Number(prefixLength), family);
  return list.check(address, family);
}

/** The n-th address of a range: of an IPv4 /16, or of an IPv6 range that ends in `::`. */
export function addressAt(cidr: string, offset: number): string {
  const [network = ''] = cidr.split('/');
  if (network.includes(':')) return `${network}${offset.toString(16)}`;
  const [a = '', b = ''] = network.split('.');
  return `${a}.${b}.${offset >> 8}.${offset & 0xff}`;
}

/** Every node port in use, with its protocol. */
export function nodePortsOf(services: readonly KubeObject[]): Set<number> {
  const used = new Set<number>();
  for (const service of services) {
    for (const port of listAt(service, 'spec', 'ports')) {
      const nodePort = numberAt(port, 'nodePort');
      if (nodePort > 0) used.add(nodePort);
    }
    const healthCheck = numberAt(service, 'spec', 'healthCheckNodePort');
    if (healthCheck > 0) used.add(healthCheck);
  }
  return used;
}

/** A node port that is not in use, and is from now on; undefined where the range is full. */
export function takeNodePort(used: Set<number>): number | undefined {
  const size = NODE_PORT_LAST - NODE_PORT_FIRST + 1;
  const start = Math.floor(Math.random() * size);
  for (let i = 0; i < size; i++) {
    const port = NODE_PORT_FIRST + ((start + i) % size);
    if (used.has(port)) continue;
    used.add(port);
    return port;
  }
  return undefined;
}

export function isSameService(a: KubeObject, b: KubeObject): boolean {
  return a.metadata.name === b.metadata.name && a.metadata.namespace === b.metadata.namespace;
}
