import { describe, expect, test } from 'vitest';
import type { PacketMessage } from '../../src/messages/message.ts';
import type { ProtocolConfig, ProtocolEffect } from '../../src/state/protocol.ts';
import {
  accusation,
  alive,
  type Driver,
  driverWith,
  effectsOf,
  endpointOf,
  packets,
  queued,
  SELF,
  VERSIONS,
} from './driver.ts';

const ourselves = { sourceAddress: Uint8Array.of(192, 0, 2, 254), sourcePort: 7946, sourceNode: SELF };

/** No gossip and no push/pull in between, and probes on the second. */
function probing(count: number, overrides: Partial<ProtocolConfig> = {}): Driver {
  const driver = driverWith(count, { gossipIntervalMs: 0, pushPullIntervalMs: 0, random: () => 0, ...overrides });
  queued(driver);
  return driver;
}

/** Lets time pass until a ping goes out. */
function untilProbe(driver: Driver): { readonly effects: readonly ProtocolEffect[]; readonly target: number } {
  for (let step = 0; step < 200; step += 1) {
    const wakeMs = driver.wakeAtMs();
    if (wakeMs === undefined) break;
    const effects = driver.advance(wakeMs - driver.nowMs());
    const ping = packets(effects).find(({ messages }) => messages[0]?.type === 'ping');
    if (ping !== undefined) return { effects, target: ping.to.address[3] ?? 0 };
  }
  throw new Error('nobody is probed');
}

function acknowledge(driver: Driver, from: number): readonly ProtocolEffect[] {
  const sequence = driver.state().probe?.sequence ?? 0;
  return driver.receive({ type: 'ack', sequence, payload: new Uint8Array() }, endpointOf(from));
}

function asked(effects: readonly ProtocolEffect[]): readonly PacketMessage[] {
  return packets(effects).flatMap(({ messages }) => messages.filter(({ type }) => type === 'indirectPing'));
}

