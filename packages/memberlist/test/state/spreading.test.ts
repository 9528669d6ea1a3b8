import { describe, expect, test } from 'vitest';
import type { Untimed } from './driver.ts';
import {
  accusation,
  alive,
  createDriver,
  type Driver,
  driverWith,
  effectsOf,
  endpointOf,
  memberState,
  packets,
  queued,
  SELF,
} from './driver.ts';

const noUserState = new Uint8Array();

function gossiping(count: number, overrides: Parameters<typeof driverWith>[1] = {}): Driver {
  const driver = driverWith(count, { probeIntervalMs: 0, pushPullIntervalMs: 0, ...overrides });
  queued(driver);
  return driver;
}

describe('hashicorp/memberlist state.go, gossip', () => {
  test('three at a time hear what is new, with a checksum, until it was sent as often as the limit says', () => {
    const driver = gossiping(6);
    driver.receive(alive(1, { incarnation: 2 }));
    const sent = packets(driver.advance(2_000));
    // 7 members: the limit is 4.
    expect(sent).toHaveLength(4);
    expect(new Set(sent.slice(0, 3).map(({ to }) => to.address[3])).size).toBe(3);
    for (const packet of sent) {
      expect(packet).toMatchObject({ checksum: true, messages: [alive(1, { incarnation: 2 })] });
    }
    expect(packets(driver.advance(60_000))).toEqual([]);
  });

  test('several messages are one packet of the size that is allowed', () => {
    const driver = gossiping(5, { udpBufferSize: 300 });
    for (let index = 10; index < 40; index += 1) driver.receive(alive(index, { meta: new Uint8Array(20) }));
    const effects = effectsOf(driver.advance(400), 'sendPacket');
    expect(effects.length).toBeGreaterThan(2);
    for (const { parts } of effects) {
      expect(parts.length).toBeGreaterThan(1);
      expect(parts.reduce((sum, part) => sum + 2 + part.length, 2 + 29)).toBeLessThanOrEqual(300);
    }
  });

  test('more messages than a compound counts are several packets', () => {
    const driver = gossiping(1, { udpBufferSize: 65_000, retransmitMult: 1 });
    for (let index = 0; index < 300; index += 1) driver.receive(alive(9, { node: `member-${index}` }));
    const effects = effectsOf(driver.advance(200), 'sendPacket');
    expect(Math.max(...effects.map(({ parts }) => parts.length))).toBe(255);
    expect(new Set(effects.slice(0, 2).map(({ to }) => to.address[3])).size).toBe(1);
  });

  test.for([
    ['alive', true],
    ['suspect', true],
    ['dead', true],
    ['left', false],
  ] as const)('whoever is %s hears it: %j', ([status, hears]) => {
    const driver = gossiping(1, { gossipToTheDeadTimeMs: 5_000 });
    if (status === 'suspect') driver.receive(accusation('suspect', 'node-1'));
    if (status === 'dead') driver.receive(accusation('dead', 'node-1'));
    if (status === 'left') driver.receive(accusation('dead', 'node-1', 1, 'node-1'));
    queued(driver);
    driver.step({ type: 'setMeta', meta: Uint8Array.of(1) });
    expect(packets(driver.advance(1_000)).length > 0).toBe(hears);
  });

  test('the dead hear it for some time only, and again when they die again', () => {
    const driver = gossiping(1, { gossipToTheDeadTimeMs: 5_000 });
    const heard = (meta: number): boolean => {
      driver.step({ type: 'setMeta', meta: Uint8Array.of(meta) });
      return packets(driver.advance(400)).length > 0;
    };
    driver.receive(accusation('dead', 'node-1'));
    expect(heard(1)).toBe(true);
    driver.skip(5_000);
    expect(heard(2)).toBe(false);
    driver.receive(alive(1, { incarnation: 2 }));
    driver.receive(accusation('dead', 'node-1', 2));
    expect(heard(3)).toBe(true);
  });

  test('is off where it is configured away', () => {
    for (const off of [{ gossipIntervalMs: 0 }, { gossipNodes: 0 }]) {
      expect(packets(driverWith(3, { probeIntervalMs: 0, pushPullIntervalMs: 0, ...off }).advance(5_000))).toEqual([]);
    }
  });
});

function pushPull(
  type: 'pushPullRequested' | 'pushPullAnswered',
  exchange: number,
  ...members: Parameters<typeof memberState>[]
): Untimed {
  const states = members.map((member) => memberState(...member));
  return { type, exchange, message: { type: 'pushPull', join: true, states, userState: noUserState } };
}

