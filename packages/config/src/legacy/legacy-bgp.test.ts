import { describe, expect, test } from 'vitest';
import { migrateLegacyConfigMap, type ParsedConfig, parseConfiguration } from '../index.ts';

const configMap = (config: string) => ({ metadata: { namespace: 'metallb-system', name: 'config' }, data: { config } });
const parse = (config: string, previous?: ParsedConfig) =>
  parseConfiguration({ ipAddressPools: [], l2Advertisements: [], legacyConfigMap: configMap(config) }, previous);

const STORY = `peers:
- my-asn: 65001
  peer-asn: 65000
  peer-address: 192.168.0.1
address-pools:
- name: default
  protocol: bgp
  addresses:
  - 192.168.0.30-192.168.0.49
`;
const FULL = `peers:
- my-asn: 64500
  peer-asn: 64501
  peer-address: 192.0.2.1
  source-address: 192.0.2.9
  peer-port: 1179
  hold-time: 9s
  keepalive-time: 3s
  router-id: 192.0.2.9
  password: hunter2
  bfd-profile: Fast_1
  ebgp-multihop: true
  node-selectors:
  - match-labels: { rack: a }
- { my-asn: 64500, peer-asn: 64500, peer-address: 2001:DB8::1 }
address-pools:
- name: My_Pool
  protocol: bgp
  addresses: [198.51.100.0/24]
  bgp-advertisements:
  - { aggregation-length: 24, localpref: 200, communities: [far, "64500:1"] }
  - { communities: [no-name] }
- { name: lan, protocol: layer2, addresses: [203.0.113.0/24] }
bgp-communities: { far: 65535:65281, no-name: "64500:2" }
bfd-profiles:
- { name: Fast_1, receive-interval: 100 }
`;

test('peers and a pool by BGP, as every guide shows them, are served without a word', () => {
  const { config, problems } = parse(STORY);
  expect(problems).toEqual([]);
  expect([...config.bgpPeers.values()]).toMatchObject([
    { name: 'peer1', myAsn: 65001, peerAsn: 65000, address: '192.168.0.1', port: 179, holdTimeSeconds: 90 },
  ]);
  expect(config.pools.get('default')).toMatchObject({
    protocol: 'bgp',
    frozen: false,
    l2Advertisements: [],
    bgpAdvertisements: [{ name: 'bgpadvertisement1', aggregationLength: 32, aggregationLengthV6: 128, peers: 'all' }],
  });
});

test('all that it can say of BGP is there', () => {
  const { config, problems } = parse(FULL);
  expect(problems).toMatchObject([
    { severity: 'warning', field: 'peers[0].bfd-profile', code: 'ERR_CONFIG_NOT_SERVED', scopes: ['speaker'] },
  ]);
  const [first, second] = config.bgpPeers.values();
  expect(first).toMatchObject({
    name: 'peer1',
    object: { kind: 'ConfigMap', name: 'config' },
    sourceAddress: '192.0.2.9',
    port: 1179,
    holdTimeSeconds: 9,
    keepaliveTimeMs: 3000,
    routerId: '192.0.2.9',
    ebgpMultiHop: true,
    bfdProfile: { name: 'Fast_1', receiveIntervalMs: 100 },
  });
  expect(first?.nodeSelectors).toHaveLength(1);
  expect(new TextDecoder().decode(first?.password?.reveal())).toBe('hunter2');
  expect(second).toMatchObject({ name: 'peer2', address: '2001:db8::1', peerAsn: 64500 });
  expect(config.pools.get('My_Pool')?.bgpAdvertisements).toMatchObject([
    { aggregationLength: 24, localPref: 200, communities: [{}, {}] },
    { aggregationLength: 32, localPref: 0, communities: [{}] },
  ]);
  expect(config.pools.get('lan')).toMatchObject({ bgpAdvertisements: [], l2Advertisements: [{}] });
});

test('migrated, it means the same, by the same names: no session ends for it', () => {
  const config = FULL.replaceAll('My_Pool', 'my-pool').replaceAll('Fast_1', 'fast-1');
  const { objects } = migrateLegacyConfigMap({ kind: 'configMap', configMap: configMap(config) });
  const of = (kind: string) => objects.filter((object) => object.kind === kind);
  const after = parseConfiguration({
    ipAddressPools: of('IPAddressPool'),
    l2Advertisements: of('L2Advertisement'),
    bgpAdvertisements: of('BGPAdvertisement'),
    bgpPeers: of('BGPPeer'),
    bfdProfiles: of('BFDProfile'),
    communities: of('Community'),
  }).config;
  const before = parse(config).config;
  const said = ({ bgpPeers, pools }: ParsedConfig) => ({
    peers: [...bgpPeers.values()].map(({ object: _, bfdProfile: __, ...peer }) => peer),
    pools: new Map([...pools.values()].map(({ name, bgpAdvertisements }) => [name, bgpAdvertisements])),
  });
  expect(said(before)).toEqual(said(after));
});

