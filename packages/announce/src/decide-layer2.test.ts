import { parseConfiguration } from '@steelyard/config';
import { describe, expect, test } from 'vitest';
import {
  decideForNode,
  decideLayer2,
  type EndpointsView,
  type Layer2Options,
  metalLbReason,
  type NodeView,
  projectNode,
  projectServiceForAnnouncement,
} from './index.ts';

const node = (name: string, labels: Record<string, string> = {}, status: object = {}): NodeView => {
  const view = projectNode({ metadata: { name, labels }, status });
  if (view === undefined) {
    throw new Error('a Node has a name');
  }
  return view;
};
const service = (
  addresses: string[],
  rest: { spec?: object; labels?: object; annotations?: object; ingress?: unknown } = {},
) => {
  const view = projectServiceForAnnouncement({
    metadata: { namespace: 'default', name: 'nginx', labels: rest.labels, annotations: rest.annotations },
    spec: { type: 'LoadBalancer', ...rest.spec },
    status: { loadBalancer: { ingress: rest.ingress ?? addresses.map((ip) => ({ ip })) } },
  });
  if (view === undefined) {
    throw new Error('a Service has a name');
  }
  return view;
};
const NODES = [node('a', { rack: '1' }), node('b', { rack: '2' }), node('c')];
const SERVING: EndpointsView = { serving: true, servingNodes: new Set(['b']) };
const POOL = { metadata: { name: 'pool' }, spec: { addresses: ['192.0.2.0/24', '2001:db8::/64'] } };
const l2 = (spec: object = {}, name = 'l2') => ({ metadata: { name }, spec });
const rack = (value: string) => ({ matchLabels: { rack: value } });

interface Case {
  readonly service?: ReturnType<typeof service>;
  readonly endpoints?: EndpointsView;
  readonly nodes?: readonly NodeView[];
  readonly pools?: readonly unknown[];
  readonly advertisements?: readonly unknown[];
  readonly legacyConfigMap?: unknown;
  readonly options?: Layer2Options;
}
const decide = (input: Case) =>
  decideLayer2({
    service: input.service ?? service(['192.0.2.10']),
    endpoints: input.endpoints ?? SERVING,
    nodes: new Map((input.nodes ?? NODES).map((n) => [n.name, n])),
    config: parseConfiguration({
      ipAddressPools: input.pools ?? (input.legacyConfigMap === undefined ? [POOL] : []),
      l2Advertisements: input.advertisements ?? (input.legacyConfigMap === undefined ? [l2()] : []),
      ...(input.legacyConfigMap === undefined ? {} : { legacyConfigMap: input.legacyConfigMap }),
    }).config,
    ...(input.options && { options: input.options }),
  });
const candidatesOf = (input: Case) => {
  const decision = decide(input);
  return decision.eligible
    ? decision.candidates.map((c) => (c.score === 0 ? c.node : `${c.node}:${c.score}`))
    : decision.because;
};

test('an advertised address may be announced from every node, on every interface', () => {
  expect(decide({})).toMatchObject({
    eligible: true,
    because: 'Advertised',
    pool: 'pool',
    addresses: ['192.0.2.10'],
    electionAddress: '192.0.2.10',
    candidates: [
      { node: 'a', score: 0 },
      { node: 'b', score: 0 },
      { node: 'c', score: 0 },
    ],
  });
});

