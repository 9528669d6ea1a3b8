import { type ParsedConfig, parseConfiguration } from '@steelyard/config';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type AnnouncerEvent,
  type AnnouncerOutput,
  createAnnouncer,
  type Layer2Entry,
  projectEndpointSlice,
  projectNode,
  projectServiceForAnnouncement,
} from './index.ts';

const present = <T>(value: T | undefined): T => {
  if (value === undefined) {
    throw new Error('the object has a name');
  }
  return value;
};
const config = (addresses: string[], spec: object = {}): ParsedConfig =>
  parseConfiguration({
    ipAddressPools: [{ metadata: { name: 'pool' }, spec: { addresses } }],
    l2Advertisements: [{ metadata: { name: 'l2' }, spec }],
  }).config;
const configChanged = (parsed: ParsedConfig): AnnouncerEvent => ({ type: 'configChanged', config: parsed });
const serviceChanged = (name: string, ...addresses: string[]): AnnouncerEvent => ({
  type: 'serviceChanged',
  service: present(
    projectServiceForAnnouncement({
      metadata: { namespace: 'default', name },
      spec: { type: 'LoadBalancer' },
      status: { loadBalancer: { ingress: addresses.map((ip) => ({ ip })) } },
    }),
  ),
});
const sliceChanged = (service: string, nodes: string[], name = `${service}-1`): AnnouncerEvent => ({
  type: 'sliceChanged',
  slice: present(
    projectEndpointSlice({
      metadata: { namespace: 'default', name, labels: { 'kubernetes.io/service-name': service } },
      endpoints: nodes.map((nodeName) => ({ nodeName })),
    }),
  ),
});
const nodeChanged = (name: string, labels: object = {}, status: object = {}): AnnouncerEvent => ({
  type: 'nodeChanged',
  node: present(projectNode({ metadata: { name, labels }, status })),
});
const WORLD: AnnouncerEvent[] = [
  configChanged(config(['192.0.2.0/24'])),
  nodeChanged('a'),
  nodeChanged('b'),
  serviceChanged('nginx', '192.0.2.10'),
  sliceChanged('nginx', ['a']),
];
const started = () => {
  const announcer = createAnnouncer({ node: 'a' });
  for (const event of [...WORLD, { type: 'synced' } as const]) {
    announcer.step(event);
  }
  return announcer;
};
const quiet: AnnouncerOutput = { upserts: [], removals: [], decisions: [], snapshot: undefined };
const candidates = (...names: string[]) => names.map((node) => ({ node, score: 0 }));
const entry: Layer2Entry = {
  serviceKey: 'default/nginx',
  address: '192.0.2.10',
  electionAddress: '192.0.2.10',
  candidates: candidates('a', 'b'),
  interfaces: 'all',
  pool: 'pool',
};
const removal = { serviceKey: 'default/nginx', address: '192.0.2.10' };

test('after a partial snapshot a complete one follows as soon as nothing is unknown', () => {
  const garbled = parseConfiguration({
    ipAddressPools: [{ metadata: { name: '' }, spec: { addresses: ['192.0.2.0/24'] } }],
    l2Advertisements: [{ metadata: { name: 'l2' }, spec: {} }],
  }).config;
  const announcer = createAnnouncer({ node: 'a' });
  const outputs = [configChanged(garbled), ...WORLD.slice(1), { type: 'synced' } as const].map((event) =>
    announcer.step(event),
  );
  expect(outputs.at(-1)).toMatchObject({ upserts: [], snapshot: 'partial' });
  expect(announcer.step(nodeChanged('c')).snapshot).toBeUndefined();
  expect(announcer.step(configChanged(config(['192.0.2.0/24'])))).toMatchObject({
    upserts: [{ ...entry, candidates: candidates('a', 'b', 'c') }],
    snapshot: 'complete',
  });
  expect(announcer.step(nodeChanged('d')).snapshot).toBeUndefined();
});

test('an address that a Service has given up is withdrawn, also where nothing can be told of its new one', () => {
  const garbled = parseConfiguration({
    ipAddressPools: [{ metadata: { name: 'pool' }, spec: { addresses: ['nonsense'] } }],
    l2Advertisements: [],
  }).config;
  const announcer = started();
  expect(announcer.step(configChanged(garbled))).toEqual(quiet);
  expect(announcer.step(serviceChanged('nginx', '192.0.2.12'))).toMatchObject({ upserts: [], removals: [removal] });
  expect([...announcer.entries()]).toEqual([]);
});

