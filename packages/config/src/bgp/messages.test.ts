import { describe, expect, test } from 'vitest';
import {
  advertisement,
  community,
  messages,
  NEWER,
  parse,
  peer,
  pool,
  profile,
  secret,
  selector,
} from '../../test/bgp-objects.ts';
import type { ConfigurationInput } from '../index.ts';

type Case = [message: string, input: Partial<ConfigurationInput>];
const badSelector = { matchExpressions: [{ key: 'rack', operator: 'in', values: ['a'] }] };
const peerWith = (spec: object): Partial<ConfigurationInput> => ({ bgpPeers: [peer('p', spec)] });
const adWith = (spec: object): Partial<ConfigurationInput> => ({
  ipAddressPools: [pool('a', ['192.0.2.0/24'])],
  bgpAdvertisements: [advertisement('ad', spec)],
});

/** Each is the only thing wrong, and MetalLB would refuse the configuration for it. */
function eachIsSaid(cases: readonly Case[]): void {
  test.for(cases)('%s', ([message, input]) => {
    expect(messages(input)).toEqual([message]);
    const { config, stale } = parse(input);
    expect([config.acceptedByMetalLb, stale]).toEqual([false, true]);
  });
}

describe('a BGPPeer', () => {
  eachIsSaid([
    ['BGPPeer/p spec.myASN: parsing peer p missing local ASN', peerWith({ myASN: 0 })],
    ['BGPPeer/p spec.myASN: parsing peer p missing local ASN', peerWith({ myASN: undefined })],
    ['BGPPeer/p spec.peerASN: parsing peer p missing peer ASN and dynamicASN', peerWith({ peerASN: 0 })],
    ['BGPPeer/p spec.peerASN: parsing peer p missing peer ASN and dynamicASN', peerWith({ peerASN: undefined })],
    [
      'BGPPeer/p spec.dynamicASN: parsing peer p both peer ASN and dynamicASN specified',
      peerWith({ dynamicASN: 'internal' }),
    ],
    ['BGPPeer/p spec.dynamicASN: parsing peer p invalid dynamicASN any', peerWith({ peerASN: 0, dynamicASN: 'any' })],
    [
      'BGPPeer/p spec.ebgpMultiHop: parsing peer p invalid ebgp-multihop parameter set for an ibgp peer',
      peerWith({ peerASN: 64512, ebgpMultiHop: true }),
    ],
    [
      'BGPPeer/p spec.peerAddress: parsing peer p peer has no Address or Interface specified',
      peerWith({ peerAddress: '' }),
    ],
    [
      'BGPPeer/p spec.interface: parsing peer p peer has both Address and Interface specified',
      peerWith({ interface: 'eth0' }),
    ],
    [
      'BGPPeer/p spec.peerAddress: parsing peer p invalid BGPPeer address "router"',
      peerWith({ peerAddress: 'router' }),
    ],
    [
      'BGPPeer/p spec.peerAddress: parsing peer p invalid BGPPeer address "192.0.2.01"',
      peerWith({ peerAddress: '192.0.2.01' }),
    ],
    [
      'BGPPeer/p spec.peerAddress: parsing peer p invalid BGPPeer address "fe80::1%eth0"',
      peerWith({ peerAddress: 'fe80::1%eth0' }),
    ],
    [
      'BGPPeer/p spec.peerAddress: parsing peer p invalid BGPPeer address "a\\n\\"\\x00"',
      peerWith({ peerAddress: 'a\n"\0' }),
    ],
    ['BGPPeer/p spec.routerID: parsing peer p invalid router ID "10.1"', peerWith({ routerID: '10.1' })],
    ['BGPPeer/p spec.sourceAddress: parsing peer p invalid source IP "here"', peerWith({ sourceAddress: 'here' })],
    [
      'BGPPeer/p spec.holdTime: parsing peer p invalid BGPPeer timers: invalid hold time "2.9s": must be 0 or >=3s',
      peerWith({ holdTime: '2900ms' }),
    ],
    [
      'BGPPeer/p spec.holdTime: parsing peer p invalid BGPPeer timers: invalid hold time "-90s": must be 0 or >=3s'.replace(
        '-90s',
        '-1m30s',
      ),
      peerWith({ holdTime: '-90s' }),
    ],
    [
      'BGPPeer/p spec.keepaliveTime: parsing peer p invalid BGPPeer timers: invalid hold time <nil>: must be 0 or >=3s',
      peerWith({ keepaliveTime: '500ms' }),
    ],
    [
      'BGPPeer/p spec.keepaliveTime: parsing peer p invalid BGPPeer timers: invalid keepaliveTime "1m31s", must be lower than holdTime "1m30s"',
      peerWith({ holdTime: '90s', keepaliveTime: '91s' }),
    ],
    ['BGPPeer/p spec.holdTime: parsing peer p time: missing unit in duration "90"', peerWith({ holdTime: '90' })],
    [
      'BGPPeer/p spec.connectTime: parsing peer p connect time should be between 1 seconds to 65535',
      peerWith({ connectTime: '999ms' }),
    ],
    [
      'BGPPeer/p spec.connectTime: parsing peer p connect time should be between 1 seconds to 65535',
      peerWith({ connectTime: '65536s' }),
    ],
    [
      'BGPPeer/p spec.connectTime: parsing peer p connect time should contain a whole number of seconds',
      peerWith({ connectTime: '1.5s' }),
    ],
    [
      'BGPPeer/p spec.passwordSecret: parsing peer p can not have both password and secret ref set in peer config "metallb-system"/"p"',
      { ...peerWith({ password: 'x', passwordSecret: { name: 's' } }), secrets: [secret('s', 'x')] },
    ],
    [
      'BGPPeer/p spec.passwordSecret: parsing peer p secret ref not found for peer config "metallb-system"/"p": failed to parse peer p password secret',
      { ...peerWith({ passwordSecret: { name: 's' } }), secrets: [] },
    ],
    [
      'BGPPeer/p spec.passwordSecret: parsing peer p secret type mismatch on "metallb-system"/"s", type "kubernetes.io/basic-auth" is expected : failed to parse peer p password secret',
      { ...peerWith({ passwordSecret: { name: 's' } }), secrets: [secret('s', 'x', 'Opaque')] },
    ],
    [
      'BGPPeer/p spec.passwordSecret: parsing peer p password not specified in the secret "metallb-system"/"s": failed to parse peer p password secret',
      { ...peerWith({ passwordSecret: { name: 's' } }), secrets: [secret('s', undefined)] },
    ],
    ['BGPPeer/p spec.bfdProfile: peer p referencing non existing bfd profile slow', peerWith({ bfdProfile: 'slow' })],
    [
      'BGPPeer/p spec.nodeSelectors[0].matchExpressions[0].operator: parsing peer p "in" is not a valid label selector operator: failed to convert peer p node selector',
      peerWith({ nodeSelectors: [badSelector] }),
    ],
    [
      'BGPPeer/p spec.nodeSelectors[1]: parsing peer p duplicate definition of nodeSelectors {map["a":"b"] []}',
      peerWith({ nodeSelectors: [selector({ a: 'b' }), selector({ a: 'b' })] }),
    ],
    [
      'BGPPeer/p spec.nodeSelectors[0].matchExpressions[0].values[1]: parsing peer p duplicate definition of match expression value in label selector "b"',
      peerWith({ nodeSelectors: [{ matchExpressions: [{ key: 'a', operator: 'In', values: ['b', 'b'] }] }] }),
    ],
    [
      'BGPPeer/p spec.nodeSelectors[0].matchExpressions[1]: parsing peer p duplicate definition of match expressions {"a" "Exists" []}',
      peerWith({
        nodeSelectors: [
          {
            matchExpressions: [
              { key: 'a', operator: 'Exists' },
              { key: 'a', operator: 'Exists' },
            ],
          },
        ],
      }),
    ],
    ['BGPPeer/p metadata.name: peer p already exists', { bgpPeers: [peer('p'), peer('p', {}, NEWER)] }],
    ['BGPPeer/p spec.peerPort: 0 is less than 1', peerWith({ peerPort: 0 })],
    ['BGPPeer/p spec.myASN: 4294967296 is greater than 4294967295', peerWith({ myASN: 4294967296 })],
  ]);
});

