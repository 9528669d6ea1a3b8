import { expect, test } from 'vitest';
import type { ProxiedEndpointSlice, ProxiedService } from './objects.ts';
import { kubeProxyRuleset } from './ruleset.ts';

const node = { name: 'a', addresses: ['192.0.2.5'] };

function service(externalTrafficPolicy: 'Cluster' | 'Local'): ProxiedService {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web', namespace: 'default' },
    spec: { clusterIPs: ['198.51.100.9'], externalTrafficPolicy, ports: [{ name: '', port: 8080, nodePort: 31_655 }] },
    status: { loadBalancer: { ingress: [{ ip: '192.0.2.30' }] } },
  };
}

function slice(...endpoints: [address: string, nodeName: string, ready?: boolean][]): ProxiedEndpointSlice {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: 'web-1', namespace: 'default', labels: { 'kubernetes.io/service-name': 'web' } },
    addressType: 'IPv4',
    ports: [{ name: '', port: 80 }],
    endpoints: endpoints.map(([address, nodeName, ready]) => ({
      addresses: [address],
      nodeName,
      ...(ready === undefined ? {} : { conditions: { ready } }),
    })),
  };
}

/** The rules of one chain, without indentation. */
function chain(ruleset: string, name: string): string[] {
  const start = ruleset.indexOf(`chain ${name} {`);
  const body = ruleset.slice(ruleset.indexOf('\n', start), ruleset.indexOf('  }', start));
  return body
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

test('an address of a Service leads to all ready endpoints, from the address of the node', () => {
  const slices = [slice(['203.0.113.2', 'b'], ['203.0.113.1', 'a', true], ['203.0.113.3', 'a', false])];
  const targets = 'to numgen random mod 2 map { 0 : 203.0.113.1 . 80, 1 : 203.0.113.2 . 80 }';
  expect(chain(kubeProxyRuleset(node, [service('Cluster')], slices), 'services')).toEqual([
    `ip daddr 198.51.100.9 tcp dport 8080 dnat ip addr . port ${targets}`,
    `ip daddr 192.0.2.30 tcp dport 8080 meta mark set meta mark or 0x4000 dnat ip addr . port ${targets}`,
    `ip daddr 192.0.2.5 tcp dport 31655 meta mark set meta mark or 0x4000 dnat ip addr . port ${targets}`,
  ]);
});

test('with the policy Local it leads to endpoints of this node, and the client keeps its address', () => {
  const slices = [slice(['203.0.113.2', 'b'], ['203.0.113.1', 'a'])];
  expect(chain(kubeProxyRuleset(node, [service('Local')], slices), 'services')).toContain(
    'ip daddr 192.0.2.30 tcp dport 8080 dnat ip addr . port to numgen random mod 1 map { 0 : 203.0.113.1 . 80 }',
  );
});

test('without an endpoint it is refused, or dropped with the policy Local', () => {
  expect(chain(kubeProxyRuleset(node, [service('Cluster')], []), 'without_endpoints')).toContain(
    'ip daddr 192.0.2.30 tcp dport 8080 reject',
  );
  const slices = [slice(['203.0.113.2', 'b'])];
  expect(chain(kubeProxyRuleset(node, [service('Local')], slices), 'without_endpoints')).toEqual([
    'ip daddr 192.0.2.30 tcp dport 8080 drop',
    'ip daddr 192.0.2.5 tcp dport 31655 drop',
  ]);
});

test('the same state gives the same text, in whatever order it comes', () => {
  const one = { ...service('Cluster'), metadata: { name: 'a', namespace: 'default' } };
  const other = service('Cluster');
  const forth = [slice(['203.0.113.1', 'a'], ['203.0.113.2', 'b'])];
  const back = [slice(['203.0.113.2', 'b'], ['203.0.113.1', 'a'])];
  expect(kubeProxyRuleset(node, [one, other], forth)).toBe(kubeProxyRuleset(node, [other, one], back));
});
