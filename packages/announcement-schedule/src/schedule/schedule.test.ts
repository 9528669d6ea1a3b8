import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type AnnouncementConfig,
  type AnnouncementEvent,
  DEFAULT_ANNOUNCEMENT_CONFIG,
  initialAnnouncementState,
  stepAnnouncements,
} from './schedule.ts';

interface Sent {
  readonly address: number;
  readonly round: number;
  readonly atMs: number;
}

/** A schedule and the clock that its door would keep: it wakes it exactly when it wishes to be woken. */
function simulate(config: AnnouncementConfig = DEFAULT_ANNOUNCEMENT_CONFIG) {
  let state = initialAnnouncementState();
  let wakeAtMs: number | undefined;
  let steps = 0;
  const sent: Sent[] = [];
  const feed = (event: AnnouncementEvent, atMs: number): void => {
    const step = stepAnnouncements(state, event, config);
    steps += 1;
    state = step.state;
    for (const effect of step.effects) {
      if (effect.type === 'wakeAt') wakeAtMs = effect.atMs;
      else sent.push({ address: effect.address, round: effect.round, atMs });
    }
  };
  const runUntil = (endMs: number): void => {
    while (wakeAtMs !== undefined && wakeAtMs <= endMs) feed({ type: 'wake', nowMs: wakeAtMs }, wakeAtMs);
  };
  return { sent, feed, runUntil, wishes: () => wakeAtMs, steps: () => steps };
}

const own = (address: number, nowMs: number): AnnouncementEvent => ({ type: 'own', address, nowMs });
const times = (sent: readonly Sent[], address: number): number[] =>
  sent.filter((one) => one.address === address).map((one) => Math.round(one.atMs));

describe("MetalLB's schedule", () => {
  test('announces at 0, 1.1, 2.2, 3.3 and 4.4 seconds, then never again', () => {
    const { sent, feed, runUntil, wishes } = simulate();
    feed({ type: 'interfaceReady', nowMs: 0 }, 0);
    feed(own(1, 0), 0);
    runUntil(3_600_000);
    expect(times(sent, 1)).toEqual([0, 1_100, 2_200, 3_300, 4_400]);
    expect(wishes()).toBeUndefined();
  });

  test('owning what is owned already changes nothing', () => {
    const { sent, feed, runUntil } = simulate();
    feed({ type: 'interfaceReady', nowMs: 0 }, 0);
    feed(own(1, 0), 0);
    feed(own(1, 500), 500);
    runUntil(60_000);
    expect(times(sent, 1)).toEqual([0, 1_100, 2_200, 3_300, 4_400]);
  });

  test('a disowned address is never announced again, and one that comes back starts anew', () => {
    const { sent, feed, runUntil } = simulate();
    feed({ type: 'interfaceReady', nowMs: 0 }, 0);
    feed(own(1, 0), 0);
    feed({ type: 'disown', address: 1 }, 10);
    runUntil(2_000);
    feed(own(1, 2_000), 2_000);
    runUntil(60_000);
    expect(times(sent, 1)).toEqual([0, 2_000, 3_100, 4_200, 5_300, 6_400]);
  });

  test('what is owned before the interface is there is announced when it comes', () => {
    const { sent, feed, runUntil } = simulate();
    feed(own(1, 0), 0);
    feed(own(2, 0), 0);
    runUntil(5_000);
    expect(sent).toEqual([]);
    feed({ type: 'interfaceReady', nowMs: 5_000 }, 5_000);
    runUntil(60_000);
    expect(times(sent, 2)).toEqual([5_000, 6_100, 7_200, 8_300, 9_400]);
  });

  test('an interface that was lost is served from the first round on when it is back', () => {
    const { sent, feed, runUntil, wishes } = simulate();
    feed({ type: 'interfaceReady', nowMs: 0 }, 0);
    feed(own(1, 0), 0);
    runUntil(1_500);
    feed({ type: 'interfaceLost' }, 1_500);
    expect(wishes()).toBeUndefined();
    feed({ type: 'wake', nowMs: 2_300 }, 2_300);
    feed({ type: 'interfaceReady', nowMs: 9_000 }, 9_000);
    runUntil(60_000);
    expect(times(sent, 1)).toEqual([0, 1_100, 9_000, 10_100, 11_200, 12_300, 13_400]);
  });

  test('a refresh interval repeats it for ever', () => {
    const { sent, feed, runUntil } = simulate({ ...DEFAULT_ANNOUNCEMENT_CONFIG, rounds: 1, refreshIntervalMs: 60_000 });
    feed({ type: 'interfaceReady', nowMs: 0 }, 0);
    feed(own(1, 0), 0);
    runUntil(200_000);
    expect(times(sent, 1)).toEqual([0, 60_000, 120_000, 180_000]);
  });
});