describe('nobody announces', () => {
  const selecting = l2({ serviceSelectors: [{ matchLabels: { app: 'web' } }] });
  test.for<[name: string, input: Case, because: string, metalLb: string]>([
    [
      'another type',
      { service: service(['192.0.2.10'], { spec: { type: 'ClusterIP' } }) },
      'notLoadBalancer',
      'notLoadBalancer',
    ],
    [
      'another class',
      { service: service(['192.0.2.10'], { spec: { loadBalancerClass: 'x' } }) },
      'OtherLoadBalancerClass',
      'notLoadBalancer',
    ],
    ['no address', { service: service([]) }, 'noIPAllocated', 'noIPAllocated'],
    ['a hostname', { service: service([], { ingress: [{ hostname: 'lb.example.com' }] }) }, 'invalidIP', 'invalidIP'],
    [
      'an address beside a hostname',
      { service: service([], { ingress: [{ ip: '192.0.2.10' }, { hostname: 'x' }] }) },
      'invalidIP',
      'invalidIP',
    ],
    ['a foreign address', { service: service(['198.51.100.1']) }, 'ipNotAllowed', 'ipNotAllowed'],
    [
      'one address of two is foreign',
      { service: service(['192.0.2.10', '2001:db8:1::1']) },
      'ipNotAllowed',
      'ipNotAllowed',
    ],
    [
      'two addresses of two pools',
      {
        service: service(['192.0.2.10', '198.51.100.1']),
        pools: [POOL, { metadata: { name: 'other' }, spec: { addresses: ['198.51.100.0/24'] } }],
      },
      'ipNotAllowed',
      'ipNotAllowed',
    ],
    [
      'no class where one is served',
      { options: { loadBalancerClass: 'x' } },
      'OtherLoadBalancerClass',
      'notLoadBalancer',
    ],
    [
      'a class that only begins like the one that is served',
      { service: service(['192.0.2.10'], { spec: { loadBalancerClass: 'xy' } }), options: { loadBalancerClass: 'x' } },
      'OtherLoadBalancerClass',
      'notLoadBalancer',
    ],
    [
      'no endpoint, whatever else is wrong',
      { endpoints: { serving: false, servingNodes: new Set() }, advertisements: [] },
      'NoServingEndpoint',
      'notOwner',
    ],
    [
      'a shared address, the old prefix, and an advertisement that selects it for a node that is not there',
      {
        service: service(['192.0.2.10'], {
          labels: { app: 'web' },
          annotations: { 'metallb.universe.tf/allow-shared-ip': 'k' },
        }),
        advertisements: [
          l2({ serviceSelectors: [{ matchLabels: { app: 'web' } }], nodeSelectors: [rack('9')] }),
          l2({}, 'all'),
        ],
      },
      'sharedIPWithServiceSelector',
      'sharedIPWithServiceSelector',
    ],
    ['no endpoint', { endpoints: { serving: false, servingNodes: new Set() } }, 'NoServingEndpoint', 'notOwner'],
    ['no advertisement', { advertisements: [] }, 'noMatchingAdvertisement', 'noMatchingAdvertisement'],
    [
      'an advertisement for other Services',
      { advertisements: [selecting] },
      'noMatchingAdvertisement',
      'noMatchingAdvertisement',
    ],
    [
      'an advertisement for no node',
      { advertisements: [l2({ nodeSelectors: [rack('9')] })] },
      'noMatchingAdvertisement',
      'noMatchingAdvertisement',
    ],
    [
      'a shared address and an advertisement that selects Services',
      {
        service: service(['192.0.2.10'], { labels: { app: 'web' }, annotations: { 'metallb.io/allow-shared-ip': '' } }),
        advertisements: [selecting, l2({}, 'all')],
      },
      'sharedIPWithServiceSelector',
      'sharedIPWithServiceSelector',
    ],
    [
      'all nodes unavailable',
      { nodes: [node('a', {}, { conditions: [{ type: 'NetworkUnavailable', status: 'True' }] })] },
      'NoCandidate',
      'notOwner',
    ],
    [
      'local traffic, and endpoints elsewhere',
      {
        service: service(['192.0.2.10'], { spec: { externalTrafficPolicy: 'Local' } }),
        advertisements: [l2({ nodeSelectors: [rack('1')] })],
      },
      'NoServingEndpointOnCandidate',
      'notOwner',
    ],
    [
      'a node’s own address',
      {
        nodes: [
          node(
            'a',
            {},
            {
              addresses: [
                { type: 'Hostname', address: 'a' },
                { type: 'InternalIP', address: '192.0.2.10' },
              ],
            },
          ),
        ],
      },
      'AddressBelongsToNode',
      'notOwner',
    ],
  ])('%s', ([, input, because, metalLb]) => {
    const decision = decide(input);
    expect(decision).toEqual({ eligible: false, because });
    expect(!decision.eligible && metalLbReason(decision.because)).toBe(metalLb);
  });
});

