import { createHash } from 'node:crypto';
import { type ParsedConfig, parseConfiguration } from '@steelyard/config';
import { elect } from '@steelyard/election';
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import {
  type Announcer,
  type AnnouncerEvent,
  createAnnouncer,
  projectEndpointSlice,
  projectNode,
  projectServiceForAnnouncement,
} from '../src/index.ts';
import { ownerCase, POOL_ADDRESSES } from './fixtures/owner-cases.ts';
import { type AdvertisementSpec, type EndpointObject, type NodeObject, ownerByRule, type Situation } from './rule.ts';

vi.setConfig({ testTimeout: 60_000 });

const sha256 = (octets: Uint8Array): Uint8Array => createHash('sha256').update(octets).digest();
const CLASS = 'example.com/ours';
const KEY = 'default/nginx';

/** A situation that MetalLB v0.16.1 could be in, and what came after it: preferences, the rule about sharing. */
const situations = fc
  .record({
    number: fc.nat(1_000_000),
    preferences: fc.array(
      fc.record({
        advertisement: fc.nat(2),
        weight: fc.integer({ min: 1, max: 100 }),
        preference: fc.constantFrom(
          {},
          { matchLabels: { a: '1' } },
          { matchLabels: { b: '2' } },
          { matchLabels: { a: '2', b: '1' } },
        ),
      }),
      { maxLength: 4 },
    ),
    shared: fc.option(fc.constantFrom('metallb.io/allow-shared-ip', 'metallb.universe.tf/allow-shared-ip'), {
      nil: undefined,
      freq: 3,
    }),
    sharingKey: fc.constantFrom('', 'key'),
    ours: fc.boolean(),
  })
  .map(({ number, preferences, shared, sharingKey, ours }) => {
    const base = ownerCase(number);
    const advertisements = (base.L2Advs as { metadata: object; spec: AdvertisementSpec }[]).map(
      ({ metadata, spec }, i) => ({
        metadata,
        spec: {
          ...spec,
          preferredNodeSelectors: preferences
            .filter(({ advertisement }) => advertisement === i)
            .map(({ weight, preference }) => ({ weight, preference })),
        },
      }),
    );
    const { metadata, spec, status } = base.Service as {
      metadata: { labels: Record<string, string> };
      spec: { externalTrafficPolicy: string };
      status: object;
    };
    const service = {
      metadata: { ...metadata, annotations: shared === undefined ? {} : { [shared]: sharingKey } },
      spec: { ...spec, ...(ours ? { loadBalancerClass: CLASS } : {}) },
      status,
    };
    const slices = base.Slices as { endpoints: EndpointObject[] }[];
    const situation: Situation = {
      advertisements,
      nodes: base.Nodes as NodeObject[],
      serviceLabels: metadata.labels,
      shared: shared !== undefined,
      local: spec.externalTrafficPolicy === 'Local',
      addresses: base.Addresses.map((address) => address.replace(/^2001:0?db8/i, '2001:db8')),
      endpoints: slices.flatMap(({ endpoints }) => endpoints),
      ignoreExcludeLb: base.Ignore,
      members: base.Members,
    };
    return { situation, service, slices, ours };
  });

const configOf = (l2Advertisements: readonly unknown[]): ParsedConfig =>
  parseConfiguration({
    ipAddressPools: [{ metadata: { name: 'pool' }, spec: { addresses: POOL_ADDRESSES } }],
    l2Advertisements,
  }).config;

function present<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('the object has a name');
  return value;
}

/** Everything there is, in an order; Nodes that are not there any more come first and go again. */
function eventsOf(
  { situation, service, slices }: { situation: Situation; service: unknown; slices: readonly unknown[] },
  gone: readonly string[],
  order: readonly number[],
): AnnouncerEvent[] {
  const events: AnnouncerEvent[] = [
    { type: 'configChanged', config: configOf(situation.advertisements) },
    { type: 'serviceChanged', service: present(projectServiceForAnnouncement(service)) },
    ...situation.nodes.map((node): AnnouncerEvent => ({ type: 'nodeChanged', node: present(projectNode(node)) })),
    ...slices.map((slice): AnnouncerEvent => ({ type: 'sliceChanged', slice: present(projectEndpointSlice(slice)) })),
    { type: 'synced' },
  ];
  const shuffled = events
    .map((event, i) => ({ event, at: order[i] ?? i }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ event }) => event);
  const vanished = gone.flatMap((name): AnnouncerEvent[] => [
    { type: 'nodeChanged', node: present(projectNode({ metadata: { name } })) },
  ]);
  return [...vanished, ...shuffled, ...gone.map((name): AnnouncerEvent => ({ type: 'nodeDeleted', name }))];
}

