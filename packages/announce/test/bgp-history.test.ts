import type { ParsedConfig } from '@steelyard/config';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type AnnouncerEvent,
  type BgpPeerEntry,
  type BgpRouteEntry,
  bgpPeersForNode,
  createAnnouncer,
  decideBgp,
  type EndpointSliceView,
  mergeEndpointSlices,
  type NodeView,
  type ServiceAnnouncementView,
} from '../src/index.ts';
import {
  advertisement,
  configChanged,
  configOf,
  labelled,
  nodeChanged,
  peer,
  SYNCED,
  serviceChanged,
  serviceDeleted,
  sliceChanged,
} from './bgp-world.ts';

/** What a peer is told of a prefix. */
interface Told {
  readonly localPref: number | undefined;
  readonly communities: readonly string[];
  readonly serviceKeys: readonly string[];
}

/** The objects as they are in the end. */
interface Objects {
  readonly services: Map<string, ServiceAnnouncementView>;
  readonly slices: Map<string, EndpointSliceView>;
  readonly nodes: Map<string, NodeView>;
  config: ParsedConfig | undefined;
  /** The Node of the announcer, as it was last. */
  own: NodeView | undefined;
}

function apply(objects: Objects, event: AnnouncerEvent): void {
  if (event.type === 'serviceChanged') objects.services.set(event.service.key, event.service);
  if (event.type === 'serviceDeleted') objects.services.delete(event.key);
  if (event.type === 'sliceChanged') objects.slices.set(event.slice.key, event.slice);
  if (event.type === 'sliceDeleted') objects.slices.delete(event.key);
  if (event.type === 'nodeDeleted') objects.nodes.delete(event.name);
  if (event.type === 'configChanged') objects.config = event.config;
  if (event.type !== 'nodeChanged') return;
  objects.nodes.set(event.node.name, event.node);
  if (event.node.name === 'a') objects.own = event.node;
}

const sorted = (texts: Iterable<string>): string[] => [...new Set(texts)].toSorted((a, b) => (a < b ? -1 : 1));
/** The addresses of these tests are short enough for this. */
const isIn = (prefix: string) => (prefix.includes(':') ? 'ipv6-unicast' : 'ipv4-unicast');

/** The prefix of an address, worked out with one number for all of it. */
function prefixByRule(address: string, v4: number, v6: number): string {
  if (address.includes(':')) {
    const low = BigInt(Number.parseInt(address.replace('2001:db8::', '') || '0', 16));
    const host = 128n - BigInt(v6);
    const group = ((low >> host) << host).toString(16);
    return `2001:db8::${group === '0' ? '' : group}/${v6}`;
  }
  const number = address.split('.').reduce((sum, octet) => sum * 256 + Number(octet), 0);
  const size = 2 ** (32 - v4);
  const first = Math.floor(number / size) * size;
  return `${[24, 16, 8, 0].map((shift) => Math.floor(first / 2 ** shift) % 256).join('.')}/${v4}`;
}

/** What each peer is told, worked out from scratch, one peer and one prefix after the other. By `peer prefix`. */
function toldByRule({ services, slices, nodes, config, own }: Objects): Map<string, Told> {
  const told = new Map<string, Told>();
  if (config === undefined || own === undefined) return told;
  const offers = [...services.values()].flatMap((service) => {
    const endpoints = mergeEndpointSlices([...slices.values()].filter(({ serviceKey }) => serviceKey === service.key));
    const decision = decideBgp({ service, endpoints, nodes, node: 'a', config });
    if (!decision.eligible) return [];
    return decision.addresses.flatMap((address) =>
      decision.advertisements.map((own) => ({
        serviceKey: service.key,
        prefix: prefixByRule(address, own.aggregationLength, own.aggregationLengthV6),
        advertisement: own,
      })),
    );
  });
  const age = new Map(config.bgpAdvertisements.map(({ resolved }, i) => [resolved.name, i]));
  offers.sort((a, b) => (age.get(a.advertisement.name) ?? 0) - (age.get(b.advertisement.name) ?? 0));
  for (const { name, families } of bgpPeersForNode(config, own).peers) {
    for (const prefix of new Set(offers.map((offer) => offer.prefix))) {
      const all = offers.filter((offer) => offer.prefix === prefix);
      const mine = all.filter(({ advertisement: { peers } }) => peers === 'all' || peers.includes(name));
      if (mine.length === 0 || !families.includes(isIn(prefix))) continue;
      const communities = mine.flatMap((offer) => offer.advertisement.communities);
      told.set(`${name} ${prefix}`, {
        localPref: mine[0]?.advertisement.localPref || undefined,
        communities: sorted(
          communities.map((each) =>
            each.kind === 'legacy'
              ? `${each.upper}:${each.lower}`
              : `${each.globalAdministrator}:${each.localData1}:${each.localData2}`,
          ),
        ),
        serviceKeys: sorted(all.map(({ serviceKey }) => serviceKey)),
      });
    }
  }
  return told;
}

