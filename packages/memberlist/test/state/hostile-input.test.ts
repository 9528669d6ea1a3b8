import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import type { Endpoint, MemberRecord, MemberStatus, PacketMessage, PingSource } from '../../src/messages/message.ts';
import { initialProtocolState } from '../../src/state/protocol-state.ts';
import { lanConfig } from '../simulation/lan-config.ts';
import {
  accusation,
  alive,
  createDriver,
  driverWith,
  effectsOf,
  endpointOf,
  memberState,
  packets,
  SELF,
  type Untimed,
} from './driver.ts';

// A busy machine may take its time.
vi.setConfig({ testTimeout: 120_000 });

const own = { address: Uint8Array.of(192, 0, 2, 254), port: 7946 };

const uint32 = fc.oneof(fc.nat(5), fc.constantFrom(0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff), fc.nat(0xffffffff));
const port = fc.oneof(fc.constant(7946), fc.nat(0xffff));
const octets = fc.uint8Array({ maxLength: 20 });
const address = fc.oneof(
  fc.constantFrom(own.address, endpointOf(1).address, endpointOf(2).address),
  fc.uint8Array({ minLength: 4, maxLength: 4 }),
  fc.uint8Array({ minLength: 16, maxLength: 16 }),
  octets,
);
const name = fc.oneof(
  fc.constantFrom(SELF, '', 'node-1', 'node-2', 'node-3', '192.0.2.1'),
  fc.string({ maxLength: 600, unit: 'binary' }),
);
const versions = fc.oneof(fc.constant(Uint8Array.of(1, 5, 2, 0, 0, 0)), fc.uint8Array({ maxLength: 8 }));
const meta = fc.oneof(octets, fc.constant(new Uint8Array(513)));
const memberRecord: fc.Arbitrary<MemberRecord> = fc.record({
  node: name,
  address,
  port,
  incarnation: uint32,
  meta,
  versions,
});
const status = fc.constantFrom<MemberStatus[]>('alive', 'suspect', 'dead', 'left');
const endpoint: fc.Arbitrary<Endpoint> = fc.record({
  address: fc.oneof(fc.uint8Array({ minLength: 4, maxLength: 4 }), fc.uint8Array({ minLength: 16, maxLength: 16 })),
  port: fc.integer({ min: 1, max: 0xffff }),
});
const source: fc.Arbitrary<PingSource> = fc.record(
  { sourceAddress: address, sourcePort: port, sourceNode: name },
  { requiredKeys: [] },
);
const sequence = fc.oneof(fc.nat(20), uint32);

const message: fc.Arbitrary<PacketMessage> = fc.oneof(
  fc
    .tuple(sequence, name, source)
    .map(([number, node, from]) => ({ type: 'ping' as const, sequence: number, node, ...from })),
  fc
    .record({ sequence, target: address, port, node: name, nack: fc.boolean(), from: source })
    .map(({ from, ...ping }) => ({ type: 'indirectPing' as const, ...ping, ...from })),
  fc.record({ type: fc.constant('ack' as const), sequence, payload: octets }),
  fc.record({ type: fc.constant('nack' as const), sequence }),
  fc.record({
    type: fc.constantFrom('suspect' as const, 'dead' as const),
    incarnation: uint32,
    node: name,
    from: name,
  }),
  memberRecord.map((record) => ({ type: 'alive' as const, ...record })),
  fc.record({ type: fc.constant('user' as const), payload: octets }),
);

const pushPull = fc
  .record({ join: fc.boolean(), states: fc.array(fc.tuple(memberRecord, status), { maxLength: 6 }) })
  .map(({ join, states }) => ({
    type: 'pushPull' as const,
    join,
    states: states.map(([record, of]) => ({ ...record, status: of })),
    userState: new Uint8Array(),
  }));

const exchange = fc.integer({ min: -4, max: 4 });

const event: fc.Arbitrary<Untimed> = fc.oneof(
  { weight: 12, arbitrary: fc.record({ type: fc.constant('packetMessage' as const), message, from: endpoint }) },
  { weight: 4, arbitrary: fc.constant({ type: 'wake' as const }) },
  { weight: 1, arbitrary: fc.constant({ type: 'start' as const }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('sendFailed' as const), to: endpoint }) },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constantFrom('pushPullRequested' as const, 'pushPullAnswered' as const),
      exchange,
      message: pushPull,
    }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('exchangeFailed' as const), exchange, reason: fc.string() }) },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant('streamPing' as const),
      exchange,
      message: fc.record({ type: fc.constant('ping' as const), sequence, node: name }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constantFrom('streamPingAnswered' as const, 'streamPingFailed' as const),
      sequence,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant('join' as const),
      exchange,
      endpoints: fc.array(endpoint, { maxLength: 3 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('setMeta' as const), meta: octets }) },
);

