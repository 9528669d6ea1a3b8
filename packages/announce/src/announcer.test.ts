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
const serviceOf = (name: string, spec: object): AnnouncerEvent => ({
  type: 'serviceChanged',
  service: present(
    projectServiceForAnnouncement({
      metadata: { namespace: 'default', name },
      spec: { type: 'LoadBalancer', ...spec },
      status: { loadBalancer: { ingress: [{ ip: '192.0.2.10' }] } },
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
const quietBgp: AnnouncerOutput['bgp'] = {
  routeUpserts: [],
  routeRemovals: [],
  peers: undefined,
  unserved: undefined,
  decisions: [],
  servicePeers: [],
  localPrefConflicts: [],
  snapshot: undefined,
};
const quiet: AnnouncerOutput = { upserts: [], removals: [], decisions: [], snapshot: undefined, bgp: quietBgp };
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
  expect(announcer.step(configChanged(garbled))).toMatchObject({ upserts: [], removals: [], decisions: [] });
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
    ['this node gone', [{ type: 'nodeDeleted', name: 'a' }], { upserts: [], removals: [removal] }],
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
    [
      'a class that is not served',
      [serviceOf('nginx', { loadBalancerClass: 'other' })],
      { upserts: [], removals: [removal] },
    ],
    [
      'a Service that turns ClusterIP, which takes its class away too',
      [serviceOf('nginx', { type: 'ClusterIP' })],
      { upserts: [], removals: [removal] },
    ],
    [
      'this node without network',
      [nodeChanged('a', {}, { conditions: [{ type: 'NetworkUnavailable', status: 'True' }] })],
      { upserts: [], removals: [removal] },
    ],
    [
      'another node without network',
      [nodeChanged('b', {}, { conditions: [{ type: 'NetworkUnavailable', status: 'True' }] })],
      { upserts: [{ ...entry, candidates: candidates('a') }], removals: [] },
    ],
    [
      'labels that no advertisement selects any more',
      [
        nodeChanged('a', { rack: '1' }),
        configChanged(config(['192.0.2.0/24'], { nodeSelectors: [{ matchLabels: { rack: '1' } }] })),
        nodeChanged('a', { rack: '2' }),
      ],
      { upserts: [], removals: [removal] },
    ],
    [
      'a second address, whose first stays',
      [serviceChanged('nginx', '192.0.2.10', '192.0.2.12')],
      { upserts: [{ ...entry, address: '192.0.2.12' }], removals: [] },
    ],
    [
      'the same two addresses in another order, which elects anew',
      [serviceChanged('nginx', '192.0.2.10', '192.0.2.12'), serviceChanged('nginx', '192.0.2.12', '192.0.2.10')],
      {
        upserts: [
          { ...entry, address: '192.0.2.12', electionAddress: '192.0.2.12' },
          { ...entry, electionAddress: '192.0.2.12' },
        ],
        removals: [],
      },
    ],
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

describe('a pool that is gone', () => {
  const elsewhere = configChanged(config(['198.51.100.0/24']));
  const because = 'HeldFromRemovedPool';

  test('takes nothing from a Service whose status still names its address, as with MetalLB', () => {
    const announcer = started();
    expect(announcer.step(elsewhere)).toMatchObject({
      upserts: [],
      removals: [],
      decisions: [{ serviceKey: 'default/nginx', decision: { eligible: true, because } }],
    });
    expect([...announcer.entries()]).toEqual([entry]);
    expect(announcer.step(nodeChanged('c')).upserts).toEqual([{ ...entry, candidates: candidates('a', 'b', 'c') }]);
    expect(announcer.step(configChanged(config(['203.0.113.0/24'])))).toEqual(quiet);
    expect(announcer.decisionOf('default/nginx')).toMatchObject({ because });
  });

  test.for<[name: string, event: AnnouncerEvent]>([
    ['clears the status', serviceChanged('nginx')],
    ['gives another address', serviceChanged('nginx', '198.51.100.1')],
    ['gives another address beside it', serviceChanged('nginx', '192.0.2.10', '198.51.100.1')],
  ])('is left when the controller %s', ([, event]) => {
    const announcer = started();
    announcer.step(elsewhere);
    expect(announcer.step(event).removals).toEqual([removal]);
  });

  test('ends with the last endpoint, and does not come back with it', () => {
    const announcer = started();
    announcer.step(elsewhere);
    expect(announcer.step({ type: 'sliceDeleted', key: 'default/nginx-1' }).removals).toEqual([removal]);
    expect(announcer.step(sliceChanged('nginx', ['a'])).upserts).toEqual([]);
    expect(announcer.decisionOf('default/nginx')).toEqual({ eligible: false, because: 'ipNotAllowed' });
  });

  test('that comes back under another name is the new one’s at once', () => {
    const announcer = started();
    announcer.step(elsewhere);
    const renamed = parseConfiguration({
      ipAddressPools: [{ metadata: { name: 'renamed' }, spec: { addresses: ['192.0.2.0/24'] } }],
      l2Advertisements: [{ metadata: { name: 'l2' }, spec: {} }],
    }).config;
    expect(announcer.step(configChanged(renamed))).toMatchObject({
      upserts: [{ ...entry, pool: 'renamed' }],
      decisions: [{ decision: { because: 'Advertised' } }],
    });
  });

  test('is nobody’s after a restart', () => {
    const announcer = createAnnouncer({ node: 'a' });
    const outputs = [...WORLD.slice(1), elsewhere, { type: 'synced' } as const].map((event) => announcer.step(event));
    expect(outputs.at(-1)).toMatchObject({ upserts: [], snapshot: 'complete' });
  });
});

test('while nothing can be told of its pool, a Service still ends with its endpoints, and comes back with them', () => {
  const garbled = parseConfiguration({
    ipAddressPools: [{ metadata: { name: 'pool' }, spec: { addresses: ['nonsense'] } }],
    l2Advertisements: [],
  }).config;
  const announcer = started();
  announcer.step(configChanged(garbled));
  expect(announcer.step({ type: 'sliceDeleted', key: 'default/nginx-1' }).removals).toEqual([removal]);
  expect(announcer.step(sliceChanged('nginx', ['a'])).upserts).toEqual([entry]);
});

test('one Service that changes is looked at alone, and the Nodes not at all', () => {
  const looked: string[] = [];
  const announcer = createAnnouncer({ node: 'a' });
  const watchful = (event: AnnouncerEvent): AnnouncerEvent =>
    event.type === 'nodeChanged'
      ? {
          type: 'nodeChanged',
          node: {
            ...event.node,
            get labels() {
              looked.push(event.node.name);
              return event.node.labels;
            },
          },
        }
      : event;
  const many = Array.from({ length: 50 }, (_, i) => [
    serviceChanged(`s${i}`, '192.0.2.10'),
    sliceChanged(`s${i}`, ['a']),
  ]);
  for (const event of [...WORLD, ...many.flat(), { type: 'synced' } as const]) {
    announcer.step(watchful(event));
  }
  const atStart = looked.length; // of two Nodes for fifty Services
  expect(atStart).toBeLessThan(10);
  announcer.step(serviceChanged('s1', '192.0.2.11'));
  announcer.step(sliceChanged('s1', ['b']));
  expect(looked).toHaveLength(atStart);
  expect(announcer.step(watchful(nodeChanged('b', { rack: '2' })))).toEqual(quiet);
  expect(looked.length - atStart).toBeLessThan(10);
  expect(announcer.step({ type: 'nodeDeleted', name: 'b' }).upserts).toHaveLength(51);
  expect(looked.length - atStart).toBeLessThan(15);
});

test('a label that selects nothing yet counts as soon as something selects it', () => {
  const announcer = started();
  expect(announcer.step(nodeChanged('b', { rack: '2' }))).toEqual(quiet);
  const selecting = config(['192.0.2.0/24'], { nodeSelectors: [{ matchLabels: { rack: '2' } }] });
  expect(announcer.step(configChanged(selecting))).toMatchObject({ upserts: [], removals: [removal] });
  expect(announcer.step(nodeChanged('a', { rack: '2' })).upserts).toEqual([entry]);
  const preferring = config(['192.0.2.0/24'], {
    preferredNodeSelectors: [{ weight: 7, preference: { matchLabels: { rack: '3' } } }],
  });
  expect(announcer.step(configChanged(preferring))).toEqual(quiet);
  expect(announcer.step(nodeChanged('b', { rack: '3' })).upserts).toEqual([
    { ...entry, candidates: [...candidates('a'), { node: 'b', score: 7 }] },
  ]);
});

test('an address that a Node takes later is not announced any more, and is when it gives it up', () => {
  const announcer = started();
  const holding = nodeChanged('b', {}, { addresses: [{ type: 'InternalIP', address: '192.0.2.10' }] });
  expect(announcer.step(holding)).toMatchObject({ removals: [removal] });
  expect(announcer.step(nodeChanged('b'))).toMatchObject({ upserts: [entry] });
});

test('that one of two addresses is refused, and is no more, is told although the Service may be announced all the time', () => {
  const announcer = started();
  announcer.step(serviceChanged('nginx', '192.0.2.10', '192.0.2.12'));
  const holding = nodeChanged('b', {}, { addresses: [{ type: 'InternalIP', address: '192.0.2.12' }] });
  const refused = announcer.step(holding);
  expect(refused.removals).toEqual([{ serviceKey: 'default/nginx', address: '192.0.2.12' }]);
  expect(refused.decisions).toMatchObject([
    { decision: { eligible: true, refusedAddresses: [{ address: '192.0.2.12', because: 'AddressBelongsToNode' }] } },
  ]);
  expect(announcer.step(nodeChanged('b')).decisions).toMatchObject([{ decision: { refusedAddresses: [] } }]);
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
    // All with the same addresses: what a pool that is gone leaves behind is history.
    fc
      .constantFrom(
        config(['192.0.2.0/30']),
        config(['192.0.2.0/29'], { interfaces: ['eth0'] }),
        config(['192.0.2.0/24'], { nodeSelectors: [{ matchExpressions: [{ key: 'x', operator: 'Exists' }] }] }),
      )
      .map(configChanged),
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