describe('an IPAddressPool', () => {
  const ruled = (serviceAllocation: object): Partial<ConfigurationInput> => {
    const { spec, ...object } = pool('a', ['192.0.2.0/24']);
    return { ipAddressPools: [{ ...object, spec: { ...spec, serviceAllocation } }] };
  };
  eachIsSaid([
    [
      'IPAddressPool/a spec.addresses[0]: parsing address pool a: invalid CIDR "192.0.2.1-x" in pool "a": invalid IP range "192.0.2.1-x": invalid end IP "x"',
      { ipAddressPools: [pool('a', ['192.0.2.1-x'])] },
    ],
    [
      'IPAddressPool/a spec.serviceAllocation.namespaceSelectors[1]: parsing address pool a: duplicate definition of namespaceSelectors {map[] []}',
      ruled({ namespaceSelectors: [{}, {}] }),
    ],
    [
      'IPAddressPool/a spec.serviceAllocation.serviceSelectors[0].matchExpressions[0].operator: parsing address pool a: "in" is not a valid label selector operator: invalid service label selector {map[] [{rack in [a]}]} in ip pool a',
      ruled({ serviceSelectors: [badSelector] }),
    ],
  ]);
});

describe('an L2Advertisement', () => {
  const withSpec = (spec: object): Partial<ConfigurationInput> => ({
    l2Advertisements: [{ metadata: { namespace: 'metallb-system', name: 'l2' }, spec }],
  });
  eachIsSaid([
    [
      'L2Advertisement/l2 spec.ipAddressPools[1]: duplicate definition of ipAddressPools "a"',
      { ...withSpec({ ipAddressPools: ['a', 'a'] }), ipAddressPools: [pool('a', ['192.0.2.0/24'])] },
    ],
    [
      'L2Advertisement/l2 spec.ipAddressPoolSelectors[1]: duplicate definition of ipAddressPoolSelectors {map[] []}',
      withSpec({ ipAddressPoolSelectors: [{}, {}] }),
    ],
    [
      'L2Advertisement/l2 spec.ipAddressPoolSelectors[0].matchExpressions[0].operator: "in" is not a valid label selector operator: invalid label selector {map[] [{rack in [a]}]}',
      withSpec({ ipAddressPoolSelectors: [badSelector] }),
    ],
    [
      'L2Advertisement/l2 spec.nodeSelectors[1]: duplicate definition of nodeSelectors {map[] []}',
      withSpec({ nodeSelectors: [{}, {}] }),
    ],
    [
      'L2Advertisement/l2 spec.serviceSelectors[1]: duplicate definition of serviceSelectors {map[] []}',
      withSpec({ serviceSelectors: [{}, {}] }),
    ],
    [
      'L2Advertisement/l2 spec.serviceSelectors[0].matchExpressions[0].operator: invalid service selector {map[] [{rack in [a]}]}: "in" is not a valid label selector operator: failed to parse service selector for l2',
      withSpec({ serviceSelectors: [badSelector] }),
    ],
    [
      'L2Advertisement/l2 spec.preferredNodeSelectors[0].preference.matchExpressions[0].operator: "in" is not a valid label selector operator: invalid preferred node selector {map[] [{rack in [a]}]}: failed to parse preferred node selectors for l2',
      withSpec({ preferredNodeSelectors: [{ weight: 1, preference: badSelector }] }),
    ],
    [
      'L2Advertisement/l2 spec.preferredNodeSelectors[0].weight: 101 is greater than 100',
      withSpec({ preferredNodeSelectors: [{ weight: 101, preference: {} }] }),
    ],
  ]);
});