describe('the candidates are', () => {
  const excluded = node('x', { 'node.kubernetes.io/exclude-from-external-load-balancers': '' });
  const preferring = (weight: number, name: string) =>
    l2({ preferredNodeSelectors: [{ weight, preference: rack('2') }] }, name);
  test.for<[name: string, input: Case, candidates: string[]]>([
    [
      'nodes that are excluded only on request',
      { nodes: [...NODES, excluded], options: { ignoreExcludeLb: true } },
      ['a', 'b', 'c', 'x'],
    ],
    ['not excluded nodes otherwise', { nodes: [...NODES, excluded] }, ['a', 'b', 'c']],
    [
      'nodes that are cordoned, tainted and not ready too',
      { nodes: [node('a', {}, { conditions: [{ type: 'Ready', status: 'False' }] })] },
      ['a'],
    ],
    [
      'those whose network is not known to be unavailable',
      { nodes: [node('a', {}, { conditions: [{ type: 'NetworkUnavailable', status: 'Unknown' }] })] },
      ['a'],
    ],
    ['selected nodes', { advertisements: [l2({ nodeSelectors: [rack('1'), rack('2')] })] }, ['a', 'b']],
    [
      'the union over advertisements',
      { advertisements: [l2({ nodeSelectors: [rack('1')] }), l2({ nodeSelectors: [rack('2')] }, 'other')] },
      ['a', 'b'],
    ],
    [
      'those with an endpoint, for local traffic',
      { service: service(['192.0.2.10'], { spec: { externalTrafficPolicy: 'Local' } }) },
      ['b'],
    ],
    ['scored by preference', { advertisements: [preferring(10, 'x')] }, ['a', 'b:10', 'c']],
    [
      'scored by the sum of preferences',
      { advertisements: [preferring(10, 'x'), preferring(10, 'y')] },
      ['a', 'b:20', 'c'],
    ],
    [
      'not scored by an advertisement that leaves them out',
      {
        advertisements: [
          l2({ nodeSelectors: [rack('1')], preferredNodeSelectors: [{ weight: 5, preference: {} }] }),
          l2({}, 'all'),
        ],
      },
      ['a:5', 'b', 'c'],
    ],
    [
      'not scored by an advertisement for other Services',
      {
        advertisements: [
          l2({}, 'all'),
          l2({
            serviceSelectors: [{ matchLabels: { app: 'db' } }],
            preferredNodeSelectors: [{ weight: 5, preference: {} }],
          }),
        ],
      },
      ['a', 'b', 'c'],
    ],
    [
      'all, for an address that avoidBuggyIPs does not give',
      {
        service: service(['192.0.2.255']),
        pools: [{ metadata: { name: 'pool' }, spec: { addresses: ['192.0.2.0/24'], avoidBuggyIPs: true } }],
      },
      ['a', 'b', 'c'],
    ],
    [
      'all, for a shared address and a selector that does not select it',
      {
        service: service(['192.0.2.10'], { annotations: { 'metallb.io/allow-shared-ip': 'k' } }),
        advertisements: [l2({ serviceSelectors: [{ matchLabels: { app: 'db' } }] }), l2({}, 'all')],
      },
      ['a', 'b', 'c'],
    ],
    [
      'all, for a Service that one of several selectors selects',
      {
        service: service(['192.0.2.10'], { labels: { app: 'web' } }),
        advertisements: [l2({ serviceSelectors: [{ matchLabels: { app: 'db' } }, { matchLabels: { app: 'web' } }] })],
      },
      ['a', 'b', 'c'],
    ],
    [
      'nodes that no endpoint is on, for cluster traffic',
      { endpoints: { serving: true, servingNodes: new Set(['elsewhere']) } },
      ['a', 'b', 'c'],
    ],
    [
      'the excluded without regard to the value',
      { nodes: [node('a', { 'node.kubernetes.io/exclude-from-external-load-balancers': 'false' }), node('b')] },
      ['b'],
    ],
    [
      'all, for a shared address without selectors',
      { service: service(['192.0.2.10'], { annotations: { 'metallb.universe.tf/allow-shared-ip': 'k' } }) },
      ['a', 'b', 'c'],
    ],
    [
      'all, for the class that is served',
      { service: service(['192.0.2.10'], { spec: { loadBalancerClass: 'x' } }), options: { loadBalancerClass: 'x' } },
      ['a', 'b', 'c'],
    ],
    [
      'all, for a node’s own address on request',
      { nodes: [node('a', {}, { addresses: [{ address: '192.0.2.10' }] })], options: { announceNodeAddresses: true } },
      ['a'],
    ],
  ])('%s', ([, input, candidates]) => {
    expect(candidatesOf(input)).toEqual(candidates);
  });
});

