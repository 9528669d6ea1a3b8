import type { BgpPath, BgpPeerEntry, BgpRouteEntry } from '@steelyard/announce';
import { expect, test } from 'vitest';
import { decodePeerEntries, decodePrefixes, decodeRoutes } from './decode-bgp.ts';

const PATH: BgpPath = { peers: ['router'], localPref: 100, communities: [4_294_967_041], largeCommunities: [] };
const ROUTE: BgpRouteEntry = { prefix: '192.0.2.10/32', serviceKeys: ['default/web'], paths: [PATH] };
const PEER: BgpPeerEntry = {
  name: 'router',
  peerAddress: '192.0.2.1',
  peerPort: 179,
  localAsn: 65001,
  peerAsn: 'external',
  sourceAddress: undefined,
  holdTimeSeconds: 9,
  keepaliveTimeMs: undefined,
  connectTimeSeconds: undefined,
  routerId: undefined,
  password: new TextEncoder().encode('hunter2'),
  ebgpMultiHop: false,
  vrf: undefined,
  families: ['ipv4-unicast', 'ipv6-unicast'],
};

test('what the control thread sends is taken as it is', () => {
  const routes = [ROUTE, { ...ROUTE, prefix: '2001:db8::/124' }];
  expect(decodeRoutes(routes)).toEqual({ ok: true, value: routes });
  expect(decodePeerEntries([PEER])).toEqual({ ok: true, value: [PEER] });
  expect(decodePrefixes(['192.0.2.0/24', '::/0'])).toEqual({ ok: true, value: ['192.0.2.0/24', '::/0'] });
});

test.for<[name: string, route: unknown]>([
  ['nothing', undefined],
  ['a prefix without a length', { ...ROUTE, prefix: '192.0.2.1' }],
  ['a length out of range', { ...ROUTE, prefix: '192.0.2.1/33' }],
  ['a length that is no number', { ...ROUTE, prefix: '192.0.2.1/ 8' }],
  ['two lengths', { ...ROUTE, prefix: '192.0.2.1/8/8' }],
  ['no paths', { ...ROUTE, paths: undefined }],
  ['a path that is none', { ...ROUTE, paths: [null] }],
  ['a hole in the paths', { ...ROUTE, paths: new Array(2) }],
  ['a community out of range', { ...ROUTE, paths: [{ ...PATH, communities: [2 ** 32] }] }],
  ['a large community with a part missing', { ...ROUTE, paths: [{ ...PATH, largeCommunities: [{ localData1: 1 }] }] }],
  ['a localPref that is negative', { ...ROUTE, paths: [{ ...PATH, localPref: -1 }] }],
  ['a peer without a name', { ...ROUTE, paths: [{ ...PATH, peers: [''] }] }],
])('a route is refused: %s', ([, route]) => {
  expect(decodeRoutes([ROUTE, route])).toMatchObject({
    ok: false,
    failure: { code: 'ERR_SPEAKER_WIRE_INVALID_ENTRY', offset: 1 },
  });
});

test.for<[name: string, change: object]>([
  ['no address', { peerAddress: 'router.example' }],
  ['port 0', { peerPort: 0 }],
  ['AS 0', { peerAsn: 0 }],
  ['an AS number of 33 bits', { localAsn: 2 ** 32 }],
  ['a password that is text', { password: 'hunter2' }],
  ['another family', { families: ['vpnv4'] }],
])('a peer is refused, and nothing of it is repeated but its name: %s', ([, change]) => {
  const outcome = decodePeerEntries([{ ...PEER, ...change }]);
  expect(outcome).toMatchObject({ ok: false, failure: { message: 'peer 0 is none: "router"' } });
});

test('two peers of one name are refused', () => {
  expect(decodePeerEntries([PEER, PEER]).ok).toBe(false);
});

test.for<[name: string, change: object]>([
  ['a password that TCP cannot use', { password: new Uint8Array(100_000) }],
  ['a VRF that no interface can be', { vrf: 'v'.repeat(10_000) }],
])('what one session cannot have is that session’s matter, and stops nothing else: %s', ([, change]) => {
  expect(decodePeerEntries([{ ...PEER, ...change }]).ok).toBe(true);
});

test('a route with more communities than a message holds is that route’s matter', () => {
  const communities = Array.from({ length: 50_000 }, (_, i) => i);
  expect(decodeRoutes([{ ...ROUTE, paths: [{ ...PATH, communities }] }]).ok).toBe(true);
});