describe('an announcer', () => {
  test('says nothing before everything was listed, then all at once', () => {
    const announcer = createAnnouncer({ node: 'a' });
    for (const event of WORLD) {
      expect(announcer.step(event)).toEqual(quiet);
    }
    expect(announcer.step({ type: 'synced' })).toMatchObject({ upserts: [entry], removals: [], snapshot: 'complete' });
    expect(announcer.step({ type: 'synced' })).toEqual(quiet);
  });

  test('says nothing about what did not change', () => {
    const announcer = started();
    for (const event of WORLD.slice(1)) {
      expect(announcer.step(event)).toEqual(quiet);
    }
    expect(announcer.step(configChanged(config(['192.0.2.0/24'])))).toEqual(quiet);
    expect(
      announcer.step(nodeChanged('a', {}, { conditions: [{ type: 'Ready', status: 'True', lastHeartbeatTime: 'x' }] })),
    ).toEqual(quiet);
  });

  test.for<[name: string, events: AnnouncerEvent[], output: Partial<AnnouncerOutput>]>([
    [
      'another Service',
      [sliceChanged('other', ['b']), serviceChanged('other', '192.0.2.11')],
      {
        upserts: [{ ...entry, serviceKey: 'default/other', address: '192.0.2.11', electionAddress: '192.0.2.11' }],
        removals: [],
      },
    ],
    [
      'another address',
      [serviceChanged('nginx', '192.0.2.12')],
      { upserts: [{ ...entry, address: '192.0.2.12', electionAddress: '192.0.2.12' }], removals: [removal] },
    ],
    ['no address', [serviceChanged('nginx')], { upserts: [], removals: [removal] }],
    [
      'no Service',
      [{ type: 'serviceDeleted', key: 'default/nginx' }],
      { upserts: [], removals: [removal], decisions: [{ serviceKey: 'default/nginx', decision: undefined }] },
    ],
    ['no endpoints', [{ type: 'sliceDeleted', key: 'default/nginx-1' }], { upserts: [], removals: [removal] }],
    ['endpoints of another Service', [sliceChanged('other', ['a'], 'nginx-1')], { upserts: [], removals: [removal] }],
    [
      'another node',
      [nodeChanged('c')],
      { upserts: [{ ...entry, candidates: candidates('a', 'b', 'c') }], removals: [] },
    ],
    [
      'a node less',
      [{ type: 'nodeDeleted', name: 'b' }],
      { upserts: [{ ...entry, candidates: candidates('a') }], removals: [] },
    ],
    [
      'this node excluded',
      [nodeChanged('a', { 'node.kubernetes.io/exclude-from-external-load-balancers': '' })],
      { upserts: [], removals: [removal] },
    ],
    [
      'other interfaces',
      [configChanged(config(['192.0.2.0/24'], { interfaces: ['eth1'] }))],
      { upserts: [{ ...entry, interfaces: ['eth1'] }], removals: [] },
    ],
    ['no pool', [configChanged(config(['198.51.100.0/24']))], { upserts: [], removals: [removal] }],
  ])('follows: %s', ([, events, output]) => {
    const announcer = started();
    const outputs = events.map((event) => announcer.step(event));
    expect(outputs.at(-1)).toMatchObject(output);
  });

  test('keeps an address announced while a second slice has an endpoint', () => {
    const announcer = started();
    expect(announcer.step(sliceChanged('nginx', ['b'], 'nginx-2'))).toEqual(quiet);
    expect(announcer.step({ type: 'sliceDeleted', key: 'default/nginx-1' })).toEqual(quiet);
    expect(announcer.step({ type: 'sliceDeleted', key: 'default/nginx-2' })).toMatchObject({ removals: [removal] });
  });

  test('withdraws nothing for a configuration that cannot be read', () => {
    const unknown = parseConfiguration({
      ipAddressPools: [],
      l2Advertisements: [],
      unknownKinds: new Set(['IPAddressPool']),
    }).config;
    const announcer = started();
    expect(announcer.step(configChanged(unknown))).toEqual(quiet);
    expect(announcer.step(nodeChanged('c'))).toMatchObject({
      upserts: [{ ...entry, candidates: candidates('a', 'b', 'c') }],
    });
    const restarted = createAnnouncer({ node: 'a' });
    expect(
      [configChanged(unknown), ...WORLD.slice(1), { type: 'synced' } as const].map((event) => restarted.step(event)),
    ).toEqual(Array(6).fill(quiet));
    expect(restarted.step(configChanged(config(['192.0.2.0/24'])))).toMatchObject({
      upserts: [entry],
      snapshot: 'complete',
    });
  });

  test('starts with a ConfigMap that is no YAML, and announces what Services hold', () => {
    const garbage = parseConfiguration({
      ipAddressPools: [],
      l2Advertisements: [],
      legacyConfigMap: { data: { config: '}{' } },
    }).config;
    const announcer = createAnnouncer({ node: 'a' });
    const outputs = [configChanged(garbage), ...WORLD.slice(1), { type: 'synced' } as const].map((event) =>
      announcer.step(event),
    );
    expect(outputs.at(-1)).toMatchObject({ upserts: [{ ...entry, pool: undefined }], snapshot: 'complete' });
  });

  test('says nothing of Services that need no load balancer', () => {
    const service = present(projectServiceForAnnouncement({ metadata: { name: 'x' }, spec: { type: 'ClusterIP' } }));
    expect(started().step({ type: 'serviceChanged', service })).toEqual(quiet);
  });
});