describe('a BGPAdvertisement', () => {
  eachIsSaid([
    [
      'BGPAdvertisement/ad spec.aggregationLength: invalid aggregation length 33 for IPv4',
      adWith({ aggregationLength: 33 }),
    ],
    [
      'BGPAdvertisement/ad spec.aggregationLengthV6: invalid aggregation length 129 for IPv6',
      adWith({ aggregationLengthV6: 129 }),
    ],
    [
      'BGPAdvertisement/ad spec.aggregationLength: invalid aggregation length 20: prefix 24 in this pool is more specific than the aggregation length for addresses 192.0.2.0/24',
      adWith({ aggregationLength: 20 }),
    ],
    [
      'BGPAdvertisement/ad spec.aggregationLengthV6: invalid aggregation length 64: prefix 125 in this pool is more specific than the aggregation length for addresses 2001:db8::4-2001:db8::f',
      {
        ...adWith({ aggregationLengthV6: 64 }),
        ipAddressPools: [pool('a', ['2001:db8:1::/64', '2001:db8::4-2001:db8::f'])],
      },
    ],
    [
      'BGPAdvertisement/ad spec.aggregationLength: serviceSelectors and aggregationLength are mutually exclusive, both cannot be set in ad',
      adWith({ aggregationLength: 24, serviceSelectors: [{}] }),
    ],
    [
      'BGPAdvertisement/ad spec.aggregationLengthV6: serviceSelectors and aggregationLengthV6 are mutually exclusive, both cannot be set in ad',
      adWith({ aggregationLengthV6: 64, serviceSelectors: [{}] }),
    ],
    [
      'BGPAdvertisement/newer spec.localPref: invalid local preference 200: local preferernce 100 was already set for the same type of BGP update. Check existing BGP advertisements with common pools and aggregation lengths',
      {
        ipAddressPools: [pool('a', ['192.0.2.0/24'])],
        bgpAdvertisements: [
          advertisement('newer', { localPref: 200 }, NEWER),
          advertisement('older', { localPref: 100 }),
        ],
      },
    ],
    [
      'BGPAdvertisement/ad spec.communities[0]: invalid community format: no-export: invalid community "no-export" in BGP advertisement',
      adWith({ communities: ['no-export'] }),
    ],
    [
      'BGPAdvertisement/ad spec.communities[1]: invalid community value: invalid section "x" of community "1:x", err: "strconv.ParseUint: parsing \\"x\\": invalid syntax": invalid community "1:x" in BGP advertisement',
      adWith({ communities: ['1:1', '1:x'] }),
    ],
    [
      'BGPAdvertisement/ad spec.communities[1]: duplicate definition of community "1:1"',
      adWith({ communities: ['1:1', '1:1'] }),
    ],
    ['BGPAdvertisement/ad spec.peers[1]: duplicate definition of peers "p"', adWith({ peers: ['p', 'p'] })],
    [
      'BGPAdvertisement/ad spec.ipAddressPools[1]: duplicate definition of ipAddressPools "a"',
      adWith({ ipAddressPools: ['a', 'a'] }),
    ],
    [
      'BGPAdvertisement/ad spec.ipAddressPoolSelectors[1]: duplicate definition of ipAddressPoolSelectors {map[] []}',
      adWith({ ipAddressPoolSelectors: [{}, {}] }),
    ],
    [
      'BGPAdvertisement/ad spec.serviceSelectors[1]: duplicate definition of serviceSelectors {map[] []}',
      adWith({ serviceSelectors: [{}, {}] }),
    ],
    [
      'BGPAdvertisement/ad spec.nodeSelectors[0].matchExpressions[0].operator: "in" is not a valid label selector operator: invalid label selector {map[] [{rack in [a]}]}: failed to parse node selector for ad',
      adWith({ nodeSelectors: [badSelector] }),
    ],
    [
      'BGPAdvertisement/ad spec.serviceSelectors[0].matchExpressions[0].operator: invalid service selector {map[] [{rack in [a]}]}: "in" is not a valid label selector operator: failed to parse service selector for ad',
      adWith({ serviceSelectors: [badSelector] }),
    ],
    [
      'BGPAdvertisement/ad: duplicate definition of bgpadvertisements. advertisement 1 and 2 are equal',
      { bgpAdvertisements: [advertisement('ad'), advertisement('ad')] },
    ],
    [
      'BGPAdvertisement/ad spec.localPref: cannot unmarshal number -1 into Go struct field BGPAdvertisementSpec.spec.localPref of type uint32',
      adWith({ localPref: -1 }),
    ],
    [
      'BGPAdvertisement/ad spec.localPref: cannot unmarshal number 4294967296 into Go struct field BGPAdvertisementSpec.spec.localPref of type uint32',
      adWith({ localPref: 4294967296 }),
    ],
    [
      'BGPAdvertisement/ad spec.aggregationLength: 0 is less than 1',
      adWith({ ipAddressPools: ['b'], aggregationLength: 0 }),
    ],
  ]);
});

