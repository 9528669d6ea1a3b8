import { beforeEach, describe, expect, test } from 'vitest';
import { objectAt, valueAt } from '../json-value.ts';
import type { KubeObject } from '../kube-object.ts';
import { Registry } from '../store/registry.ts';
import { Storage } from '../store/storage.ts';
import { builtInKinds } from './built-in-kinds.ts';
import type { ResourceKind } from './resource-kind.ts';

const kindOf = (plural: string): ResourceKind => {
  const kind = builtInKinds.find((one) => one.plural === plural);
  if (kind === undefined) throw new RangeError(plural);
  return kind;
};
const services = kindOf('services');

let registry: Registry;

beforeEach(() => {
  registry = openRegistry(['10.43.0.0/16', 'fd00:43::/112']);
});

function openRegistry(serviceCidrs: readonly string[]): Registry {
  const opened = new Registry(new Storage(100), serviceCidrs, () => 0);
  opened.create(kindOf('namespaces'), undefined, { metadata: { name: 'n' } });
  return opened;
}

function create(name: string, spec: object): KubeObject {
  return registry.create(services, 'n', { metadata: { name }, spec: { ports: [{ port: 80 }], ...spec } });
}

function replace(name: string, spec: object): KubeObject {
  const body = { metadata: { name }, spec: { ports: [{ port: 80 }], ...spec } };
  return registry.replace(services, 'n', name, undefined, body).object;
}

describe('a Service that is written again without what it was given', () => {
  test('keeps its cluster address, its node ports and its health check port', () => {
    const spec = { type: 'LoadBalancer', externalTrafficPolicy: 'Local', ipFamilyPolicy: 'PreferDualStack' };
    const before = create('a', spec);
    expect(objectAt(replace('a', spec), 'spec')).toEqual(objectAt(before, 'spec'));
  });

  test('gives back what its new type does not have, and gets it anew later', () => {
    create('a', { type: 'LoadBalancer', loadBalancerClass: 'a/b', loadBalancerIP: '192.0.2.1' });
    const spec = objectAt(replace('a', { type: 'ClusterIP', loadBalancerIP: '192.0.2.1' }), 'spec');
    expect(spec).toMatchObject({ type: 'ClusterIP', loadBalancerIP: '192.0.2.1' });
    for (const field of ['allocateLoadBalancerNodePorts', 'externalTrafficPolicy', 'loadBalancerClass']) {
      expect(spec).not.toHaveProperty(field);
    }
    expect(valueAt(spec, 'ports')).toEqual([{ port: 80, protocol: 'TCP', targetPort: 80 }]);
    const ports = valueAt(replace('a', { type: 'NodePort' }), 'spec', 'ports');
    expect(ports).toEqual([{ port: 80, protocol: 'TCP', targetPort: 80, nodePort: expect.any(Number) }]);
  });

  test('loses its second address with SingleStack, and gets one with RequireDualStack', () => {
    const families = (object: KubeObject): unknown => valueAt(object, 'spec', 'ipFamilies');
    expect(families(create('a', { ipFamilyPolicy: 'RequireDualStack' }))).toEqual(['IPv4', 'IPv6']);
    const single = replace('a', { ipFamilyPolicy: 'SingleStack' });
    expect(families(single)).toEqual(['IPv4']);
    expect(valueAt(single, 'spec', 'clusterIPs')).toHaveLength(1);
    expect(families(replace('a', { ipFamilyPolicy: 'RequireDualStack' }))).toEqual(['IPv4', 'IPv6']);
  });
});

test('a node port belongs to one Service', () => {
  create('a', { type: 'NodePort', ports: [{ port: 80, nodePort: 30_080 }] });
  const again = { type: 'NodePort', ports: [{ port: 80, nodePort: 30_080 }] };
  expect(() => create('b', again)).toThrow(
    'spec.ports[0].nodePort: Invalid value: 30080: provided port is already allocated',
  );
  registry.delete(services, 'n', 'a');
  expect(valueAt(create('b', again), 'spec', 'ports')).toMatchObject([{ nodePort: 30_080 }]);
});

test('a cluster address that is asked for is given to one Service', () => {
  expect(valueAt(create('a', { clusterIP: '10.43.0.9' }), 'spec', 'clusterIPs')).toEqual(['10.43.0.9']);
  expect(() => create('b', { clusterIP: '10.43.0.9' })).toThrow('provided IP is already allocated');
});

test('a single-stack cluster has no second family', () => {
  registry = openRegistry(['10.43.0.0/16']);
  expect(valueAt(create('a', { ipFamilyPolicy: 'PreferDualStack' }), 'spec', 'ipFamilies')).toEqual(['IPv4']);
  const why = 'this cluster is not configured for dual-stack services';
  expect(() => create('b', { ipFamilyPolicy: 'RequireDualStack' })).toThrow(why);
});

test('a pod on a node is given time to end; another goes at once', () => {
  const pods = kindOf('pods');
  const containers = [{ name: 'a', image: 'a' }];
  registry.create(pods, 'n', { metadata: { name: 'bound' }, spec: { nodeName: 'node', containers } });
  registry.create(pods, 'n', { metadata: { name: 'waiting' }, spec: { containers } });
  expect(registry.delete(pods, 'n', 'waiting').gone).toBe(true);
  const { gone, object } = registry.delete(pods, 'n', 'bound');
  expect([gone, object.metadata.deletionGracePeriodSeconds, object.metadata.deletionTimestamp]).toEqual([
    false,
    30,
    '1970-01-01T00:00:30Z',
  ]);
  expect(registry.delete(pods, 'n', 'bound', { gracePeriodSeconds: 0 }).gone).toBe(true);
});