describe('what is wrong is told in the words of the ConfigMap, and all else is in force', () => {
  const withPeer = (peer: string): string => STORY.replace('peers:\n', `peers:\n- ${peer}\n`);
  test.for<[name: string, config: string, field: string, message: RegExp]>([
    [
      'a hold time',
      withPeer('{ my-asn: 1, peer-asn: 2, peer-address: 192.0.2.1, hold-time: 2s }'),
      'peers[0].hold-time',
      /invalid hold time "2s": must be 0 or >=3s/,
    ],
    ['no AS number', withPeer('{ peer-asn: 2, peer-address: 192.0.2.1 }'), 'peers[0].my-asn', /missing local ASN/],
    [
      'an address that is none',
      withPeer('{ my-asn: 1, peer-asn: 2, peer-address: router }'),
      'peers[0].peer-address',
      /invalid BGPPeer address "router"/,
    ],
    [
      'an AS number that is a text',
      withPeer('{ my-asn: one, peer-asn: 2, peer-address: 192.0.2.1 }'),
      'peers[0].my-asn',
      /cannot unmarshal string into uint32/,
    ],
    ['no mapping', withPeer('7'), 'peers[0]', /cannot unmarshal number 7 into mapping/],
    [
      'a BFD profile that does not exist',
      withPeer('{ my-asn: 1, peer-asn: 2, peer-address: 192.0.2.1, bfd-profile: x }'),
      'peers[0].bfd-profile',
      /referencing non existing bfd profile x/,
    ],
    [
      'a misspelled key',
      withPeer('{ my-asn: 1, peer-asn: 2, peer-address: 192.0.2.1, pasword: hunter2 }'),
      'peers[0].pasword',
      /field pasword not found/,
    ],
  ])('%s', ([, config, field, message]) => {
    const { config: parsed, problems } = parse(config);
    const errors = problems.filter(({ severity }) => severity === 'error');
    expect(errors.map((problem) => problem.field)).toEqual([field]);
    expect(errors[0]?.message).toMatch(message);
    expect(errors[0]?.scopes).toContain('speaker');
    expect(JSON.stringify(problems)).not.toContain('hunter2');
    expect([...parsed.bgpPeers.keys()]).toEqual(['peer2']);
    expect(parsed.pools.get('default')?.frozen).toBe(false);
  });

  test('an advertisement that is wrong announces nothing, and the next one does', () => {
    const list = 'protocol: bgp\n  bgp-advertisements: [{ aggregation-length: 64 }, { localpref: 5 }]';
    const { config, problems } = parse(STORY.replace('protocol: bgp', list));
    expect(problems[0]).toMatchObject({ field: 'address-pools[0].bgp-advertisements[0].aggregation-length' });
    expect(config.pools.get('default')?.bgpAdvertisements).toMatchObject([{ localPref: 5 }]);
  });
});

test('a peer that is wrong does not make the controller’s configuration stale', () => {
  const legacyConfigMap = configMap(STORY.replace('my-asn: 65001', 'my-asn: one'));
  const input = { ipAddressPools: [], l2Advertisements: [], legacyConfigMap } as const;
  expect(parseConfiguration({ ...input, reader: 'controller' }).stale).toBe(false);
  expect(parseConfiguration({ ...input, reader: 'speaker' }).stale).toBe(true);
});

describe('what cannot be read any more stays as it was', () => {
  const before = parse(FULL).config;
  test.for<[name: string, change: (config: string) => string]>([
    ['a peer', (config) => config.replace('peer-port: 1179', 'peer-port: many')],
    ['a peer’s timers', (config) => config.replace('hold-time: 9s', 'hold-time: soon')],
    ['all peers', (config) => config.replace(/peers:[\s\S]*address-pools/, 'peers: none\naddress-pools')],
  ])('%s', ([, change]) => {
    const { config, problems } = parse(change(FULL), before);
    expect(problems.some(({ severity }) => severity === 'error')).toBe(true);
    expect(new Set(config.bgpPeers.keys())).toEqual(new Set(['peer1', 'peer2']));
    expect(config.bgpPeers.get('peer1')).toMatchObject({ port: 1179, holdTimeSeconds: 9 });
  });

  test.for<[name: string, text: string]>([
    ['an advertisement of its own', '[{ aggregation-length: long }, { communities: [no-name] }]'],
    ['all advertisements of a pool', 'none'],
  ])('%s', ([, text]) => {
    const broken = FULL.replace(
      /bgp-advertisements:[\s\S]*?- \{ name: lan/,
      `bgp-advertisements: ${text}\n- { name: lan`,
    );
    const { config, problems } = parse(broken, before);
    expect(problems.some(({ severity }) => severity === 'error')).toBe(true);
    const names = config.pools.get('My_Pool')?.bgpAdvertisements.map(({ name }) => name);
    expect(new Set(names)).toEqual(new Set(['bgpadvertisement1', 'bgpadvertisement2']));
    expect(
      parse(broken)
        .config.pools.get('My_Pool')
        ?.bgpAdvertisements.map(({ name }) => name),
    ).toEqual(text === 'none' ? [] : ['bgpadvertisement2']);
  });

  test('but what is taken out is gone', () => {
    const { config } = parse(FULL.replace(/- \{ my-asn: 64500, peer-asn: 64500.*\n/, ''), before);
    expect([...config.bgpPeers.keys()]).toEqual(['peer1']);
  });
});
