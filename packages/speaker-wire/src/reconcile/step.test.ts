import { createHash } from 'node:crypto';
import type { Layer2Entry } from '@steelyard/announce';
import { elect } from '@steelyard/election';
import type { Link } from '@steelyard/linux-socket/link';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { entryKey } from '../protocol/receive.ts';
import type { WireReport } from '../protocol/report.ts';
import { type Family, factsOf, familyOf, refuseInterface } from './interfaces.ts';
import { addressesWithSuccessor } from './leaving.ts';
import type { Members } from './outcome.ts';
import { initialReconcileState } from './state.ts';
import { stepReconcile } from './step.ts';
import type { ReconcileEvent } from './vocabulary.ts';

const sha256 = (octets: Uint8Array): Uint8Array => createHash('sha256').update(octets).digest();
const config = { nodeName: 'a', announceOwnAddresses: false, sha256 };

const link = (name: string, fields: Partial<Link> = {}): Link => ({
  index: [...name].reduce((index, character) => index * 31 + character.charCodeAt(0), 0) % 100_003,
  name,
  mac: '02:00:5e:00:53:01',
  up: true,
  running: true,
  broadcast: true,
  noArp: false,
  loopback: false,
  masterIndex: undefined,
  kind: undefined,
  mtu: 1_500,
  carrierDownCount: 0,
  addresses: [],
  ...fields,
});
const address = (text: string): Link['addresses'][number] =>
  ({
    address: text,
    prefixLength: 24,
    family: 4,
    scope: 'global',
    tentative: false,
  }) as Link['addresses'][number];

const linkLocal = (fields: Partial<Link['addresses'][number]> = {}): Link['addresses'][number] => ({
  address: 'fe80::1',
  prefixLength: 64,
  family: 6,
  scope: 'link',
  tentative: false,
  duplicate: false,
  deprecated: false,
  ...fields,
});

const network = (
  links: readonly Link[],
  gateways: readonly string[] = [],
  isExcluded = (_: string): boolean => false,
) => factsOf({ links: new Map(links.map((one) => [one.index, one])), gateways }, isExcluded);

const entry = (name: string, fields: Partial<Layer2Entry> = {}): Layer2Entry => ({
  serviceKey: `default/${name}`,
  address: '192.0.2.1',
  electionAddress: fields.address ?? '192.0.2.1',
  candidates: [{ node: 'a', score: 0 }],
  interfaces: 'all',
  pool: undefined,
  ...fields,
});

/** Feeds events, and keeps what the responders would own by the effects alone. */
function reconciliation(own = config) {
  let state = initialReconcileState();
  const owned = new Set<string>();
  const yielding = new Set<string>();
  const turns = new Map<string, number>();
  const again: string[] = [];
  const responders = new Set<string>();
  const reports: WireReport[] = [];
  let effectCount = 0;
  const feed = (event: ReconcileEvent): void => {
    const step = stepReconcile(state, event, own);
    state = step.state;
    effectCount += step.effects.length;
    for (const effect of step.effects) {
      if (effect.type === 'openResponder') responders.add(`${effect.family} ${effect.interfaceName}`);
      else if (effect.type === 'closeResponder') responders.delete(`${effect.family} ${effect.interfaceName}`);
      else if (effect.type === 'own') {
        expect(responders).toContain(`${familyOf(effect.address)} ${effect.interfaceName}`);
        expect(yielding).not.toContain(`${effect.address} ${effect.interfaceName}`);
        owned.add(`${effect.address} ${effect.interfaceName}`);
      } else if (effect.type === 'disown') {
        expect(responders).toContain(`${familyOf(effect.address)} ${effect.interfaceName}`);
        owned.delete(`${effect.address} ${effect.interfaceName}`);
        yielding.delete(`${effect.address} ${effect.interfaceName}`);
      } else if (effect.type === 'yield') {
        for (const one of owned) {
          if (!one.startsWith(`${effect.address} `)) continue;
          owned.delete(one);
          yielding.add(one);
        }
        turns.set(effect.address, effect.turn);
      } else if (effect.type === 'announceAgain') {
        expect(owned).toContain(`${effect.address} ${effect.interfaceName}`);
        again.push(`${effect.address} ${effect.interfaceName}`);
      } else if (effect.type === 'report') reports.push(effect.report);
    }
  };
  const snapshot = (
    entries: readonly Layer2Entry[],
    fields: { complete?: boolean; nodesSynced?: boolean } = {},
  ): void =>
    feed({
      type: 'snapshot',
      entries: new Map(entries.map((one) => [entryKey(one), one])),
      complete: true,
      nodesSynced: true,
      ...fields,
    });
  const change = (upserts: readonly Layer2Entry[], removals: readonly Layer2Entry[] = []): void =>
    feed({ type: 'change', upserts, removals });
  const link_ = (...links: Link[]): void => feed({ type: 'networkChanged', network: network(links) });
  const successors = (): number => addressesWithSuccessor(state, own.nodeName);
  return {
    feed,
    snapshot,
    change,
    links: link_,
    owned,
    yielding,
    turns,
    again,
    responders,
    reports,
    successors,
    effects: () => effectCount,
  };
}