test('a node announces on the union of the interfaces of the advertisements that have it', () => {
  const decision = decide({
    advertisements: [
      l2({ interfaces: ['eth1', 'eth0'], nodeSelectors: [rack('1'), rack('2')] }),
      l2({ interfaces: ['eth2'], nodeSelectors: [rack('1')] }, 'm'),
      l2({ nodeSelectors: [rack('2')] }, 'n'),
    ],
  });
  expect(decision.eligible && ['a', 'b', 'c', 'z'].map((name) => decideForNode(decision, name))).toEqual([
    { candidate: true, interfaces: ['eth0', 'eth1', 'eth2'] },
    { candidate: true, interfaces: 'all' },
    { candidate: false, because: 'noMatchingAdvertisement' },
    { candidate: false, because: 'UnknownNode' },
  ]);
  const local = decide({ service: service(['192.0.2.10'], { spec: { externalTrafficPolicy: 'Local' } }) });
  expect(local.eligible && decideForNode(local, 'a')).toEqual({ candidate: false, because: 'NoServingEndpointOnNode' });
});

test('Services that share an address are elected by it alone, whatever their names', () => {
  const annotations = { 'metallb.io/allow-shared-ip': 'k' };
  const views = [service(['192.0.2.10'], { annotations }), { ...service(['192.0.2.10'], { annotations }), key: 'x/y' }];
  const [one, other] = views.map((view) => decide({ service: view }));
  expect(one).toEqual(other);
});

test('both addresses are elected by the first, and a node’s own one is left out', () => {
  const own = node('a', {}, { addresses: [{ address: '192.0.2.10' }] });
  expect(decide({ service: service(['192.0.2.10', '2001:DB8::0010']), nodes: [own] })).toMatchObject({
    addresses: ['2001:db8::10'],
    electionAddress: '192.0.2.10',
    refusedAddresses: [{ address: '192.0.2.10', because: 'AddressBelongsToNode' }],
  });
});

describe('a bad object silences nobody, also after a restart', () => {
  const held = service(['192.0.2.10'], { annotations: { 'metallb.io/ip-allocated-from-pool': 'pool' } });
  const configMap = (config: string) => ({ metadata: { name: 'config' }, data: { config } });
  test.for<[name: string, input: Case, because: string]>([
    [
      'an invalid range beside the address’s own',
      { pools: [{ metadata: { name: 'pool' }, spec: { addresses: ['192.0.2.0/24', '192.0.2.9-192.0.2.1'] } }] },
      'HeldFromInvalidPool',
    ],
    [
      'an invalid range in place of the address’s own',
      { pools: [{ metadata: { name: 'pool' }, spec: { addresses: ['192.0.2.10-192.0.2.4x'] } }] },
      'HeldFromInvalidPool',
    ],
    ['another pool', { pools: [POOL, { metadata: { name: 'bad' }, spec: { addresses: ['x'] } }] }, 'Advertised'],
    [
      'an unknown protocol',
      { legacyConfigMap: configMap('address-pools: [{ name: pool, protocol: l2, addresses: [192.0.2.0/24] }]') },
      'HeldFromInvalidPool',
    ],
    ['a ConfigMap that is no YAML', { legacyConfigMap: configMap('}{') }, 'HeldFromUnreadablePool'],
    [
      'a ConfigMap whose pool lost its name',
      { legacyConfigMap: configMap('address-pools: [{ protocol: layer2, addresses: [192.0.2.0/24] }]') },
      'HeldFromUnreadablePool',
    ],
  ])('%s', ([, input, because]) => {
    expect(decide({ service: held, ...input })).toMatchObject({ eligible: true, because, candidates: [{}, {}, {}] });
  });

  test('a pool of BGP is not announced at layer 2', () => {
    const legacyConfigMap = configMap('address-pools: [{ name: pool, protocol: bgp, addresses: [192.0.2.0/24] }]');
    expect(decide({ service: held, legacyConfigMap })).toEqual({ eligible: false, because: 'noMatchingAdvertisement' });
  });
});
