import { type ParsedConfig, parseConfiguration } from '@steelyard/config';
import { describe, expect, test } from 'vitest';
import { type BgpPeerEntry, bgpPeersForNode } from '../index.ts';
import { samePeerEntry } from './bgp-peers.ts';

const peer = (spec: object = {}, name = 'tor') => ({
  metadata: { namespace: 'metallb-system', name },
  spec: { myASN: 64512, peerASN: 64513, peerAddress: '192.0.2.1', ...spec },
});
const configOf = (
  peers: readonly unknown[],
  rest: { secrets?: unknown[]; bfdProfiles?: unknown[] } = {},
): ParsedConfig =>
  parseConfiguration({ ipAddressPools: [], l2Advertisements: [], bgpPeers: peers, secrets: [], ...rest }).config;
const labels = new Map([['rack', '1']]);
const entryOf = (spec: object): BgpPeerEntry | undefined =>
  bgpPeersForNode(configOf([peer(spec)]), { labels }).peers[0];

const secret = (password: string) => ({
  metadata: { namespace: 'metallb-system', name: 's' },
  type: 'kubernetes.io/basic-auth',
  data: { password: btoa(password) },
});

test('a BGPPeer with nothing but what is required', () => {
  expect(entryOf({})).toEqual({
    name: 'tor',
    peerAddress: '192.0.2.1',
    peerPort: 179,
    localAsn: 64512,
    peerAsn: 64513,
    sourceAddress: undefined,
    holdTimeSeconds: undefined,
    keepaliveTimeMs: undefined,
    connectTimeSeconds: undefined,
    routerId: undefined,
    password: undefined,
    ebgpMultiHop: false,
    vrf: undefined,
    families: ['ipv4-unicast'],
  });
});

describe('a field of a BGPPeer', () => {
  test.for<[spec: object, entry: Partial<BgpPeerEntry>]>([
    [{ localASN: 64600 }, { localAsn: 64600 }],
    [{ peerASN: 0, dynamicASN: 'external' }, { peerAsn: 'external' }],
    [{ peerPort: 1179 }, { peerPort: 1179 }],
    [{ sourceAddress: '192.0.2.9' }, { sourceAddress: '192.0.2.9' }],
    [{ routerID: '10.0.0.1' }, { routerId: '10.0.0.1' }],
    [{ ebgpMultiHop: true }, { ebgpMultiHop: true }],
    [{ vrf: 'red' }, { vrf: 'red' }],
    [{ peerAddress: '2001:DB8::0001' }, { peerAddress: '2001:db8::1', families: ['ipv6-unicast'] }],
    [{ dualStackAddressFamily: true }, { families: ['ipv4-unicast', 'ipv6-unicast'] }],
    [{ peerAddress: '2001:db8::1', dualStackAddressFamily: true }, { families: ['ipv4-unicast', 'ipv6-unicast'] }],
    [{ connectTime: '7s' }, { connectTimeSeconds: 7 }],
    [{ holdTime: '90s' }, { holdTimeSeconds: 90, keepaliveTimeMs: 30_000 }],
    [{ keepaliveTime: '5s' }, { holdTimeSeconds: 15, keepaliveTimeMs: 5_000 }],
    [
      { holdTime: '90s', keepaliveTime: '10s' },
      { holdTimeSeconds: 90, keepaliveTimeMs: 10_000 },
    ],
    [{ holdTime: '0s' }, { holdTimeSeconds: 0, keepaliveTimeMs: undefined }],
    [
      { holdTime: '0s', keepaliveTime: '0s' },
      { holdTimeSeconds: 0, keepaliveTimeMs: undefined },
    ],
    [
      { holdTime: '90s', keepaliveTime: '0s' },
      { holdTimeSeconds: 90, keepaliveTimeMs: undefined },
    ],
    [{ password: 'grün' }, { password: new TextEncoder().encode('grün') }],
  ])('%o: %o', ([spec, entry]) => {
    expect(entryOf(spec)).toMatchObject(entry);
  });
});

test('the password of a Secret is told in octets', () => {
  const config = configOf([peer({ passwordSecret: { name: 's' } })], { secrets: [secret('top')] });
  expect(bgpPeersForNode(config, { labels }).peers).toMatchObject([{ password: new TextEncoder().encode('top') }]);
});

test('peers are sorted by name, and only those whose nodeSelectors have the node', () => {
  const selecting = (rack: string) => ({ nodeSelectors: [{ matchLabels: { rack } }] });
  const config = configOf([
    peer(selecting('1'), 'c'),
    peer(selecting('2'), 'b'),
    peer({}, 'a'),
    peer({ nodeSelectors: [{ matchLabels: { rack: '2' } }, { matchLabels: { rack: '1' } }] }, 'd'),
  ]);
  const { peers, routePeers } = bgpPeersForNode(config, { labels });
  expect(peers.map(({ name }) => name)).toEqual(['a', 'c', 'd']);
  expect(routePeers.map(({ name }) => name)).toEqual(['a', 'c', 'd']);
});

describe('what a BGPPeer does not get is named', () => {
  const bfdProfiles = [{ metadata: { namespace: 'metallb-system', name: 'fast' }, spec: {} }];
  test('an unnumbered peer is none', () => {
    const config = configOf([peer({ peerAddress: undefined, interface: 'eth1' })]);
    expect(bgpPeersForNode(config, { labels })).toEqual({
      peers: [],
      routePeers: [],
      unserved: [{ peer: 'tor', field: 'interface', because: 'Unnumbered' }],
    });
  });

  test('BFD and graceful restart are left out of a session that there is', () => {
    const config = configOf([peer({ bfdProfile: 'fast', enableGracefulRestart: true })], { bfdProfiles });
    const { peers, unserved } = bgpPeersForNode(config, { labels });
    expect(peers).toHaveLength(1);
    expect(unserved).toEqual([
      { peer: 'tor', field: 'bfdProfile', because: 'NotServed' },
      { peer: 'tor', field: 'enableGracefulRestart', because: 'NotServed' },
    ]);
  });

  test('a peer whose Secret cannot be read is told nothing new, and may have a session', () => {
    const { config } = parseConfiguration({
      ipAddressPools: [],
      l2Advertisements: [],
      bgpPeers: [peer({ passwordSecret: { name: 's' } })],
    });
    expect(bgpPeersForNode(config, { labels })).toEqual({
      peers: [],
      routePeers: [{ name: 'tor', families: ['ipv4-unicast'] }],
      unserved: [{ peer: 'tor', field: 'passwordSecret', because: 'SecretUnknown' }],
    });
  });
});

describe('two entries', () => {
  const first = entryOf({ password: 'top' });
  test.for<[spec: object, same: boolean]>([
    [{ password: 'top' }, true],
    [{ password: 'top', nodeSelectors: [{ matchLabels: { rack: '1' } }] }, true],
    [{ password: 'tap' }, false],
    [{}, false],
    [{ password: 'top', peerPort: 1179 }, false],
    [{ password: 'top', peerASN: 64514 }, false],
    [{ password: 'top', myASN: 64511 }, false],
    [{ password: 'top', holdTime: '9s' }, false],
    [{ password: 'top', routerID: '10.0.0.1' }, false],
    [{ password: 'top', vrf: 'red' }, false],
    [{ password: 'top', dualStackAddressFamily: true }, false],
  ])('ask for the same session as that with password top: %o: %s', ([spec, same]) => {
    const other = entryOf(spec);
    expect(first && other && samePeerEntry(first, other)).toBe(same);
    expect(first && other && samePeerEntry(other, first)).toBe(same);
  });
});