const told = (reports: readonly WireReport[]): string[] =>
  reports.map((one) =>
    one.type === 'withdrawn' || one.type === 'announced' ? `${one.type} ${one.serviceKey} ${one.because}` : one.type,
  );

describe("MetalLB's interfaces", () => {
  const addresses = [linkLocal()];
  test.for<[name: string, link: Link, arp: string | undefined, ndp: string | undefined]>([
    ['a NIC', link('eth0', { addresses }), undefined, undefined],
    ['a NIC that is down, which is waited for', link('eth0', { up: false, running: false }), undefined, 'NoLinkLocal'],
    [
      'a NIC without a link-local address',
      link('eth0', { addresses: [address('192.0.2.9')] }),
      undefined,
      'NoLinkLocal',
    ],
    [
      'one whose address is still being checked',
      link('eth0', { addresses: [linkLocal({ tentative: true })] }),
      undefined,
      undefined,
    ],
    [
      'one whose address is taken',
      link('eth0', { addresses: [linkLocal({ duplicate: true })] }),
      undefined,
      'NoLinkLocal',
    ],
    ['a bridge', link('br0', { kind: 'bridge', addresses }), undefined, undefined],
    ['a port of a bridge', link('eth1', { masterIndex: 7, addresses }), 'Slave', 'Slave'],
    ['an interface without ARP', link('tun0', { noArp: true, addresses }), 'NoArp', 'NoArp'],
    ['a point-to-point link', link('ppp0', { broadcast: false, addresses }), 'NoBroadcast', undefined],
    ['an interface without a MAC', link('ib0', { mac: undefined, addresses }), 'NoMac', 'NoMac'],
    ['one that is excluded', link('myveth12', { addresses }), 'Excluded', 'Excluded'],
    ['lo', link('lo', { loopback: true, broadcast: false }), 'NoBroadcast', 'NoLinkLocal'],
  ])('%s', ([, one, arp, ndp]) => {
    const refused = (family: Family) => refuseInterface(one, family, (name) => name.includes('veth'));
    expect([refused('ipv4'), refused('ipv6')]).toEqual([arp, ndp]);
  });
});

