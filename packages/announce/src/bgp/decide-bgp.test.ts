import { parseConfiguration } from '@steelyard/config';
import { describe, expect, test } from 'vitest';
import {
  type BgpInput,
  type BgpOptions,
  decideBgp,
  type EndpointsView,
  metalLbBgpReason,
  type NodeView,
  projectNode,
  projectServiceForAnnouncement,
} from '../index.ts';

const node = (name: string, labels: Record<string, string> = {}, status: object = {}): NodeView => {
  const view = projectNode({ metadata: { name, labels }, status });
  if (view === undefined) {
    throw new Error('a Node has a name');
  }
  return view;
};
const service = (addresses: string[], rest: { spec?: object; labels?: object; ingress?: unknown } = {}) => {
  const view = projectServiceForAnnouncement({
    metadata: { namespace: 'default', name: 'nginx', labels: rest.labels },
    spec: { type: 'LoadBalancer', ...rest.spec },
    status: { loadBalancer: { ingress: rest.ingress ?? addresses.map((ip) => ({ ip })) } },
  });
  if (view === undefined) {
    throw new Error('a Service has a name');
  }
  return view;
};
const WEB = service(['192.0.2.10'], { labels: { app: 'web' } });
const EXCLUDED = { 'node.kubernetes.io/exclude-from-external-load-balancers': '' };
const NO_NETWORK = { conditions: [{ type: 'NetworkUnavailable', status: 'True' }] };
const HERE: EndpointsView = { serving: true, servingNodes: new Set(['a']) };
const ELSEWHERE: EndpointsView = { serving: true, servingNodes: new Set(['b']) };
const NOWHERE: EndpointsView = { serving: false, servingNodes: new Set() };
const NO_ADDRESS: EndpointsView = { ...HERE, addressed: NOWHERE };
const POOL = { metadata: { name: 'pool' }, spec: { addresses: ['192.0.2.0/24', '2001:db8::/64'] } };
const bgp = (spec: object = {}, name = 'bgp') => ({ metadata: { name }, spec });
const rack = (value: string) => [{ matchLabels: { rack: value } }];
const app = (value: string) => [{ matchLabels: { app: value } }];
const CONFLICTING = [
  bgp({ localPref: 100, serviceSelectors: app('web') }, 'one'),
  bgp({ localPref: 200, serviceSelectors: app('web') }, 'two'),
];

interface Case {
  readonly service?: ReturnType<typeof service>;
  readonly endpoints?: EndpointsView;
  readonly nodes?: readonly NodeView[];
  readonly pools?: readonly unknown[];
  readonly advertisements?: readonly unknown[];
  readonly unknownKinds?: readonly string[];
  readonly inherited?: NonNullable<BgpInput['inherited']>;
  readonly options?: BgpOptions;
}
const decide = (input: Case) => {
  const nodes = input.nodes ?? [node('a', { rack: '1' }), node('b')];
  return decideBgp({
    service: input.service ?? service(['192.0.2.10']),
    endpoints: input.endpoints ?? HERE,
    nodes: new Map(nodes.map((view) => [view.name, view])),
    node: 'a',
    config: parseConfiguration({
      ipAddressPools: input.pools ?? [POOL],
      l2Advertisements: [],
      bgpAdvertisements: input.advertisements ?? [bgp()],
      unknownKinds: new Set(input.unknownKinds),
    }).config,
    ...(input.inherited && { inherited: input.inherited }),
    ...(input.options && { options: input.options }),
  });
};

test('an advertised address is announced, by the advertisements that are for it', () => {
  const advertisements = [
    bgp({}, 'all'),
    bgp({ nodeSelectors: rack('1') }, 'rack'),
    bgp({ nodeSelectors: rack('2') }, 'no'),
  ];
  expect(decide({ advertisements })).toMatchObject({
    eligible: true,
    because: 'Advertised',
    pool: 'pool',
    addresses: ['192.0.2.10'],
    advertisements: [{ name: 'all' }, { name: 'rack' }],
    refusedAddresses: [],
  });
});