const history = fc.array(fc.tuple(event, fc.oneof(fc.nat(300), fc.nat(40_000))), { maxLength: 60 });

describe('whatever comes', () => {
  test('nothing throws, this member stays who it is, and all that goes out can be read', () => {
    const property = fc.property(history, (events) => {
      const driver = createDriver({ maxMembers: 6 });
      driver.step({ type: 'start' });
      for (const [what, waitMs] of events) {
        driver.skip(waitMs);
        const effects = driver.step(what);
        for (const packet of packets(effects)) expect([4, 16]).toContain(packet.to.address.length);
        expect(driver.member(SELF)).toMatchObject({ ...own, node: SELF, status: 'alive' });
        expect(driver.state().members.byName.size).toBeLessThanOrEqual(6);
        expect(driver.wakeAtMs()).toBeDefined();
      }
    });
    void fc.assert(property, { numRuns: 400 });
  });

  test('who left stays gone', () => {
    const property = fc.property(history, (events) => {
      const driver = driverWith(2, { maxMembers: 6 });
      driver.step({ type: 'leave' });
      for (const [what, waitMs] of events) {
        driver.skip(waitMs);
        driver.step(what);
        expect(driver.member(SELF)).toMatchObject({ ...own, status: 'left', incarnation: 1 });
      }
    });
    void fc.assert(property, { numRuns: 100 });
  });

  test('what comes twice at once is as if it came once: members, and what is said of them', () => {
    const twice = fc.array(message, { maxLength: 30 });
    const property = fc.property(twice, (messages) => {
      const once = driverWith(3);
      const again = driverWith(3);
      for (const item of messages) {
        once.receive(item);
        again.receive(item);
        const repeated = again.receive(item);
        for (const type of ['memberJoined', 'memberLeft', 'memberUpdated'] as const) {
          expect(effectsOf(repeated, type)).toEqual([]);
        }
      }
      const members = (driver: typeof once): unknown =>
        [...driver.state().members.byName.values()].map(({ member }) => member);
      expect(members(again)).toEqual(members(once));
    });
    void fc.assert(property);
  });
});

describe('members beyond the limit', () => {
  test('are ignored, with one word about it, until there is room again', () => {
    const driver = createDriver({ maxMembers: 3, gossipToTheDeadTimeMs: 5_000 });
    driver.step({ type: 'start' });
    const notices = [1, 2, 3, 4, 5].flatMap((index) => effectsOf(driver.receive(alive(index)), 'notice'));
    expect(notices).toMatchObject([{ level: 'warn', fields: { node: 'node-3', maxMembers: 3 } }]);
    expect(driver.status('node-2')).toBe('alive');
    expect(driver.status('node-3')).toBeUndefined();
    driver.step({
      type: 'pushPullRequested',
      exchange: 1,
      message: { type: 'pushPull', join: true, states: [memberState(4, 'alive')], userState: new Uint8Array() },
    });
    expect(driver.status('node-4')).toBeUndefined();
    driver.receive(accusation('dead', 'node-1'));
    driver.receive(accusation('dead', 'node-2', 1, 'node-2'));
    driver.advance(20_000);
    driver.receive(alive(3));
    expect(driver.status('node-3')).toBe('alive');
  });

  test('ten thousand that do not exist do not hide the three that do', () => {
    const driver = createDriver({ maxMembers: 20_000, gossipIntervalMs: 0 });
    driver.step({ type: 'start' });
    for (let index = 0; index < 10_000; index += 1) {
      const node = `fake-${index}`;
      driver.receive(alive(9, { node }));
      driver.receive(accusation('dead', node));
    }
    for (const index of [1, 2, 3]) driver.receive(alive(index));
    expect(driver.state().members.reachable).toHaveLength(3);
    const probed = new Set<number>();
    for (let seconds = 0; seconds < 60; seconds += 1) {
      for (const { to, messages } of packets(driver.advance(1_000))) {
        if (messages[0]?.type === 'ping') probed.add(to.address[3] ?? 0);
      }
    }
    expect(probed).toEqual(new Set([1, 2, 3]));
    expect(driver.state().members.byName.size).toBe(4);
  });
});

describe('a configuration that no other member would take', () => {
  test.for([
    ['no name', { node: '' }],
    ['a long name', { node: 'x'.repeat(513) }],
    ['an address of no kind', { advertise: { address: new Uint8Array(6), port: 7946 } }],
    ['no port', { advertise: { ...own, port: 0 } }],
    ['long metadata', { meta: new Uint8Array(513) }],
    ['incarnation 0', { initialIncarnation: 0 }],
    ['an incarnation beyond half the circle', { initialIncarnation: 2 ** 31 }],
    ['a broken incarnation', { initialIncarnation: 1.5 }],
  ] as const)('%s is refused', ([, changes]) => {
    expect(() => initialProtocolState(lanConfig({ node: SELF, address: own.address, ...changes }))).toThrow(RangeError);
  });
});