describe('one entry', () => {
  test.for<[name: string, entry: Layer2Entry, outcome: string]>([
    ['the only candidate', entry('s'), 'announced default/s OnlyCandidate'],
    [
      'another node is preferred',
      entry('s', {
        candidates: [
          { node: 'a', score: 1 },
          { node: 'b', score: 2 },
        ],
      }),
      'withdrawn default/s NotOwner',
    ],
    ['nobody', entry('s', { candidates: [] }), 'withdrawn default/s NoCandidate'],
    ["this node's own address", entry('s', { address: '192.0.2.10' }), 'withdrawn default/s AddressBelongsToNode'],
    ["the gateway's address", entry('s', { address: '192.0.2.254' }), 'withdrawn default/s AddressIsGateway'],
    [
      'an address that IPVS holds for the sake of being announced',
      entry('s', { address: '192.0.2.33' }),
      'announced default/s OnlyCandidate',
    ],
    ['IPv6', entry('s', { address: '2001:db8::1' }), 'announced default/s OnlyCandidate'],
    [
      'IPv6 on an interface without a link-local address',
      entry('s', { address: '2001:db8::1', interfaces: ['eth1'] }),
      'withdrawn default/s NoUsableInterface',
    ],
    ['an interface that does not exist', entry('s', { interfaces: ['nope0'] }), 'interfaceMissing'],
    ['an excluded interface', entry('s', { interfaces: ['docker0'] }), 'interfaceMissing'],
    [
      'an interface that exists but is of no use',
      entry('s', { interfaces: ['tun0'] }),
      'withdrawn default/s NoUsableInterface',
    ],
    [
      'an interface that exists and one that does not',
      entry('s', { interfaces: ['eth1', 'nope0'] }),
      'announced default/s OnlyCandidate',
    ],
  ])('%s', ([, one, outcome]) => {
    const { feed, snapshot, reports, owned } = reconciliation();
    const links = [
      link('eth0', { addresses: [address('192.0.2.10'), linkLocal()] }),
      link('eth1'),
      link('docker0'),
      link('tun0', { noArp: true }),
      link('kube-ipvs0', { index: 99, noArp: true, addresses: [address('192.0.2.33')] }),
    ];
    feed({ type: 'networkChanged', network: network(links, ['192.0.2.254'], (name) => name.startsWith('docker')) });
    reports.length = 0;
    snapshot([one]);
    expect(told(reports)).toEqual([outcome]);
    expect(owned.size > 0).toBe(outcome.startsWith('announced'));
    snapshot([one]);
    expect(reports).toHaveLength(2); // a new session is told again
    expect(reports[1]).not.toMatchObject({ fresh: true });
  });

  test('the address of this node is announced where a flag says so', () => {
    const { links, snapshot, owned } = reconciliation({ ...config, announceOwnAddresses: true });
    links(link('eth0', { addresses: [address('192.0.2.1')] }));
    snapshot([entry('s')]);
    expect([...owned]).toEqual(['192.0.2.1 eth0']);
  });

  test('an address that the node is given is given up, and taken when it is gone', () => {
    const { links, snapshot, owned, reports } = reconciliation();
    links(link('eth0'));
    snapshot([entry('s')]);
    links(link('eth0', { addresses: [address('192.0.2.1')] }));
    expect([...owned]).toEqual([]);
    links(link('eth0'));
    expect([...owned]).toEqual(['192.0.2.1 eth0']);
    expect(told(reports).slice(1)).toEqual([
      'announced default/s OnlyCandidate',
      'withdrawn default/s AddressBelongsToNode',
      'announced default/s OnlyCandidate',
    ]);
  });

  test('nobody is elected before all Nodes are known', () => {
    const { links, snapshot, owned, reports } = reconciliation();
    links(link('eth0'));
    snapshot([entry('s')], { nodesSynced: false });
    expect(told(reports).at(-1)).toBe('withdrawn default/s NodesUnknown');
    snapshot([entry('s')]);
    expect([...owned]).toEqual(['192.0.2.1 eth0']);
  });

  test('a snapshot of a control thread that does not know all Nodes yet withdraws nothing that was elected', () => {
    const { links, snapshot, owned, reports } = reconciliation();
    links(link('eth0'));
    snapshot([entry('s')]);
    const before = reports.length;
    snapshot([entry('s', { candidates: [] })], { nodesSynced: false });
    snapshot([], { nodesSynced: false });
    expect([...owned]).toEqual(['192.0.2.1 eth0']);
    expect(reports).toHaveLength(before);
    snapshot([]);
    expect([...owned]).toEqual([]);
  });

  test('the members of the gossip count where there is one', () => {
    const { links, snapshot, feed, owned, reports } = reconciliation();
    links(link('eth0'));
    snapshot([
      entry('s', {
        candidates: [
          { node: 'a', score: 1 },
          { node: 'b', score: 2 },
        ],
      }),
    ]);
    expect(owned.size).toBe(0);
    feed({ type: 'membersChanged', members: new Set(['a']) });
    expect([...owned]).toEqual(['192.0.2.1 eth0']);
    feed({ type: 'membersChanged', members: new Set(['a', 'b']) });
    expect(owned.size).toBe(0);
    feed({ type: 'membersChanged', members: new Set() });
    expect(told(reports).at(-1)).toBe('withdrawn default/s NoLivingCandidate');
  });
});

