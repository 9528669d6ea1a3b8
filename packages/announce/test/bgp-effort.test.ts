import type { ParsedConfig, ResolvedBgpAdvertisement } from '@steelyard/config';
import { describe, expect, test } from 'vitest';
import type { Announcer, AnnouncerEvent } from '../src/index.ts';
import {
  advertisement,
  announcerOf,
  configChanged,
  configOf,
  labelled,
  nodeChanged,
  peer,
  serviceChanged,
  serviceDeleted,
  sliceChanged,
} from './bgp-world.ts';

/** Counts how often an advertisement, a Service or the Node is looked at. */
function watched() {
  const count = { advertisements: 0, services: 0, nodes: 0 };
  const counting = <T extends object>(object: T, what: keyof typeof count, property: keyof T): T =>
    Object.defineProperty({ ...object }, property, {
      enumerable: true,
      get() {
        count[what] += 1;
        return object[property];
      },
    });
  const ofConfig = (config: ParsedConfig): ParsedConfig => {
    const seen = new Map<ResolvedBgpAdvertisement, ResolvedBgpAdvertisement>();
    const once = (resolved: ResolvedBgpAdvertisement) => {
      const known = seen.get(resolved) ?? counting(resolved, 'advertisements', 'serviceSelectors');
      seen.set(resolved, known);
      return known;
    };
    const pools = [...config.pools].map(
      ([name, pool]) => [name, { ...pool, bgpAdvertisements: pool.bgpAdvertisements.map(once) }] as const,
    );
    return { ...config, pools: new Map(pools) };
  };
  const of = (event: AnnouncerEvent): AnnouncerEvent => {
    if (event.type === 'serviceChanged') return { ...event, service: counting(event.service, 'services', 'type') };
    if (event.type === 'nodeChanged') return { ...event, node: counting(event.node, 'nodes', 'labels') };
    return event.type === 'configChanged' ? { ...event, config: ofConfig(event.config) } : event;
  };
  return { count, of };
}

const addressOf = (i: number) => `10.0.${i >> 8}.${i & 255}`;
const PEERS = Array.from({ length: 8 }, (_, i) => peer(`p${i}`, { peerAddress: `198.51.100.${i + 1}` }));

describe.each([100, 10_000])('with %i Services', (size) => {
  const world = (spec: object = {}) => {
    const { count, of } = watched();
    const events = Array.from({ length: size }, (_, i) => [
      serviceChanged(`s${i}`, [addressOf(i)]),
      sliceChanged(`s${i}`, ['a']),
    ]).flat();
    const advertisements = [advertisement('one', spec), advertisement('two', { communities: ['64512:1'], ...spec })];
    const config = configChanged(configOf({ addresses: ['10.0.0.0/8'], advertisements, peers: PEERS }));
    const announcer = announcerOf(...[config, nodeChanged('a'), ...events].map(of));
    const effortOf = (told: Announcer, event: AnnouncerEvent) => {
      Object.assign(count, { advertisements: 0, services: 0, nodes: 0 });
      const { bgp } = told.step(of(event));
      return { ...count, upserts: bgp.routeUpserts.length, removals: bgp.routeRemovals.length };
    };
    return { announcer, effortOf };
  };

  const plain = world();

  test('one that changes costs its own addresses and advertisements, and nothing else', () => {
    const { announcer, effortOf } = plain;
    const moved = effortOf(announcer, serviceChanged('s7', ['10.1.0.1', '10.1.0.2']));
    expect(moved).toMatchObject({ upserts: 2, removals: 1 });
    expect(moved.advertisements).toBeLessThan(10);
    expect(moved.services).toBeLessThan(10);
    expect(effortOf(announcer, sliceChanged('s8', []))).toMatchObject({ upserts: 0, removals: 1 });
    expect(effortOf(announcer, serviceDeleted('s9'))).toEqual({
      advertisements: 0,
      services: 0,
      nodes: 0,
      upserts: 0,
      removals: 1,
    });
  });

  test('one that joins or leaves an aggregate of all costs no look at the others', () => {
    const { announcer, effortOf } = world({ aggregationLength: 8 });
    const joined = effortOf(announcer, serviceChanged('s7', ['10.1.0.1']));
    expect(joined).toMatchObject({ upserts: 0, removals: 0 });
    const left = effortOf(announcer, serviceDeleted('s8'));
    expect(left).toMatchObject({ upserts: 1, removals: 0 });
    expect(joined.advertisements + left.advertisements + joined.services + left.services).toBeLessThan(20);
  });

  test('labels of the own node cost one look at each, and another node none', () => {
    const { announcer, effortOf } = plain;
    const own = effortOf(announcer, nodeChanged('a', { rack: '1' }));
    expect(own).toMatchObject({ upserts: 0, removals: 0 });
    expect(own.services).toBeLessThanOrEqual(size * 4); // each protocol reads it twice at most
    announcer.step(nodeChanged('b'));
    expect(effortOf(announcer, nodeChanged('b', { rack: '2' })).services).toBe(0);
  });

  test('peers that change cost one look at each, and tell only what is otherwise', () => {
    const { announcer, effortOf } = plain;
    const selecting = [advertisement('one'), advertisement('two', { communities: ['64512:1'] })];
    const fewer = configOf({ addresses: ['10.0.0.0/8'], advertisements: selecting, peers: PEERS.slice(1) });
    const all = effortOf(announcer, configChanged(fewer));
    const announced = [...announcer.routes()].length;
    expect(announced).toBeGreaterThan(size - 3); // a few came and went in the tests before
    expect(all).toMatchObject({ upserts: announced, removals: 0 });
    expect(all.services).toBeLessThanOrEqual(size * 4);
    const same = configOf({
      addresses: ['10.0.0.0/8'],
      advertisements: [...selecting, advertisement('three', { nodeSelectors: labelled({ rack: '9' }) })],
      peers: PEERS.slice(1),
    });
    expect(effortOf(announcer, configChanged(same))).toMatchObject({ upserts: 0, removals: 0 });
  });
});