describe('a node does not announce', () => {
  test.for<[name: string, input: Case, because: string, metalLb: string]>([
    [
      'another type',
      { service: service(['192.0.2.10'], { spec: { type: 'NodePort' } }) },
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
    ['a hostname', { service: service([], { ingress: [{ hostname: 'x' }] }) }, 'invalidIP', 'invalidIP'],
    ['a foreign address', { service: service(['198.51.100.1']) }, 'ipNotAllowed', 'ipNotAllowed'],
    [
      'an address that may be in a pool without a name',
      { pools: [{ metadata: { name: '' }, spec: { addresses: ['192.0.2.0/24'] } }] },
      'ConfigurationUnknown',
      'ipNotAllowed',
    ],
    ['what is not advertised', { advertisements: [] }, 'notOwner', 'notOwner'],
    ['what is advertised elsewhere', { advertisements: [bgp({ nodeSelectors: rack('2') })] }, 'notOwner', 'notOwner'],
    [
      'what other Services are advertised by',
      { advertisements: [bgp({ serviceSelectors: app('web') })] },
      'noMatchingAdvertisement',
      'noMatchingAdvertisement',
    ],
    [
      'what is advertised here for others, and elsewhere for it',
      {
        service: WEB,
        advertisements: [bgp({ serviceSelectors: app('db') }, 'one'), bgp({ nodeSelectors: rack('2') }, 'two')],
      },
      'noMatchingAdvertisement',
      'noMatchingAdvertisement',
    ],
    [
      'what two advertisements disagree about',
      { service: WEB, advertisements: CONFLICTING },
      'conflictingAdvertisements',
      'conflictingAdvertisements',
    ],
    ['without network', { nodes: [node('a', {}, NO_NETWORK)] }, 'NetworkUnavailable', 'nodeNetworkUnavailable'],
    [
      'when it is excluded',
      { nodes: [node('a', EXCLUDED)] },
      'ExcludedFromLoadBalancers',
      'nodeLabeledExcludeBalancers',
    ],
    [
      'local traffic without an endpoint of its own',
      { service: service(['192.0.2.10'], { spec: { externalTrafficPolicy: 'Local' } }), endpoints: ELSEWHERE },
      'noLocalEndpoints',
      'noLocalEndpoints',
    ],
    [
      'local traffic to an endpoint without an address',
      { service: service(['192.0.2.10'], { spec: { externalTrafficPolicy: 'Local' } }), endpoints: NO_ADDRESS },
      'noLocalEndpoints',
      'noLocalEndpoints',
    ],
    [
      'local traffic without any endpoint',
      { service: service(['192.0.2.10'], { spec: { externalTrafficPolicy: 'Local' } }), endpoints: NOWHERE },
      'noLocalEndpoints',
      'noLocalEndpoints',
    ],
    ['without any endpoint', { endpoints: NOWHERE }, 'noEndpoints', 'noEndpoints'],
    ['with no endpoint that has an address', { endpoints: NO_ADDRESS }, 'noEndpoints', 'noEndpoints'],
    ['when its Node is gone', { nodes: [node('b')] }, 'UnknownNode', 'notOwner'],
    [
      'what a node has itself',
      { nodes: [node('a'), node('b', {}, { addresses: [{ type: 'InternalIP', address: '192.0.2.10' }] })] },
      'AddressBelongsToNode',
      'notOwner',
    ],
  ])('%s', ([, input, because, metalLb]) => {
    const decision = decide(input);
    expect(decision).toMatchObject({ eligible: false, because });
    expect(!decision.eligible && metalLbBgpReason(decision.because)).toBe(metalLb);
  });
});

describe('of several reasons the first of MetalLB’s order is told', () => {
  const worst: Case = {
    service: service(['192.0.2.10'], { labels: { app: 'web' }, spec: { externalTrafficPolicy: 'Local' } }),
    endpoints: NOWHERE,
    nodes: [node('a', EXCLUDED, NO_NETWORK)],
  };
  const excluded: Case = { ...worst, nodes: [node('a', EXCLUDED)] };
  test.for<[because: string, input: Case]>([
    [
      'notOwner',
      { ...worst, advertisements: CONFLICTING.map(({ spec }) => bgp({ ...spec, nodeSelectors: rack('9') })) },
    ],
    ['noMatchingAdvertisement', { ...worst, advertisements: [bgp({ serviceSelectors: app('db') })] }],
    ['conflictingAdvertisements', { ...worst, advertisements: CONFLICTING }],
    ['NetworkUnavailable', worst],
    ['ExcludedFromLoadBalancers', excluded],
    ['noLocalEndpoints', { ...excluded, options: { ignoreExcludeLb: true } }],
    ['noEndpoints', { endpoints: NOWHERE, options: { ignoreExcludeLb: true } }],
  ])('%s', ([because, input]) => {
    expect(decide(input).because).toBe(because);
  });
});

describe('a node announces', () => {
  test.for<[name: string, input: Case, expected: object]>([
    [
      'in spite of the label, where that is ignored',
      { nodes: [node('a', EXCLUDED)], options: { ignoreExcludeLb: true } },
      {},
    ],
    [
      'the class that is served',
      {
        service: service(['192.0.2.10'], { spec: { loadBalancerClass: 'x' } }),
        options: { loadBalancerClass: 'x' },
      },
      {},
    ],
    ['with endpoints elsewhere, for traffic that goes anywhere', { endpoints: ELSEWHERE }, {}],
    [
      'local traffic with an endpoint of its own',
      { service: service(['192.0.2.10'], { spec: { externalTrafficPolicy: 'Local' } }) },
      {},
    ],
    ['both addresses', { service: service(['2001:db8::1', '192.0.2.1']) }, { addresses: ['2001:db8::1', '192.0.2.1'] }],
    [
      'an address that is written twice once',
      { service: service(['192.0.2.1', '192.0.2.1']) },
      { addresses: ['192.0.2.1'] },
    ],
    [
      'without the address that a node has',
      {
        service: service(['2001:db8::1', '192.0.2.1']),
        nodes: [node('a', {}, { addresses: [{ type: 'InternalIP', address: '192.0.2.1' }] })],
      },
      { addresses: ['2001:db8::1'], refusedAddresses: ['192.0.2.1'] },
    ],
    [
      'a node’s address, where a flag says so',
      {
        nodes: [node('a', {}, { addresses: [{ type: 'InternalIP', address: '192.0.2.10' }] })],
        options: { announceNodeAddresses: true },
      },
      { addresses: ['192.0.2.10'] },
    ],
    [
      'from a pool that is invalid, and keeps its holders',
      { pools: [{ ...POOL, spec: { ...POOL.spec, autoAssign: 'x' } }] },
      { because: 'HeldFromInvalidPool' },
    ],
    [
      'two advertisements that disagree for different Services',
      { service: WEB, advertisements: [CONFLICTING[0], bgp({ localPref: 200, serviceSelectors: app('db') }, 'two')] },
      { advertisements: [{ name: 'one' }] },
    ],
    [
      'two advertisements that disagree for different peers',
      {
        service: WEB,
        advertisements: [
          bgp({ localPref: 100, serviceSelectors: app('web'), peers: ['p'] }, 'one'),
          bgp({ localPref: 200, serviceSelectors: app('web'), peers: ['q'] }, 'two'),
        ],
      },
      { advertisements: [{ name: 'one' }, { name: 'two' }] },
    ],
  ])('%s', ([, input, expected]) => {
    expect(decide(input)).toMatchObject({ eligible: true, ...expected });
  });
});

test('two advertisements that conflict are named, in MetalLB’s words', () => {
  expect(decide({ service: WEB, advertisements: CONFLICTING })).toMatchObject({
    conflict: {
      older: { name: 'one' },
      newer: { name: 'two' },
      message: "advertisements 'one' and 'two' have conflicting LOCAL_PREF (100 vs 200)",
    },
  });
});

test.for([['BGPAdvertisement'], ['Community']])(
  'nothing follows from an advertisement that is missing while %s cannot be listed',
  ([kind = '']) => {
    expect(decide({ advertisements: [], unknownKinds: [kind] }).because).toBe('ConfigurationUnknown');
    expect(decide({ unknownKinds: [kind] }).because).toBe('Advertised');
    expect(decide({ unknownKinds: [kind], endpoints: NOWHERE }).because).toBe('noEndpoints');
  },
);

test.for<[pools: readonly string[] | 'all', because: string]>([
  ['all', 'ConfigurationUnknown'],
  [['pool'], 'ConfigurationUnknown'],
  [['other'], 'notOwner'],
  [[], 'notOwner'],
])(
  'nothing follows from that nothing advertises a pool while what is inherited may be for it: of %o %s',
  ([pools, because]) => {
    const inherited = new Map([['old', pools === 'all' ? pools : new Set(pools)]]);
    expect(decide({ advertisements: [], inherited }).because).toBe(because);
    expect(decide({ inherited }).because).toBe('Advertised');
  },
);