describe('Services that share an address', () => {
  test('it is owned as long as one of them wants it, where either wants it', () => {
    const { links, snapshot, change, owned } = reconciliation();
    links(link('eth0'), link('eth1'), link('eth2'));
    const [a, b] = [entry('a', { interfaces: ['eth0'] }), entry('b', { interfaces: ['eth1'] })];
    snapshot([a, b]);
    expect(owned).toEqual(new Set(['192.0.2.1 eth0', '192.0.2.1 eth1']));
    change([], [a]);
    expect([...owned]).toEqual(['192.0.2.1 eth1']);
    change([], [b]);
    expect([...owned]).toEqual([]);
  });

  test('one that names no interface has it on all', () => {
    const { links, snapshot, owned } = reconciliation();
    links(link('eth0'), link('eth1'));
    snapshot([entry('a', { interfaces: ['eth0'] }), entry('b')]);
    expect(owned.size).toBe(2);
  });
});

describe('snapshots', () => {
  test('withdraw what they do not have, but only when they are complete', () => {
    const { links, snapshot, owned, reports } = reconciliation();
    links(link('eth0'));
    snapshot([entry('s'), entry('t', { address: '192.0.2.2' })]);
    snapshot([entry('t', { address: '192.0.2.2' })], { complete: false });
    expect(owned.size).toBe(2);
    snapshot([entry('t', { address: '192.0.2.2' })]);
    expect([...owned]).toEqual(['192.0.2.2 eth0']);
    expect(told(reports)).toContain('withdrawn default/s NoLongerDesired');
  });

  test('that say nothing new own nothing anew', () => {
    const { links, snapshot, effects, reports } = reconciliation();
    links(link('eth0'));
    const entries = Array.from({ length: 50 }, (_, i) => entry(`s${i}`, { address: `192.0.2.${i + 1}` }));
    snapshot(entries);
    const [before, toldBefore] = [effects(), reports.length];
    snapshot(structuredClone(entries));
    expect(effects() - before).toBe(50); // reports alone
    expect(reports.slice(toldBefore).every((one) => one.type === 'announced' && !one.fresh)).toBe(true);
  });
});

describe('interfaces that come and go', () => {
  test('one that comes later gets what all interfaces have; one that goes loses it', () => {
    const { links, snapshot, owned, responders, reports } = reconciliation();
    snapshot([entry('s')]);
    expect(told(reports)).toEqual(['withdrawn default/s NoUsableInterface']);
    links(link('eth0'));
    expect([...owned]).toEqual(['192.0.2.1 eth0']);
    links(link('eth0'), link('eth1'));
    expect(owned.size).toBe(2);
    links(link('eth1'));
    expect([...owned]).toEqual(['192.0.2.1 eth1']);
    expect([...responders]).toEqual(['ipv4 eth1']);
  });

  test('a missing interface is told of once, and is used when it appears', () => {
    const { links, snapshot, change, owned, reports } = reconciliation();
    links(link('eth0'));
    const one = entry('s', { interfaces: ['eth9'] });
    snapshot([one]);
    change([one]);
    links(link('eth0'), link('eth1'));
    expect(reports.filter(({ type }) => type === 'interfaceMissing')).toEqual([
      {
        type: 'interfaceMissing',
        serviceKey: 'default/s',
        address: '192.0.2.1',
        interfaces: ['eth9'],
        wasAnnounced: false,
        fresh: true,
      },
    ]);
    links(link('eth0'), link('eth9'));
    expect([...owned]).toEqual(['192.0.2.1 eth9']);
  });

  test('a link that only changed its MAC or went down costs no pass over the addresses', () => {
    const { links, snapshot, effects } = reconciliation();
    links(link('eth0'));
    snapshot(Array.from({ length: 100 }, (_, i) => entry(`s${i}`, { address: `192.0.2.${i + 1}` })));
    const before = effects();
    links(link('eth0', { mac: '02:00:5e:00:53:02', up: false }));
    expect(effects() - before).toBe(1); // linkChanged
  });
});