describe('hashicorp/memberlist state.go, probeNode', () => {
  test('a ping has our own address and the name of whom it is for; no checksum', () => {
    const driver = probing(1);
    const { effects } = untilProbe(driver);
    expect(packets(effects)).toEqual([
      {
        to: endpointOf(1),
        checksum: false,
        messages: [{ type: 'ping', sequence: 1, node: 'node-1', ...ourselves }],
      },
    ]);
  });

  test('an answer in time is all there is, and improves the health', () => {
    const driver = probing(3);
    driver.state().healthScore = 2;
    const { target } = untilProbe(driver);
    driver.advance(499);
    acknowledge(driver, target);
    expect(driver.state().healthScore).toBe(1);
    expect(asked(driver.advance(400))).toEqual([]);
    expect(driver.status(`node-${target}`)).toBe('alive');
  });

  test('without one after the time-out three others are asked, and TCP is tried for the rest of the interval', () => {
    const driver = probing(6);
    const { target } = untilProbe(driver);
    const effects = driver.advance(500);
    const requests = asked(effects);
    expect(requests).toHaveLength(3);
    for (const request of requests) {
      expect(request).toEqual({
        type: 'indirectPing',
        sequence: 1,
        target: endpointOf(target).address,
        port: 7946,
        node: `node-${target}`,
        nack: true,
        ...ourselves,
      });
    }
    const relays = packets(effects).map(({ to }) => to.address[3]);
    expect(new Set(relays).size).toBe(3);
    expect(relays).not.toContain(target);
    expect(effectsOf(effects, 'pingByStream')).toEqual([
      {
        type: 'pingByStream',
        sequence: 1,
        to: endpointOf(target),
        message: { type: 'ping', sequence: 1, node: `node-${target}`, ...ourselves },
        timeoutMs: 500,
      },
    ]);
  });

  test('only living members are asked', () => {
    const driver = probing(4);
    for (const index of [2, 3, 4]) driver.receive(accusation(index === 4 ? 'dead' : 'suspect', `node-${index}`));
    queued(driver);
    for (let round = 0; round < 4; round += 1) {
      const { target } = untilProbe(driver);
      const relays = packets(driver.advance(500)).filter(({ messages }) => messages[0]?.type === 'indirectPing');
      expect(relays.map(({ to }) => to.address[3])).toEqual(target === 1 ? [] : [1]);
      acknowledge(driver, target);
    }
  });

  test('a relayed answer is an answer', () => {
    const driver = probing(3);
    const { target } = untilProbe(driver);
    driver.advance(700);
    acknowledge(driver, target === 1 ? 2 : 1);
    driver.advance(250);
    expect(driver.status(`node-${target}`)).toBe('alive');
    expect(driver.state().probe).toBeUndefined();
  });

  test('no answer until the interval ends is a suspicion, from us', () => {
    const driver = probing(3);
    const { target } = untilProbe(driver);
    driver.advance(999);
    expect(driver.status(`node-${target}`)).toBe('alive');
    driver.advance(1);
    expect(driver.status(`node-${target}`)).toBe('suspect');
  });

  test('what the target refuted meanwhile is not held against it', () => {
    const driver = probing(3);
    const { target } = untilProbe(driver);
    driver.receive(alive(target, { incarnation: 2 }));
    driver.advance(1_000);
    expect(driver.status(`node-${target}`)).toBe('alive');
  });

  describe('over TCP', () => {
    test('an answer counts when the interval ends, with a warning: UDP is broken', () => {
      const driver = probing(3, { awarenessMaxMultiplier: 8 });
      const { target } = untilProbe(driver);
      driver.advance(600);
      driver.step({ type: 'streamPingAnswered', sequence: 1 });
      expect(driver.state().probe).toBeDefined();
      const effects = driver.advance(400);
      expect(driver.status(`node-${target}`)).toBe('alive');
      expect(effectsOf(effects, 'notice').map(({ level }) => level)).toEqual(['warn']);
    });

    test.for([
      ['of another ping', { type: 'streamPingAnswered', sequence: 77 } as const],
      ['that failed', { type: 'streamPingFailed', sequence: 1 } as const],
    ] as const)('one %s does not count', ([, event]) => {
      const driver = probing(3);
      const { target } = untilProbe(driver);
      driver.advance(600);
      driver.step(event);
      driver.advance(400);
      expect(driver.status(`node-${target}`)).toBe('suspect');
    });

    test.for([
      ['where it is switched off', { disableTcpPings: true }, VERSIONS],
      ['with a member that does not understand it', {}, Uint8Array.of(1, 2, 2, 0, 0, 0)],
      ['with a member that does not say what it understands', {}, new Uint8Array()],
    ] as const)('nothing is tried %s', ([, overrides, versions]) => {
      const driver = probing(0, overrides);
      driver.receive(alive(1, { versions }));
      queued(driver);
      untilProbe(driver);
      expect(effectsOf(driver.advance(500), 'pingByStream')).toEqual([]);
    });
  });

  describe('a suspected member', () => {
    test('hears of it with the ping: one compound with a checksum, and no gossip', () => {
      const driver = probing(2);
      driver.receive(accusation('suspect', 'node-1', 3));
      driver.receive(accusation('suspect', 'node-2', 4));
      const { effects, target } = untilProbe(driver);
      expect(packets(effects)).toEqual([
        {
          to: endpointOf(target),
          checksum: true,
          messages: [
            { type: 'ping', sequence: 1, node: `node-${target}`, ...ourselves },
            accusation('suspect', `node-${target}`, target + 2, SELF),
          ],
        },
      ]);
      expect(driver.state().broadcasts.size()).toBe(2);
    });

    test('of an older version has no checksum', () => {
      const driver = probing(0);
      driver.receive(alive(1, { versions: Uint8Array.of(1, 4, 2, 0, 0, 0) }));
      driver.receive(accusation('suspect', 'node-1'));
      expect(packets(untilProbe(driver).effects).map(({ checksum }) => checksum)).toEqual([false]);
    });

    test('that answers stays suspected until it contradicts', () => {
      const driver = probing(1);
      driver.receive(accusation('suspect', 'node-1'));
      untilProbe(driver);
      acknowledge(driver, 1);
      expect(driver.status('node-1')).toBe('suspect');
    });
  });

  describe('a ping that the system does not even send', () => {
    test('makes others be asked at once', () => {
      const driver = probing(3);
      const { target } = untilProbe(driver);
      const effects = driver.step({ type: 'sendFailed', to: endpointOf(target) });
      expect(asked(effects)).toHaveLength(2);
      expect(effectsOf(effects, 'pingByStream')).toMatchObject([{ timeoutMs: 1_000 }]);
      driver.advance(999);
      expect(driver.status(`node-${target}`)).toBe('alive');
      driver.advance(1);
      expect(driver.status(`node-${target}`)).toBe('suspect');
    });

    test('earns no health, even where a relay reaches the target', () => {
      const driver = probing(3);
      driver.state().healthScore = 1;
      const { target } = untilProbe(driver);
      driver.step({ type: 'sendFailed', to: endpointOf(target) });
      acknowledge(driver, 2);
      expect(driver.state().healthScore).toBe(1);
    });

    test('to somebody else is nothing', () => {
      const driver = probing(3);
      const { target } = untilProbe(driver);
      expect(driver.step({ type: 'sendFailed', to: endpointOf(target === 1 ? 2 : 1) })).toEqual([]);
      expect(driver.step({ type: 'sendFailed', to: { ...endpointOf(target), port: 1 } })).toEqual([]);
    });
  });
});