describe('push/pull', () => {
  test('the answer is what was known before the question', () => {
    const driver = gossiping(1);
    driver.receive(accusation('dead', 'node-1'));
    const effects = driver.step(pushPull('pushPullRequested', 3, [2, 'alive']));
    const [answer] = effectsOf(effects, 'answerPushPull');
    expect(answer).toMatchObject({ exchange: 3, join: true });
    expect(answer?.states.map(({ node, status }) => `${node} ${status}`).sort()).toEqual(['node-1 dead', 'self alive']);
    expect(driver.status('node-2')).toBe('alive');
  });

  test('whoever speaks what we do not is answered, but not merged', () => {
    const driver = gossiping(0);
    const effects = driver.step(
      pushPull('pushPullRequested', 3, [2, 'alive', { versions: Uint8Array.of(6, 7, 6, 0, 0, 0) }]),
    );
    expect(effectsOf(effects, 'answerPushPull')).toHaveLength(1);
    expect(effectsOf(effects, 'notice').map(({ level }) => level)).toEqual(['warn']);
    expect(driver.status('node-2')).toBeUndefined();
  });

  test('one living member is asked after a random part of the interval and the interval itself', () => {
    const driver = driverWith(3, { probeIntervalMs: 0, gossipIntervalMs: 0, random: () => 0.5 });
    for (const index of [2, 3]) driver.receive(accusation('suspect', `node-${index}`));
    expect(effectsOf(driver.advance(44_999), 'exchangeStates')).toEqual([]);
    expect(effectsOf(driver.advance(1), 'exchangeStates')).toMatchObject([
      { exchange: -1, to: endpointOf(1), join: false },
    ]);
    const ended = driver.step(pushPull('pushPullAnswered', -1, [7, 'alive']));
    expect(effectsOf(ended, 'exchangeEnded')).toEqual([{ type: 'exchangeEnded', exchange: -1, failure: undefined }]);
    expect(driver.status('node-7')).toBe('alive');
    expect(effectsOf(driver.advance(30_000), 'exchangeStates').map(({ exchange }) => exchange)).toEqual([-2]);
  });

  test('while one runs there is no other; one that never ends is forgotten', () => {
    const driver = driverWith(1, { probeIntervalMs: 0, gossipIntervalMs: 0, random: () => 0 });
    expect(effectsOf(driver.advance(30_000), 'exchangeStates')).toHaveLength(1);
    expect(effectsOf(driver.advance(30_000), 'exchangeStates')).toHaveLength(0);
    expect(effectsOf(driver.advance(30_000), 'exchangeStates').map(({ exchange }) => exchange)).toEqual([-2]);
    expect(driver.step(pushPull('pushPullAnswered', -1, [7, 'alive']))).toEqual([]);
    expect(driver.state().exchanges.size).toBe(1);
  });

  test('one that fails is told of, as nobody waits for it', () => {
    const driver = driverWith(1, { probeIntervalMs: 0, gossipIntervalMs: 0, random: () => 0 });
    driver.advance(30_000);
    const effects = driver.step({ type: 'exchangeFailed', exchange: -1, reason: 'refused' });
    expect(effectsOf(effects, 'notice')).toMatchObject([
      { level: 'warn', fields: { node: 'node-1', because: 'refused' } },
    ]);
    expect(effectsOf(effects, 'exchangeEnded')).toEqual([{ type: 'exchangeEnded', exchange: -1, failure: 'refused' }]);
  });

  test('in a large cluster it is rarer', () => {
    const driver = driverWith(40, { probeIntervalMs: 0, gossipIntervalMs: 0, random: () => 0 });
    const times: number[] = [];
    for (let waitedMs = 0; waitedMs < 200_000; waitedMs += 1_000) {
      const [effect] = effectsOf(driver.advance(1_000), 'exchangeStates');
      if (effect === undefined) continue;
      times.push(driver.nowMs());
      driver.step({ type: 'exchangeFailed', exchange: effect.exchange, reason: 'refused' });
    }
    // The first was planned when this member knew nobody else.
    expect(times).toEqual([30_000, 90_000, 150_000]);
  });
});