test('a change costs as much as it changes, however much there is', () => {
  const { links, snapshot, change, effects } = reconciliation();
  links(link('eth0'));
  snapshot(Array.from({ length: 5_000 }, (_, i) => entry(`s${i}`, { address: `10.0.${i >> 8}.${i & 255}` })));
  const before = effects();
  change([entry('new', { address: '192.0.2.200' })]);
  expect(effects() - before).toBe(2); // own, report
});

describe('a speaker that leaves', () => {
  const candidates = [
    { node: 'a', score: 1 },
    { node: 'b', score: 0 },
  ];
  function leaving(members: Members) {
    const one = reconciliation();
    one.links(link('eth0', { addresses: [linkLocal()] }), link('eth1'));
    one.feed({ type: 'membersChanged', members });
    one.snapshot([
      entry('x', { candidates }),
      entry('y', { address: '2001:db8::1', candidates }),
      entry('z', { address: '192.0.2.3' }),
    ]);
    one.feed({ type: 'leaving' });
    return one;
  }
  const ALL = ['192.0.2.1 eth0', '192.0.2.1 eth1', '192.0.2.3 eth0', '192.0.2.3 eth1', '2001:db8::1 eth0'];

  test('keeps what it has until somebody else announces it, interface by interface', () => {
    const { feed, owned, successors } = leaving(new Set(['a', 'b']));
    feed({ type: 'membersChanged', members: new Set(['b']) });
    feed({ type: 'networkChanged', network: network([]) });
    expect(owned).toEqual(new Set(ALL));
    expect(successors()).toBe(2); // nobody else may have the third
    feed({ type: 'takenOver', address: '192.0.2.1', interfaceName: 'eth0' });
    expect(successors()).toBe(2);
    feed({ type: 'takenOver', address: '192.0.2.1', interfaceName: 'eth1' });
    feed({ type: 'takenOver', address: '192.0.2.1', interfaceName: 'eth1' });
    expect(successors()).toBe(1);
    feed({ type: 'takenOver', address: '2001:db8::1', interfaceName: 'eth0' });
    expect(successors()).toBe(0);
    expect(owned).toEqual(new Set(['192.0.2.3 eth0', '192.0.2.3 eth1']));
  });

  test('takes nothing more, and gives up what is no longer desired', () => {
    const { change, snapshot, owned } = leaving(new Set(['a', 'b']));
    change([entry('new', { address: '192.0.2.9' })], [entry('z', { address: '192.0.2.3' })]);
    snapshot([]);
    expect(owned).toEqual(new Set(ALL.filter((one) => !one.startsWith('192.0.2.3'))));
  });

  test.for<Members>(['unknown', 'joining', new Set(['a'])])('waits for nobody where the members are %o', (members) => {
    expect(leaving(members).successors()).toBe(0);
  });

  test('whoever announces an address of a speaker that stays has not got it', () => {
    const { feed, links, snapshot, owned } = reconciliation();
    links(link('eth0'));
    snapshot([entry('s')]);
    feed({ type: 'takenOver', address: '192.0.2.1', interfaceName: 'eth0' });
    expect([...owned]).toEqual(['192.0.2.1 eth0']);
  });
});