describe('thousands of addresses', () => {
  const config = { ...DEFAULT_ANNOUNCEMENT_CONFIG, maxRoundsPerSecond: 10_000, maxBurstRounds: 100 };

  test('are all announced once before any is repeated, in their order, at the pace and no faster', () => {
    const { sent, feed, runUntil, steps } = simulate(config);
    for (let address = 0; address < 10_000; address++) feed(own(address, 0), 0);
    feed({ type: 'interfaceReady', nowMs: 0 }, 0);
    const before = steps();
    runUntil(60_000);
    const first = sent.slice(0, 10_000);
    expect(first.map((one) => one.address)).toEqual(Array.from({ length: 10_000 }, (_, i) => i));
    expect(first.every((one) => one.round === 1)).toBe(true);
    expect(first.at(-1)?.atMs).toBeLessThan(1_000);
    expect(sent).toHaveLength(50_000);
    for (let i = 0; i + 1_000 < sent.length; i += 1) {
      const elapsedMs = (sent[i + 1_000]?.atMs ?? 0) - (sent[i]?.atMs ?? 0);
      expect(elapsedMs).toBeGreaterThan(89);
    }
    // Nothing is walked over in vain: a step for each millisecond at most.
    expect(steps() - before).toBeLessThanOrEqual(6_000);
  });

  test('a new address does not wait behind those that are repeated', () => {
    const { sent, feed, runUntil } = simulate({ ...config, maxRoundsPerSecond: 100, maxBurstRounds: 10 });
    feed({ type: 'interfaceReady', nowMs: 0 }, 0);
    for (let address = 0; address < 500; address++) feed(own(address, 0), 0);
    runUntil(6_000);
    feed(own(9_999, 6_000), 6_000);
    runUntil(6_100);
    expect(times(sent, 9_999)).toHaveLength(1);
  });
});

describe('a full kernel buffer', () => {
  test('takes rounds back, waits, and sends them before all others', () => {
    const { sent, feed, runUntil, wishes } = simulate();
    for (const address of [1, 2, 3]) feed(own(address, 0), 0);
    feed({ type: 'interfaceReady', nowMs: 0 }, 0);
    expect(sent.map((one) => one.address)).toEqual([1, 2, 3]);
    sent.length = 1; // 2 and 3 did not leave
    feed({ type: 'sendRefused', addresses: [2, 3], nowMs: 1 }, 1);
    expect(wishes()).toBeUndefined();
    feed(own(4, 5), 5);
    expect(sent).toHaveLength(1);
    feed({ type: 'sendPossible', nowMs: 10 }, 10);
    expect(sent.map(({ address, round }) => [address, round])).toEqual([
      [1, 1],
      [2, 1],
      [3, 1],
      [4, 1],
    ]);
    runUntil(60_000);
    expect(times(sent, 3)).toEqual([10, 1_110, 2_210, 3_310, 4_410]);
  });
});

test('whatever happens, only owned addresses are announced, never more rounds than asked for', () => {
  const config = { ...DEFAULT_ANNOUNCEMENT_CONFIG, maxRoundsPerSecond: 100, maxBurstRounds: 5 };
  const address = fc.nat(12);
  const action = fc.oneof(
    fc.record({ type: fc.constant('own' as const), address }),
    fc.record({ type: fc.constant('disown' as const), address }),
    fc.record({ type: fc.constantFrom('interfaceReady' as const, 'interfaceLost' as const, 'sendPossible' as const) }),
    fc.record({ type: fc.constant('sendRefused' as const), addresses: fc.array(address, { maxLength: 3 }) }),
    fc.record({ type: fc.constant('wait' as const), ms: fc.nat(2_000) }),
  );
  fc.assert(
    fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
      const { sent, feed, runUntil } = simulate(config);
      const owned = new Set<number>();
      let nowMs = 0;
      let checked = 0;
      for (const one of actions) {
        if (one.type === 'wait') {
          nowMs += one.ms;
          runUntil(nowMs);
        } else if (one.type === 'own') {
          owned.add(one.address);
          feed({ ...one, nowMs }, nowMs);
        } else if (one.type === 'disown') {
          owned.delete(one.address);
          feed(one, nowMs);
        } else if (one.type === 'interfaceLost') feed({ type: one.type }, nowMs);
        else if (one.type === 'sendRefused') feed({ ...one, nowMs }, nowMs);
        else feed({ type: one.type, nowMs }, nowMs);
        for (; checked < sent.length; checked++) {
          const { address: announced, round } = sent[checked] as Sent;
          expect(owned.has(announced)).toBe(true);
          expect(round).toBeLessThanOrEqual(config.rounds);
        }
      }
    }),
    { numRuns: 300 },
  );
});