describe('a Community', () => {
  const alias = (name: string, value: string) => ({ communities: [community('c', [{ name, value }])] });
  eachIsSaid([
    [
      'Community/d spec.communities[0].name: duplicate definition of community "one"',
      {
        communities: [
          community('d', [{ name: 'one', value: '1:2' }], NEWER),
          community('c', [{ name: 'one', value: '1:1' }]),
        ],
      },
    ],
    [
      'Community/c spec.communities[0].value: parsing community "one": invalid community format: 100',
      alias('one', '100'),
    ],
    [
      'Community/c spec.communities[0].value: parsing community "one": invalid community value: invalid section "65536" of community "65536:1", err: "strconv.ParseUint: parsing \\"65536\\": value out of range"',
      alias('one', '65536:1'),
    ],
    [
      'Community/c spec.communities[0].value: parsing community "one": invalid community value: invalid marker for large community, expected community to be of format large:<uint32>:<uint32>:<uint32> but got "big:1:2:3" instead',
      alias('one', 'big:1:2:3'),
    ],
  ]);
});

describe('a BFDProfile', () => {
  const withSpec = (spec: object) => ({ bfdProfiles: [profile('b', spec)] });
  const range = (field: string, value: number, least: number, most: number, words: string): Case => [
    `BFDProfile/b spec.${field}: parsing bfd profile #1: invalid value ${value}, must be in ${least}-${most} range: invalid ${words} value`,
    withSpec({ [field]: value }),
  ];
  eachIsSaid([
    ['BFDProfile/ metadata.name: parsing bfd profile #1: missing bfd profile name', { bfdProfiles: [profile('')] }],
    [
      'BFDProfile/b metadata.name: found duplicate bfd profile name b',
      { bfdProfiles: [profile('b'), profile('b', {}, NEWER)] },
    ],
    range('detectMultiplier', 1, 2, 255, 'detect multiplier'),
    range('detectMultiplier', 256, 2, 255, 'detect multiplier'),
    range('receiveInterval', 9, 10, 60000, 'receive interval'),
    range('transmitInterval', 60001, 10, 60000, 'transmit interval'),
    range('echoInterval', 0, 10, 60000, 'echo interval'),
    range('minimumTtl', 255, 1, 254, 'minimum ttl'),
    range('minimumTtl', -1, 1, 254, 'minimum ttl'),
  ]);
});