describe('an address that another speaker owns from now on', () => {
  const candidates = [
    { node: 'a', score: 0 },
    { node: 'b', score: 1 },
  ];
  function yielded() {
    const one = reconciliation();
    one.links(link('eth0'), link('eth1'));
    one.feed({ type: 'membersChanged', members: new Set(['a']) });
    one.snapshot([entry('s', { candidates })]);
    one.feed({ type: 'membersChanged', members: new Set(['a', 'b']) });
    return one;
  }
  const heard = (interfaceName: string) => ({ type: 'takenOver', address: '192.0.2.1', interfaceName }) as const;

  test('is answered for until that one is heard, interface by interface', () => {
    const { feed, owned, yielding, reports } = yielded();
    expect(told(reports).at(-1)).toBe('withdrawn default/s NotOwner');
    expect(owned).toEqual(new Set());
    expect(yielding).toEqual(new Set(['192.0.2.1 eth0', '192.0.2.1 eth1']));
    feed(heard('eth1'));
    feed(heard('eth1'));
    expect(yielding).toEqual(new Set(['192.0.2.1 eth0']));
    feed(heard('eth0'));
    expect(yielding).toEqual(new Set());
  });

  test('is answered for no longer than it takes', () => {
    const { feed, yielding, turns } = yielded();
    feed({ type: 'yieldOver', address: '192.0.2.1', turn: (turns.get('192.0.2.1') ?? 0) - 1 });
    expect(yielding.size).toBe(2);
    feed({ type: 'yieldOver', address: '192.0.2.1', turn: turns.get('192.0.2.1') ?? 0 });
    expect(yielding.size).toBe(0);
  });

  test('is announced anew when it comes back meanwhile', () => {
    const { feed, owned, yielding } = yielded();
    feed({ type: 'membersChanged', members: new Set(['a']) });
    expect(yielding).toEqual(new Set());
    expect(owned).toEqual(new Set(['192.0.2.1 eth0', '192.0.2.1 eth1']));
  });

  test('falls silent at once when its Service is gone, or its interface', () => {
    const { change, links, yielding } = yielded();
    links(link('eth1'));
    expect(yielding).toEqual(new Set(['192.0.2.1 eth1']));
    change([], [entry('s')]);
    expect(yielding).toEqual(new Set());
  });
});

test('an owner that finds others again announces what they may have announced meanwhile', () => {
  const { feed, links, snapshot, owned, again } = reconciliation();
  links(link('eth0'));
  feed({ type: 'membersChanged', members: new Set(['a']) });
  snapshot([
    entry('shared', {
      candidates: [
        { node: 'a', score: 1 },
        { node: 'b', score: 0 },
      ],
    }),
    entry('mine', { address: '192.0.2.2' }),
  ]);
  expect(again).toEqual([]);
  feed({ type: 'membersChanged', members: new Set(['a', 'b']) });
  expect(again).toEqual(['192.0.2.1 eth0']);
  feed({ type: 'presumedDead' });
  expect(again).toEqual(['192.0.2.1 eth0', '192.0.2.1 eth0']);
  feed({ type: 'membersChanged', members: new Set(['a']) });
  feed({ type: 'presumedDead' });
  expect(again).toHaveLength(2);
  expect(owned.size).toBe(2);
});

test('nobody is elected before the gossip is joined', () => {
  const { feed, links, snapshot, owned, reports } = reconciliation();
  links(link('eth0'));
  feed({ type: 'membersChanged', members: 'joining' });
  snapshot([entry('s')]);
  expect(told(reports).at(-1)).toBe('withdrawn default/s MembersUnknown');
  feed({ type: 'membersChanged', members: new Set(['a']) });
  expect([...owned]).toEqual(['192.0.2.1 eth0']);
});