test('whatever happened before, the entries are those of an announcer that was told only the end', () => {
  const names = fc.constantFrom('s1', 's2', 's3');
  const nodes = fc.constantFrom('a', 'b', 'c');
  const event: fc.Arbitrary<AnnouncerEvent> = fc.oneof(
    fc.tuple(names, fc.nat(3)).map(([name, n]) => serviceChanged(name, ...(n === 0 ? [] : [`192.0.2.${n}`]))),
    names.map((name): AnnouncerEvent => ({ type: 'serviceDeleted', key: `default/${name}` })),
    fc
      .tuple(names, fc.subarray(['a', 'b', 'c']), fc.constantFrom('e1', 'e2'))
      .map(([name, on, slice]) => sliceChanged(name, on, slice)),
    fc.constantFrom('e1', 'e2').map((name): AnnouncerEvent => ({ type: 'sliceDeleted', key: `default/${name}` })),
    fc
      .tuple(nodes, fc.boolean())
      .map(([name, up]) =>
        nodeChanged(name, {}, { conditions: [{ type: 'NetworkUnavailable', status: up ? 'False' : 'True' }] }),
      ),
    nodes.map((name): AnnouncerEvent => ({ type: 'nodeDeleted', name })),
    fc.constantFrom(config(['192.0.2.0/30']), config(['192.0.2.2/31'], { interfaces: ['eth0'] })).map(configChanged),
  );
  const sorted = (entries: Iterable<Layer2Entry>) =>
    [...entries].sort((x, y) => (`${x.serviceKey} ${x.address}` < `${y.serviceKey} ${y.address}` ? -1 : 1));
  void fc.assert(
    fc.property(fc.array(event, { maxLength: 30 }), fc.nat(30), (events, syncedAt) => {
      const told = createAnnouncer({ node: 'a' });
      const wire = new Map<string, Layer2Entry>();
      const all = [...events.slice(0, syncedAt), { type: 'synced' } as const, ...events.slice(syncedAt)];
      for (const each of all) {
        const { upserts, removals } = told.step(each);
        for (const { serviceKey, address } of removals) {
          expect(wire.delete(`${serviceKey} ${address}`)).toBe(true);
        }
        for (const upsert of upserts) {
          wire.set(`${upsert.serviceKey} ${upsert.address}`, upsert);
        }
      }
      const late = createAnnouncer({ node: 'a' });
      for (const each of [...events, { type: 'synced' } as const]) {
        late.step(each);
      }
      expect(sorted(told.entries())).toEqual(sorted(late.entries()));
      expect(sorted(wire.values())).toEqual(sorted(told.entries()));
    }),
  );
});