describe('objects together', () => {
  eachIsSaid([
    [
      'BGPPeer/p spec.bfdProfile: pool six has bgpadvertisement ad which references peer p which has bfd echo enabled, which is not possible',
      {
        ipAddressPools: [pool('six', ['192.0.2.0/24', '2001:db8::/64'])],
        bgpAdvertisements: [advertisement('ad')],
        bfdProfiles: [profile('echo', { echoMode: true })],
        bgpPeers: [peer('p', { bfdProfile: 'echo' })],
      },
    ],
    [
      'BGPPeer/q spec.routerID: peer 192.0.2.8 has RouterID different from 192.0.2.9, in FRR mode peers selecting the same node must all have the same RouterID',
      {
        bgpType: 'frr',
        bgpPeers: [
          peer('q', { routerID: '192.0.2.8', peerAddress: '192.0.2.2' }, NEWER),
          peer('p', { routerID: '192.0.2.9' }),
        ],
      },
    ],
    [
      "BGPPeer/q spec.peerAddress: peer 192.0.2.1-red already exists, FRR mode doesn't support duplicate BGPPeers selecting the same node",
      { bgpType: 'frr-k8s', bgpPeers: [peer('p', { vrf: 'red' }), peer('q', { vrf: 'red' })] },
    ],
    [
      "BGPPeer/q spec.peerAddress: peer eth0 already exists, FRR mode doesn't support duplicate BGPPeers selecting the same node",
      {
        bgpType: 'frr',
        bgpPeers: ['p', 'q'].map((name) => peer(name, { peerAddress: undefined, interface: 'eth0' })),
      },
    ],
    [
      'BGPPeer/q spec.myASN: peer 192.0.2.2 has myAsn different from 192.0.2.1, in FRR mode peers selecting the same node must have the same myAsn within the same VRF',
      { bgpType: 'frr', bgpPeers: [peer('p'), peer('q', { peerAddress: '192.0.2.2', myASN: 64999 })] },
    ],
  ]);
});