test('whatever happens in whatever order, what is owned is what a naive look at the last state says', () => {
  const nodes = ['a', 'b', 'c'];
  const interfaceNames = ['eth0', 'eth1', 'eth2'];
  const anEntry = fc.record({
    serviceKey: fc.constantFrom('default/x', 'default/y', 'default/z'),
    address: fc.constantFrom('192.0.2.1', '192.0.2.2', '192.0.2.3', '2001:db8::1', '2001:db8::2'),
    candidates: fc.uniqueArray(fc.record({ node: fc.constantFrom(...nodes), score: fc.nat(1) }), {
      selector: ({ node }) => node,
    }),
    interfaces: fc.oneof(
      fc.constant('all' as const),
      fc.uniqueArray(fc.constantFrom(...interfaceNames, 'nope0'), { minLength: 1 }),
    ),
  });
  const event = fc.oneof(
    fc.record({
      type: fc.constant('snapshot' as const),
      entries: fc.array(anEntry, { maxLength: 6 }),
      complete: fc.boolean(),
      nodesSynced: fc.boolean(),
    }),
    fc.record({
      type: fc.constant('change' as const),
      upserts: fc.array(anEntry, { maxLength: 3 }),
      removals: fc.array(anEntry, { maxLength: 3 }),
    }),
    fc.record({
      type: fc.constant('links' as const),
      names: fc.subarray(interfaceNames),
      withLinkLocal: fc.subarray(interfaceNames),
      local: fc.constantFrom(undefined, '192.0.2.2'),
    }),
    fc.record({
      type: fc.constant('members' as const),
      members: fc.oneof(fc.constantFrom('unknown' as const, 'joining' as const), fc.subarray(nodes)),
    }),
  );
  const complete = (one: {
    serviceKey: string;
    address: string;
    candidates: Layer2Entry['candidates'];
    interfaces: Layer2Entry['interfaces'];
  }): Layer2Entry => ({
    ...one,
    electionAddress: one.address,
    pool: undefined,
  });
  fc.assert(
    fc.property(fc.array(event, { maxLength: 25 }), (events) => {
      const real = reconciliation();
      const desired = new Map<string, Layer2Entry>();
      const now = {
        names: [] as string[],
        local: undefined as string | undefined,
        withLinkLocal: [] as string[],
        members: 'unknown' as Members,
        nodesSynced: false as boolean,
      };
      for (const one of events) {
        if (one.type === 'snapshot') {
          const entries = new Map(one.entries.map(complete).map((each) => [entryKey(each), each]));
          if (one.nodesSynced || !now.nodesSynced) {
            if (one.complete) desired.clear();
            for (const [key, each] of entries) desired.set(key, each);
            now.nodesSynced = one.nodesSynced;
          }
          real.feed({ type: 'snapshot', entries, complete: one.complete, nodesSynced: one.nodesSynced });
        } else if (one.type === 'change') {
          for (const each of one.removals) desired.delete(entryKey(each));
          for (const each of one.upserts.map(complete)) desired.set(entryKey(each), each);
          real.change(one.upserts.map(complete), one.removals.map(complete));
        } else if (one.type === 'links') {
          now.names = one.names;
          now.withLinkLocal = one.withLinkLocal;
          now.local = one.local;
          const own =
            one.local === undefined
              ? []
              : [link('lan', { index: 77, masterIndex: 1, addresses: [address(one.local)] })];
          const addressesOf = (name: string) => (one.withLinkLocal.includes(name) ? [linkLocal()] : []);
          real.links(...one.names.map((name) => link(name, { addresses: addressesOf(name) })), ...own);
        } else {
          now.members = typeof one.members === 'string' ? one.members : new Set(one.members);
          real.feed({ type: 'membersChanged', members: now.members });
        }
        const expected = new Set<string>();
        for (const each of desired.values()) {
          if (now.members === 'joining') continue;
          const { owner } = elect({
            candidates: each.candidates,
            address: each.electionAddress,
            members: now.members,
            sha256,
          });
          if (!now.nodesSynced || owner !== 'a' || each.address === now.local) continue;
          const usable =
            familyOf(each.address) === 'ipv4'
              ? now.names
              : now.names.filter((name) => now.withLinkLocal.includes(name));
          for (const name of usable)
            if (each.interfaces === 'all' || each.interfaces.includes(name)) expected.add(`${each.address} ${name}`);
        }
        expect(real.owned).toEqual(expected);
      }
    }),
    { numRuns: 300 },
  );
});
