import { describe, expect, test } from 'vitest';
import type { UpdateMessage } from '../../src/update/update-message.ts';
import { createPeerLab, PEER_OPEN } from './peer-lab.ts';

const UPDATE: UpdateMessage = { type: 'update', withdrawn: [], announced: [], attributes: [], failures: [] };

describe('HoldTimer', () => {
  test('is the smaller of both hold times', () => {
    const lab = createPeerLab();
    lab.reach('Established');
    expect(lab.pass(29_999)).not.toContain('4/0');
    expect(lab.pass(1)).toBe('4/0 close down');
  });

  test.for([{ message: { type: 'keepalive' } as const }, { message: UPDATE }])(
    'begins anew with each $message.type',
    ({ message }) => {
      const lab = createPeerLab();
      lab.reach('Established');
      lab.pass(20_000);
      lab.take({ type: 'MessageReceived', connection: 1, message });
      lab.pass(29_999);
      expect(lab.name).toBe('Established');
      lab.pass(1);
      expect(lab.name).toBe('Idle');
    },
  );

  test('is four minutes while an OPEN is awaited', () => {
    const lab = createPeerLab();
    lab.reach('OpenSent');
    expect(lab.pass(239_999)).toBe('');
    expect(lab.pass(1)).toBe('4/0 close failed');
  });

  test.for([
    { own: 0, peer: 90 },
    { own: 90, peer: 0 },
  ])('and KeepaliveTimer do not run where one side offers 0 (own $own, peer $peer)', ({ own, peer }) => {
    const lab = createPeerLab({ holdTimeSeconds: own });
    lab.reach('Established', { ...PEER_OPEN, holdTimeSeconds: peer });
    expect(lab.state.wakeAtMs).toBeUndefined();
  });
});

describe('KeepaliveTimer', () => {
  const firstAt = (random: number, keepaliveTimeMs?: number, holdTimeSeconds = 30): number | undefined => {
    const lab = createPeerLab({ random: () => random, keepaliveTimeMs });
    lab.reach('Established', { ...PEER_OPEN, holdTimeSeconds });
    return lab.state.wakeAtMs;
  };

  test('is a third of the hold time, less up to a quarter: RFC 4271, section 10', () => {
    expect(firstAt(0)).toBe(7_500);
    expect(firstAt(0.999_999)).toBeCloseTo(10_000, 1);
  });

  test('is what the configuration says, but not more than a third', () => {
    expect(firstAt(0, 4_000)).toBe(3_000);
    expect(firstAt(0, 60_000)).toBe(7_500);
  });

  test('is never less than a second: RFC 4271, section 4.4', () => {
    expect(firstAt(0, undefined, 3)).toBe(1_000);
    expect(firstAt(0, 100)).toBe(1_000);
  });

  test('that could not be served sends one KEEPALIVE, not all that were missed', () => {
    const lab = createPeerLab();
    lab.reach('Established');
    lab.nowMs = 29_000;
    expect(lab.take({ type: 'TimerExpires' })).toBe('KEEPALIVE');
    expect(lab.take({ type: 'TimerExpires' })).toBe('');
  });
});

describe('SendHoldTimer, RFC 9687', () => {
  /** The peer says KEEPALIVE, and reads nothing. */
  const blocked = (durationMs: number, sendHoldTimeMs?: number, holdTimeSeconds = 30): string => {
    const lab = createPeerLab({ sendHoldTimeMs });
    lab.reach('Established', { ...PEER_OPEN, holdTimeSeconds });
    lab.take({ type: 'SendBlocked', connection: 1 });
    const done: string[] = [];
    for (let passed = 0; passed < durationMs; passed += 1_000) {
      done.push(lab.pass(1_000));
      lab.take({ type: 'MessageReceived', connection: 1, message: { type: 'keepalive' } });
      // Another write that waits does not begin it anew.
      lab.take({ type: 'SendBlocked', connection: 1 });
    }
    return done.filter((words) => !['', 'KEEPALIVE'].includes(words)).join(', ');
  };

  test('is eight minutes, or twice the hold time if that is more', () => {
    expect(blocked(479_000)).toBe('');
    expect(blocked(481_000)).toContain('8/0 abort down');
  });

  test('tries to say why, and does not wait for it', () => {
    expect(blocked(10_000, 9_000)).toContain('8/0 abort down');
  });

  test('does not run with a hold time of 0', () => {
    expect(blocked(20_000, 9_000, 0)).toBe('');
  });

  test('stops when the socket takes octets', () => {
    const lab = createPeerLab({ sendHoldTimeMs: 5_000 });
    lab.reach('Established');
    lab.take({ type: 'SendBlocked', connection: 1 });
    lab.pass(4_999);
    lab.take({ type: 'SendProgress', connection: 1 });
    lab.take({ type: 'SendBlocked', connection: 1 });
    lab.pass(4_999);
    expect(lab.name).toBe('Established');
    lab.pass(1);
    expect(lab.name).toBe('Idle');
  });

  test('counts from before the session was established', () => {
    const lab = createPeerLab({ sendHoldTimeMs: 5_000 });
    lab.reach('OpenSent');
    lab.take({ type: 'SendBlocked', connection: 1 });
    lab.pass(4_000);
    lab.take({ type: 'MessageReceived', connection: 1, message: PEER_OPEN });
    expect(lab.pass(1_000)).toBe('8/0 abort failed');
  });
});
