import { describe, expect, test } from 'vitest';
import { advertisement, community, parse, peer, pool, profile } from '../../test/bgp-objects.ts';
import { type ConfigurationInput, type ParsedConfig, parseConfiguration } from '../index.ts';

const POOLS = [pool('a', ['192.0.2.0/25']), pool('b', ['192.0.2.128/25'])];
const GARBLED = { localPref: 'x' };
const peersOf = (input: Partial<ConfigurationInput>, previous?: ParsedConfig) => [
  ...parse(input, previous).config.outOfForce.bgpPeers,
];
const advertisementsOf = (input: Partial<ConfigurationInput>, previous?: ParsedConfig) => {
  const { bgpAdvertisements } = parse({ ipAddressPools: POOLS, ...input }, previous).config.outOfForce;
  return Object.fromEntries(
    [...bgpAdvertisements].map(([name, pools]) => [name, pools === 'all' ? pools : [...pools]]),
  );
};

describe('a BGPPeer is out of force, and named,', () => {
  test.for<[name: string, spec: object, more?: Partial<ConfigurationInput>]>([
    ['where a field is garbled', { peerAddress: 'x' }],
    ['where its BFDProfile does not exist', { bfdProfile: 'gone' }],
    ['where its Secret does not exist', { passwordSecret: { name: 'gone' } }, { secrets: [] }],
    ['where FRR could not have it beside an older one', {}, { bgpType: 'frr', bgpPeers: [peer('o'), peer('p')] }],
  ])('%s', ([, spec, more]) => {
    const garbled = { bgpPeers: [peer('o', { peerAddress: '192.0.2.9' }), peer('p', spec)], ...more };
    expect(peersOf(garbled)).toEqual(['p']);
    expect(parse(garbled).config.bgpPeers.has('p')).toBe(false);
  });

  test('and not where it stays as it was', () => {
    const before = parse({ bgpPeers: [peer('p')] }).config;
    expect(peersOf({ bgpPeers: [peer('p', { peerAddress: 'x' })] }, before)).toEqual([]);
  });

  test('and not where it is for another node', () => {
    const bgpPeers = [peer('p', { peerAddress: 'x', nodeSelectors: [{ matchLabels: { rack: '2' } }] })];
    const nodes = [{ name: 'n', labels: new Map([['rack', '1']]) }];
    expect(peersOf({ bgpPeers, nodes, nodeName: 'n' })).toEqual([]);
  });

  test('and not where its password is unknown, for then it is known but for that', () => {
    expect(peersOf({ bgpPeers: [peer('p', { passwordSecret: { name: 'p' } })] })).toEqual([]);
  });
});

describe('a BGPAdvertisement is out of force, and named with its pools,', () => {
  test.for<[name: string, spec: object, pools: readonly string[] | 'all']>([
    ['where a field is garbled', { ...GARBLED, ipAddressPools: ['a', 'gone'] }, ['a']],
    ['where an alias does not exist', { communities: ['no-such'] }, ['a', 'b']],
    ['by a selector', { ...GARBLED, ipAddressPoolSelectors: [{ matchLabels: { x: 'y' } }] }, []],
    ['where other selectors are garbled', { ipAddressPools: ['b'], nodeSelectors: 'x' }, ['b']],
    ['where the names of pools are garbled', { ipAddressPools: ['a', 7] }, 'all'],
    ['where the list of pools is garbled', { ipAddressPools: 'a' }, 'all'],
    ['where the selectors of pools are garbled', { ipAddressPoolSelectors: { a: 'b' } }, 'all'],
    ['where one of them is', { ipAddressPoolSelectors: [{ matchExpressions: [{ key: 'a', operator: '?' }] }] }, 'all'],
  ])('%s', ([, spec, pools]) => {
    const garbled = { bgpAdvertisements: [advertisement('good'), advertisement('ad', spec)] };
    expect(advertisementsOf(garbled)).toEqual({ ad: pools });
  });

  test('and not where it stays as it was, nor where a selector that matches nothing is all that is wrong', () => {
    const before = parse({
      ipAddressPools: POOLS,
      bgpAdvertisements: [advertisement('ad', { communities: ['far'] })],
      communities: [community('c', [{ name: 'far', value: '1:2' }])],
    }).config;
    expect(advertisementsOf({ bgpAdvertisements: [advertisement('ad', { communities: ['far'] })] }, before)).toEqual(
      {},
    );
    expect(advertisementsOf({ bgpAdvertisements: [advertisement('ad', { peers: ['p', 'p'] })] })).toEqual({});
  });
});

test('nothing is out of force where everything is well, or nothing is written', () => {
  for (const input of [
    {},
    {
      bgpPeers: [peer('p', { bfdProfile: 'b' })],
      bfdProfiles: [profile('b')],
      bgpAdvertisements: [advertisement('ad')],
    },
  ]) {
    expect(parse({ ipAddressPools: POOLS, ...input }).config.outOfForce).toEqual({
      bgpPeers: new Set(),
      bgpAdvertisements: new Map(),
    });
  }
});

describe('of the old ConfigMap', () => {
  const config = (peers: string, bgp = '{}') => `peers: ${peers}
address-pools:
- { name: one, protocol: bgp, addresses: [192.0.2.0/25], bgp-advertisements: ${bgp} }
- { name: two, protocol: bgp, addresses: [192.0.2.128/25] }
`;
  const legacy = (text: string, previous?: ParsedConfig) => {
    const legacyConfigMap = { metadata: { namespace: 'metallb-system', name: 'config' }, data: { config: text } };
    return parseConfiguration({ ipAddressPools: [], l2Advertisements: [], legacyConfigMap }, previous).config;
  };
  const GOOD = '[{ my-asn: 65001, peer-asn: 65000, peer-address: 192.0.2.1 }]';

  test.for<[name: string, text: string, peers: string[], advertisements: [string, Set<string>][], kinds: string[]]>([
    ['a peer that is no peer', config('[{ my-asn: [] }]', '[]'), ['peer1'], [], []],
    ['a peer that is wrong', config('[{ my-asn: 65001, peer-asn: 65000, peer-address: x }]', '[]'), ['peer1'], [], []],
    ['peers that are no list', config('7', '[]'), [], [], ['BGPPeer']],
    [
      'advertisements that are no list',
      config(GOOD, '7'),
      [],
      [
        ['bgp-advertisements of one', new Set(['one'])],
        ['bgpadvertisement1', new Set(['one'])],
      ],
      [],
    ],
    [
      'an advertisement that is none',
      config(GOOD, '[{}, { localpref: [] }]'),
      [],
      [['bgpadvertisement2', new Set(['one'])]],
      [],
    ],
    [
      'an alias that does not exist',
      config(GOOD, '[{ communities: [far] }]'),
      [],
      [['bgpadvertisement1', new Set(['one'])]],
      [],
    ],
  ])('%s is out of force unless it is known from before', ([, text, peers, advertisements, kinds]) => {
    expect(legacy(text)).toMatchObject({
      outOfForce: { bgpPeers: new Set(peers), bgpAdvertisements: new Map(advertisements) },
      unknownKinds: new Set(kinds),
    });
    const before = legacy(config(GOOD, '[{}, {}]'));
    const after = legacy(text, before);
    expect(after.outOfForce).toEqual({ bgpPeers: new Set(), bgpAdvertisements: new Map() });
    expect([...after.bgpPeers.keys()]).toEqual(['peer1']);
  });
});