describe('join', () => {
  test('each address is asked at once, and each outcome is told', () => {
    const driver = createDriver();
    driver.step({ type: 'start' });
    const asked = driver.step({ type: 'join', exchange: 10, endpoints: [endpointOf(1), endpointOf(2), endpointOf(3)] });
    expect(effectsOf(asked, 'exchangeStates')).toMatchObject([
      { exchange: 10, to: endpointOf(1), join: true },
      { exchange: 11, to: endpointOf(2), join: true },
      { exchange: 12, to: endpointOf(3), join: true },
    ]);
    const outcomes = [
      driver.step(pushPull('pushPullAnswered', 11, [2, 'alive'], [5, 'alive'])),
      driver.step({ type: 'exchangeFailed', exchange: 10, reason: 'refused' }),
      driver.step(pushPull('pushPullAnswered', 12, [3, 'alive', { versions: Uint8Array.of(6, 6, 6, 0, 0, 0) }])),
    ].flatMap((effects) => effectsOf(effects, 'exchangeEnded'));
    expect(outcomes).toEqual([
      { type: 'exchangeEnded', exchange: 11, failure: undefined },
      { type: 'exchangeEnded', exchange: 10, failure: 'refused' },
      {
        type: 'exchangeEnded',
        exchange: 12,
        failure: expect.stringContaining('is incompatible'),
      },
    ]);
    expect(driver.status('node-5')).toBe('alive');
    expect(driver.status('node-3')).toBeUndefined();
  });

  test('an answer that nobody waits for is not merged', () => {
    const driver = createDriver();
    expect(driver.step(pushPull('pushPullAnswered', 4, [2, 'alive']))).toEqual([]);
    expect(driver.step({ type: 'exchangeFailed', exchange: 4, reason: 'late' })).toEqual([]);
  });

  test('there are not more exchanges than members can be', () => {
    const driver = createDriver({ maxMembers: 2 });
    const effects = driver.step({ type: 'join', exchange: 0, endpoints: [1, 2, 3].map(endpointOf) });
    expect(effectsOf(effects, 'exchangeStates')).toHaveLength(2);
    expect(effectsOf(effects, 'exchangeEnded').map(({ exchange }) => exchange)).toEqual([2]);
  });
});

describe('leave', () => {
  test('is told to others as often as the limit says, then it is said so, and again to whoever asks again', () => {
    const driver = gossiping(6);
    const effects = driver.step({ type: 'leave' });
    expect(effectsOf(effects, 'memberLeft').map(({ member }) => member)).toMatchObject([
      { node: SELF, status: 'left' },
    ]);
    expect(driver.step({ type: 'leave' })).toEqual([]);
    const later = driver.advance(2_000);
    const sent = packets(later);
    expect(sent).toHaveLength(4);
    for (const { messages } of sent) expect(messages).toEqual([accusation('dead', SELF, 1, SELF)]);
    expect(effectsOf(later, 'leaveSent')).toHaveLength(1);
    expect(effectsOf(driver.step({ type: 'leave' }), 'leaveSent')).toHaveLength(1);
  });

  test('is over at once where there is nobody to tell, or nobody any more', () => {
    expect(effectsOf(gossiping(0).step({ type: 'leave' }), 'leaveSent')).toHaveLength(1);
    const driver = gossiping(1);
    driver.step({ type: 'leave' });
    driver.receive(accusation('dead', 'node-1', 1, 'node-1'));
    expect(effectsOf(driver.advance(400), 'leaveSent')).toHaveLength(1);
  });

  test('makes nobody deaf: pings and push/pulls are answered, with our leave in them', () => {
    const driver = gossiping(2);
    driver.step({ type: 'leave' });
    queued(driver);
    expect(packets(driver.receive({ type: 'ping', sequence: 3, node: SELF }))).toHaveLength(1);
    const [answer] = effectsOf(driver.step(pushPull('pushPullRequested', 1)), 'answerPushPull');
    expect(answer?.states).toContainEqual(expect.objectContaining({ node: SELF, status: 'left' }));
  });

  test('is not taken back by what others say', () => {
    const driver = gossiping(2);
    driver.step({ type: 'leave' });
    queued(driver);
    const { address } = driver.config.advertise;
    driver.receive(alive(0, { node: SELF, address, incarnation: 9 }));
    driver.receive(accusation('suspect', SELF, 9));
    driver.receive(accusation('dead', SELF, 9));
    driver.step({ type: 'setMeta', meta: Uint8Array.of(1) });
    expect(driver.member(SELF)).toMatchObject({ status: 'left', incarnation: 1 });
    expect(queued(driver)).toEqual([]);
    driver.advance(120_000);
    expect(driver.status(SELF)).toBe('left');
  });
});

describe('metadata', () => {
  test('that changes is told with the next incarnation', () => {
    const driver = gossiping(1);
    const effects = driver.step({ type: 'setMeta', meta: Uint8Array.of(1) });
    expect(effectsOf(effects, 'memberUpdated')).toHaveLength(1);
    expect(queued(driver)).toMatchObject([{ type: 'alive', node: SELF, incarnation: 2, meta: Uint8Array.of(1) }]);
  });

  test('that does not change is not told', () => {
    const driver = gossiping(1);
    expect(driver.step({ type: 'setMeta', meta: new Uint8Array() })).toEqual([]);
    expect(queued(driver)).toEqual([]);
  });

  test('that nobody would take is refused', () => {
    expect(() => gossiping(1).step({ type: 'setMeta', meta: new Uint8Array(513) })).toThrow(RangeError);
  });
});