function toldBy(routes: Iterable<BgpRouteEntry>): Map<string, Told> {
  const told = new Map<string, Told>();
  for (const { prefix, serviceKeys, paths } of routes) {
    for (const { peers, localPref, communities, largeCommunities } of paths) {
      for (const name of peers) {
        expect(told.has(`${name} ${prefix}`)).toBe(false);
        const texts = [
          ...communities.map((each) => `${each >>> 16}:${each & 0xffff}`),
          ...largeCommunities.map((each) => `${each.globalAdministrator}:${each.localData1}:${each.localData2}`),
        ];
        told.set(`${name} ${prefix}`, { localPref, communities: sorted(texts), serviceKeys });
      }
    }
  }
  return told;
}

const names = fc.constantFrom('s1', 's2', 's3');
const addresses = fc.constantFrom(
  [],
  ['192.0.2.1'],
  ['192.0.2.2'],
  ['192.0.2.9', '2001:db8::9'],
  ['2001:db8::2', '192.0.2.2'],
);
const labels = fc.constantFrom<object>({}, { a: '1' }, { a: '2' });
const selectors = fc.constantFrom(undefined, labelled({ a: '1' }), labelled({ a: '2' }));
const given = (fields: object): object =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
const spec = fc
  .record({
    nodeSelectors: selectors,
    localPref: fc.constantFrom(undefined, 100, 200),
    communities: fc.subarray(['64512:1', '64512:2', 'large:1:2:3']),
    peers: fc.subarray(['p', 'q', 'x']),
    more: fc.oneof(
      fc.record({
        aggregationLength: fc.integer({ min: 24, max: 32 }),
        aggregationLengthV6: fc.constantFrom(64, 124, 128),
      }),
      fc.record({ serviceSelectors: selectors }),
    ),
  })
  .map(({ more, ...rest }) => given({ ...rest, ...given(more) }));
const config = fc
  .record({
    advertisements: fc.array(spec, { minLength: 1, maxLength: 3 }),
    peers: fc.subarray([
      peer('p'),
      peer('q', { peerAddress: '198.51.100.2', nodeSelectors: labelled({ a: '1' }) }),
      peer('r', { peerAddress: '198.51.100.3', dualStackAddressFamily: false }),
    ]),
  })
  .map(({ advertisements, peers }) =>
    configOf({ peers, advertisements: advertisements.map((each, i) => advertisement(`b${i}`, each)) }),
  );
const event: fc.Arbitrary<AnnouncerEvent> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.tuple(names, addresses, labels).map(([name, all, own]) => serviceChanged(name, all, own)),
  },
  names.map(serviceDeleted),
  {
    weight: 3,
    arbitrary: fc
      .tuple(names, fc.subarray(['a', 'b']), fc.constantFrom('e1', 'e2', 'e3'))
      .map(([name, on, slice]) => sliceChanged(name, on, slice)),
  },
  fc.constantFrom('e1', 'e2').map((name): AnnouncerEvent => ({ type: 'sliceDeleted', key: `default/${name}` })),
  {
    weight: 2,
    arbitrary: fc.tuple(fc.constantFrom('a', 'a', 'b'), labels).map(([name, own]) => nodeChanged(name, own)),
  },
  fc.constantFrom('a', 'b').map((name): AnnouncerEvent => ({ type: 'nodeDeleted', name })),
  { weight: 2, arbitrary: config.map(configChanged) },
);

test('whatever happened before, what each peer is told is what follows from the objects alone', () => {
  void fc.assert(
    fc.property(config, fc.array(event, { maxLength: 40 }), fc.nat(20), (first, events, syncedAt) => {
      const all = [configChanged(first), nodeChanged('a', { a: '1' }), ...events];
      const announcer = createAnnouncer({ node: 'a' });
      const objects: Objects = {
        services: new Map(),
        slices: new Map(),
        nodes: new Map(),
        config: undefined,
        own: undefined,
      };
      const wire = new Map<string, BgpRouteEntry>();
      const statuses = new Map<string, readonly string[]>();
      let peers: readonly BgpPeerEntry[] = [];
      for (const each of [...all.slice(0, syncedAt), SYNCED, ...all.slice(syncedAt)]) {
        apply(objects, each);
        const { bgp } = announcer.step(each);
        for (const prefix of bgp.routeRemovals) expect(wire.delete(prefix)).toBe(true);
        for (const entry of bgp.routeUpserts) {
          if (bgp.snapshot === undefined) expect(entry).not.toEqual(wire.get(entry.prefix));
          wire.set(entry.prefix, entry);
        }
        for (const { serviceKey, peers: own } of bgp.servicePeers) {
          expect(own).not.toEqual(statuses.get(serviceKey) ?? []);
          statuses.set(serviceKey, own);
        }
        peers = bgp.peers ?? peers;
      }
      if (all.length < syncedAt) return;
      expect(toldBy(announcer.routes())).toEqual(toldByRule(objects));
      expect(new Set(wire.values())).toEqual(new Set(announcer.routes()));
      expect(peers).toEqual(announcer.bgpPeers());
      const { config: last, own } = objects;
      expect(peers).toEqual(last === undefined || own === undefined ? [] : bgpPeersForNode(last, own).peers);
      for (const key of objects.services.keys()) {
        const mine = [...announcer.routes()].filter(({ serviceKeys }) => serviceKeys.includes(key));
        const expected = sorted(mine.flatMap(({ paths }) => paths.flatMap((path) => path.peers)));
        expect(announcer.peersOf(key)).toEqual(expected);
        expect(statuses.get(key) ?? []).toEqual(expected);
      }
    }),
    { numRuns: 300 },
  );
});