describe('the number of a ping', () => {
  test('begins anywhere: an answer to an earlier life answers nothing of this one', () => {
    const lives = [0.1, 0.2].map((draw) => driverWith(1, { random: () => draw }).state().sequence);
    expect(lives[0]).not.toBe(lives[1]);
  });

  test('goes on from 0 after the greatest', () => {
    const driver = driverWith(1, { gossipIntervalMs: 0, pushPullIntervalMs: 0, random: () => 1 - 2 ** -32 });
    expect(driver.state().sequence).toBe(0xffffffff);
    untilProbe(driver);
    expect(driver.state().probe?.sequence).toBe(0);
    acknowledge(driver, 1);
    expect(driver.status('node-1')).toBe('alive');
    expect(driver.state().probe).toBeUndefined();
  });
});

describe('health, as Lifeguard has it', () => {
  test('a failed probe without anybody to ask costs one', () => {
    const driver = probing(1);
    untilProbe(driver);
    driver.advance(1_000);
    expect(driver.state().healthScore).toBe(1);
  });

  test.for([
    [0, 3],
    [1, 2],
    [2, 1],
    [3, 0],
  ] as const)('%d nacks of three cost %d', ([nacks, score]) => {
    const driver = probing(4);
    untilProbe(driver);
    const relays = packets(driver.advance(500)).map(({ to }) => to);
    expect(relays).toHaveLength(3);
    driver.advance(400);
    for (const relay of relays.slice(0, nacks)) driver.receive({ type: 'nack', sequence: 1 }, relay);
    driver.advance(100);
    expect(driver.state().healthScore).toBe(score);
  });

  test('a nack that comes twice counts once, and one of another ping not at all', () => {
    const driver = probing(4);
    untilProbe(driver);
    const [relay = endpointOf(1)] = packets(driver.advance(500)).map(({ to }) => to);
    driver.receive({ type: 'nack', sequence: 1 }, relay);
    driver.receive({ type: 'nack', sequence: 1 }, relay);
    driver.receive({ type: 'nack', sequence: 9 }, endpointOf(4));
    driver.advance(500);
    expect(driver.state().healthScore).toBe(2);
  });

  test('those who are too old for nacks are not waited for: the failure costs one', () => {
    const driver = probing(0);
    for (let index = 1; index <= 4; index += 1) {
      driver.receive(alive(index, { versions: Uint8Array.of(1, 3, 2, 0, 0, 0) }));
    }
    queued(driver);
    untilProbe(driver);
    const requests = asked(driver.advance(500));
    expect(requests.map((request) => request.type === 'indirectPing' && request.nack)).toEqual([false, false, false]);
    driver.advance(500);
    expect(driver.state().healthScore).toBe(1);
  });

  test('who does badly gives the probe more time, not the first ping', () => {
    const driver = probing(3);
    driver.state().healthScore = 1;
    const { target } = untilProbe(driver);
    expect(asked(driver.advance(500))).toHaveLength(2);
    driver.advance(1_499);
    expect(driver.status(`node-${target}`)).toBe('alive');
    driver.advance(1);
    expect(driver.status(`node-${target}`)).toBe('suspect');
  });
});

describe('hashicorp/memberlist state.go, probe', () => {
  test('in one round each of the living is probed once, in a new order each round', () => {
    const driver = driverWith(6, { gossipIntervalMs: 0, pushPullIntervalMs: 0 });
    driver.receive(accusation('dead', 'node-2'));
    driver.receive(accusation('dead', 'node-4', 1, 'node-4'));
    const rounds: string[] = [];
    // The first round may be cut short: whoever joined before the place that was reached waits for the next.
    const living = 4;
    for (let round = 0; round < 10; round += 1) {
      const targets: number[] = [];
      for (let index = 0; index < living; index += 1) {
        const { target } = untilProbe(driver);
        acknowledge(driver, target);
        targets.push(target);
      }
      expect(new Set(targets)).toEqual(new Set([1, 3, 5, 6]));
      rounds.push(targets.join());
    }
    expect(new Set(rounds).size).toBeGreaterThan(2);
  });

  test('who is alone probes nobody', () => {
    const driver = probing(0);
    expect(packets(driver.advance(10_000))).toEqual([]);
  });

  test('a probe that takes longer than the interval makes one tick wait, not several', () => {
    const driver = probing(2);
    driver.state().healthScore = 3;
    const startMs = driver.nowMs();
    untilProbe(driver);
    driver.advance(3_999);
    const pings = packets(driver.advance(1)).filter(({ messages }) => messages[0]?.type === 'ping');
    expect(pings).toHaveLength(1);
    expect(driver.nowMs() - startMs).toBe(4_000);
  });

  test('the dead are forgotten at the end of the list, not before their time', () => {
    const driver = probing(2, { gossipToTheDeadTimeMs: 5_000 });
    driver.receive(accusation('dead', 'node-1'));
    for (let probes = 0; probes < 5; probes += 1) acknowledge(driver, untilProbe(driver).target);
    expect(driver.status('node-1')).toBe('dead');
    for (let probes = 0; probes < 4; probes += 1) acknowledge(driver, untilProbe(driver).target);
    expect(driver.status('node-1')).toBeUndefined();
  });
});