/** Who announces the address, as the wire thread of each node finds it. */
function ownersOf(
  announcers: ReadonlyMap<string, Announcer>,
  address: string,
  members: readonly string[] | undefined,
): string[] {
  return [...announcers].flatMap(([node, announcer]) => {
    const entry = [...announcer.entries()].find((each) => each.serviceKey === KEY && each.address === address);
    if (entry === undefined) return [];
    const { candidates, electionAddress } = entry;
    const electorate = { members: members === undefined ? ('unknown' as const) : new Set(members) };
    return elect({ candidates, address: electionAddress, sha256, ...electorate }).owner === node ? [node] : [];
  });
}

test('in any order of events, every address has the owner that the rule names, and no other', () => {
  let announced = 0;
  void fc.assert(
    fc.property(
      situations,
      fc.subarray(['node-6', 'node-7', 'node-8']),
      fc.array(fc.nat(1000), { maxLength: 20 }),
      fc.boolean(),
      (given, gone, order, classServed) => {
        const { situation } = given;
        const announcers = new Map(
          situation.nodes.map(({ metadata: { name } }) => [
            name,
            createAnnouncer({
              node: name,
              ignoreExcludeLb: situation.ignoreExcludeLb,
              loadBalancerClass: classServed ? CLASS : '',
            }),
          ]),
        );
        for (const event of eventsOf(given, gone, order)) {
          for (const announcer of announcers.values()) announcer.step(event);
        }
        const { owner } = given.ours === classServed ? ownerByRule(situation) : { owner: undefined };
        for (const address of situation.addresses) {
          expect(ownersOf(announcers, address, situation.members)).toEqual(owner === undefined ? [] : [owner]);
        }
        if (owner !== undefined) announced++;
      },
    ),
    { numRuns: 1500 },
  );
  expect(announced).toBeGreaterThan(250);
});

test('whatever happens to nodes, labels and advertisements, the owner is at each moment the one that the rule names', () => {
  const change = fc.record({
    what: fc.constantFrom('node', 'gone', 'advertisements', 'slices', 'members'),
    from: fc.nat(1_000_000),
    node: fc.nat(5),
  });
  void fc.assert(
    fc.property(situations, fc.array(change, { minLength: 1, maxLength: 8 }), (given, changes) => {
      let { situation } = given;
      const names = Array.from({ length: 6 }, (_, i) => `node-${i}`);
      const classServed = given.ours ? CLASS : '';
      const announcers = new Map(
        names.map((node) => [
          node,
          createAnnouncer({ node, ignoreExcludeLb: situation.ignoreExcludeLb, loadBalancerClass: classServed }),
        ]),
      );
      const tell = (event: AnnouncerEvent): void => {
        for (const announcer of announcers.values()) announcer.step(event);
      };
      const agree = (): void => {
        const { owner } = ownerByRule(situation);
        for (const address of situation.addresses) {
          expect(ownersOf(announcers, address, situation.members)).toEqual(owner === undefined ? [] : [owner]);
        }
      };
      for (const event of eventsOf(given, [], [])) tell(event);
      agree();
      let slices = given.slices.length;
      for (const { what, from, node } of changes) {
        const other = ownerCase(from);
        const name = `node-${node}`;
        if (what === 'node') {
          const [first] = other.Nodes as NodeObject[];
          const changed = { ...present(first), metadata: { ...present(first).metadata, name } };
          situation = {
            ...situation,
            nodes: [...situation.nodes.filter(({ metadata }) => metadata.name !== name), changed],
          };
          tell({ type: 'nodeChanged', node: present(projectNode(changed)) });
        } else if (what === 'gone') {
          situation = { ...situation, nodes: situation.nodes.filter(({ metadata }) => metadata.name !== name) };
          tell({ type: 'nodeDeleted', name });
        } else if (what === 'advertisements') {
          situation = { ...situation, advertisements: other.L2Advs as Situation['advertisements'] };
          tell({ type: 'configChanged', config: configOf(other.L2Advs) });
        } else if (what === 'slices') {
          const next = other.Slices as { endpoints: EndpointObject[] }[];
          situation = { ...situation, endpoints: next.flatMap(({ endpoints }) => endpoints) };
          for (const slice of next) tell({ type: 'sliceChanged', slice: present(projectEndpointSlice(slice)) });
          for (let i = next.length; i < slices; i++) tell({ type: 'sliceDeleted', key: `default/nginx-${i}` });
          slices = next.length;
        } else {
          situation = { ...situation, members: other.Members };
        }
        agree();
      }
    }),
    { numRuns: 500 },
  );
});