describe('accepted without a word', () => {
  test.for<[name: string, input: Partial<ConfigurationInput>]>([
    ['a hold time of zero', peerWith({ holdTime: '0s', keepaliveTime: '0s' })],
    ['a hold time of three seconds', peerWith({ holdTime: '3s' })],
    ['a hold time below one second, which is none', peerWith({ holdTime: '999ms' })],
    ['a keepalive time as long as the hold time', peerWith({ holdTime: '90s', keepaliveTime: '90s' })],
    ['a dynamic AS number', peerWith({ peerASN: undefined, dynamicASN: 'external' })],
    ['the largest AS number', peerWith({ myASN: 4294967295 })],
    ['an unnumbered peer', peerWith({ peerAddress: undefined, interface: 'eth0' })],
    ['an IPv4-mapped address', peerWith({ peerAddress: '::ffff:192.0.2.1' })],
    ['several hops to another AS', peerWith({ ebgpMultiHop: true })],
    ['fields that are null', peerWith({ holdTime: null, interface: null, passwordSecret: null, nodeSelectors: null })],
    ['an empty passwordSecret beside a password', peerWith({ password: 'x', passwordSecret: {} })],
    ['the name of a peer that does not exist', adWith({ peers: ['nobody'] })],
    [
      'selected Services with the default lengths',
      adWith({ serviceSelectors: [{}], aggregationLength: 32, aggregationLengthV6: 128 }),
    ],
    ['an aggregation length of the other family', adWith({ aggregationLengthV6: 1 })],
    ['the largest local preference', adWith({ localPref: 4294967295 })],
    [
      'an alias that looks like a community',
      { ...adWith({ communities: ['1:2:3'] }), communities: [community('c', [{ name: '1:2:3', value: '1:1' }])] },
    ],
    [
      'all bounds of BFD',
      {
        bfdProfiles: [
          profile('b', { detectMultiplier: 255, receiveInterval: 10, transmitInterval: 60000, minimumTtl: 254 }),
        ],
      },
    ],
    [
      'an IPv6 pool and echo mode that do not meet',
      {
        ipAddressPools: [pool('six', ['2001:db8::/64'])],
        bgpAdvertisements: [advertisement('ad', { peers: ['other'] })],
        bfdProfiles: [profile('echo', { echoMode: true })],
        bgpPeers: [peer('p', { bfdProfile: 'echo' })],
      },
    ],
  ])('%s', ([, input]) => {
    expect(messages(input)).toEqual([]);
    expect(parse(input).config.acceptedByMetalLb).toBe(true);
  });
});
