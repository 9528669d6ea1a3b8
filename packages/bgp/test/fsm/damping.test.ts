import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isAgreed } from '../../src/fsm/peer-state.ts';
import type { NotificationMessage } from '../../src/messages/message.ts';
import { createPeerLab, FIRST_INCOMING, PEER_OPEN, type PeerLab } from './peer-lab.ts';

const CEASE: NotificationMessage = { type: 'notification', errorCode: 6, errorSubcode: 2, data: new Uint8Array(0) };

/** The peer hangs up. */
function hangUp(lab: PeerLab): void {
  lab.take({ type: 'MessageReceived', connection: lab.connection, message: CEASE });
}

/** Up to Established again, from wherever the timers lead. @returns How long that took. */
function comeBack(lab: PeerLab): number {
  const fromMs = lab.nowMs;
  if (lab.state.wakeAtMs !== undefined) lab.pass(lab.state.wakeAtMs - lab.nowMs);
  const { connection } = lab;
  lab.take({ type: 'TcpConnectionAcked', connection });
  lab.take({ type: 'MessageReceived', connection, message: PEER_OPEN });
  lab.take({ type: 'MessageReceived', connection, message: { type: 'keepalive' } });
  expect(lab.name).toBe('Established');
  return lab.nowMs - fromMs;
}

/** Lets a session live. */
function live(lab: PeerLab, durationMs: number): void {
  for (let lived = 0; lived < durationMs; lived += 5_000) {
    lab.pass(5_000);
    lab.take({ type: 'MessageReceived', connection: lab.connection, message: { type: 'keepalive' } });
  }
}

describe('IdleHoldTimer', () => {
  test('is doubled for each session that does not last, up to its maximum', () => {
    const lab = createPeerLab({ random: () => 0.999_999 });
    lab.reach('Established');
    const pauses: number[] = [];
    for (let round = 0; round < 10; round += 1) {
      hangUp(lab);
      expect(lab.name).toBe('Idle');
      pauses.push(Math.round(comeBack(lab) / 1_000));
    }
    expect(pauses).toEqual([1, 2, 4, 8, 16, 32, 64, 120, 120, 120]);
  });

  test('is never shorter than a quarter of that', () => {
    const lab = createPeerLab({ random: () => 0 });
    lab.reach('Established');
    const pauses: number[] = [];
    for (let round = 0; round < 9; round += 1) {
      hangUp(lab);
      pauses.push(comeBack(lab));
    }
    expect(pauses).toEqual([250, 500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
  });

  test('begins anew after a session that lasted as long as its hold time: the first pause is at most a second', () => {
    const lab = createPeerLab({ random: () => 0.999_999 });
    lab.reach('Established');
    for (let round = 0; round < 6; round += 1) {
      hangUp(lab);
      comeBack(lab);
    }
    live(lab, 90_000);
    hangUp(lab);
    expect(comeBack(lab)).toBeLessThanOrEqual(1_000);
  });

  test('goes by the hold time offered, which no peer can shorten', () => {
    const lab = createPeerLab({ random: () => 0.999_999 });
    lab.reach('Established', { ...PEER_OPEN, holdTimeSeconds: 3 });
    for (let round = 0; round < 3; round += 1) {
      hangUp(lab);
      comeBack(lab);
    }
    live(lab, 60_000);
    hangUp(lab);
    expect(comeBack(lab)).toBeGreaterThan(7_000);
  });

  test('with a hold time of 0, a session has lasted after 90 s', () => {
    const lab = createPeerLab({ random: () => 0.999_999, holdTimeSeconds: 0 });
    lab.reach('Established');
    hangUp(lab);
    comeBack(lab);
    lab.pass(89_000);
    hangUp(lab);
    expect(comeBack(lab)).toBeGreaterThan(1_900);
    lab.pass(90_001);
    hangUp(lab);
    expect(comeBack(lab)).toBeLessThanOrEqual(1_000);
  });

  test('is forgotten when somebody stops and starts the peer', () => {
    const lab = createPeerLab();
    lab.reach('Established');
    hangUp(lab);
    lab.take({ type: 'ManualStop', reason: { ceaseSubcode: 4 } });
    expect(lab.take({ type: 'ManualStart' })).toBe('connect');
  });
});

describe('ConnectRetryTimer', () => {
  test('grows from attempt to attempt that is refused, up to its own length', () => {
    const lab = createPeerLab({ random: () => 0.999_999 });
    lab.take({ type: 'ManualStart' });
    const pauses: number[] = [];
    for (let attempt = 0; attempt < 6; attempt += 1) {
      lab.take({ type: 'TcpConnectionFails', connection: lab.connection, systemCode: 'ECONNREFUSED' });
      expect(lab.name).toBe('Active');
      const fromMs = lab.nowMs;
      lab.pass((lab.state.wakeAtMs ?? 0) - lab.nowMs);
      pauses.push(Math.round((lab.nowMs - fromMs) / 1_000));
    }
    expect(pauses).toEqual([1, 2, 4, 8, 10, 10]);
  });

  test('ends an attempt that nobody answers, and begins the next', () => {
    const lab = createPeerLab({ random: () => 0 });
    lab.take({ type: 'ManualStart' });
    lab.nowMs = 7_500;
    expect(lab.effectsOf({ type: 'TimerExpires' })).toEqual([
      { type: 'close', connection: 1, abort: true },
      { type: 'attemptFailed', end: { type: 'connectTimedOut' } },
      { type: 'connect', connection: 2 },
    ]);
  });

  test('woken too early does nothing', () => {
    const lab = createPeerLab();
    lab.take({ type: 'ManualStart' });
    const { state } = lab;
    lab.nowMs = (state.wakeAtMs ?? 0) - 1;
    expect(lab.take({ type: 'TimerExpires' })).toBe('');
    expect(lab.state).toBe(state);
  });
});

describe('connections of the peer', () => {
  test('are taken while the IdleHoldTimer runs: a router that comes back is not kept waiting', () => {
    const lab = createPeerLab();
    lab.reach('Established');
    live(lab, 90_000);
    hangUp(lab);
    expect(lab.name).toBe('Idle');
    lab.take({ type: 'TcpConnectionConfirmed', connection: FIRST_INCOMING });
    expect(lab.name).toBe('OpenSent');
  });

  test('are refused with Cease/5 for a second after one that failed, and do not postpone the own attempt', () => {
    const lab = createPeerLab();
    lab.reach('Active');
    const { connectRetryAtMs } = lab.state;
    lab.take({ type: 'TcpConnectionConfirmed', connection: FIRST_INCOMING });
    lab.take({ type: 'MessageReceived', connection: FIRST_INCOMING, message: { type: 'keepalive' } });
    expect(lab.state.connectRetryAtMs).toBe(connectRetryAtMs);
    lab.config = { ...lab.config, passive: true };
    lab.nowMs += 999;
    expect(lab.take({ type: 'TcpConnectionConfirmed', connection: FIRST_INCOMING + 1 })).toBe('(6/5) (close)');
    lab.nowMs += 1;
    expect(lab.take({ type: 'TcpConnectionConfirmed', connection: FIRST_INCOMING + 2 })).toBe('OPEN');
  });

  test('are at most two beside our own', () => {
    const lab = createPeerLab();
    lab.reach('OpenSent');
    for (let index = 0; index < 2; index += 1) {
      lab.take({ type: 'TcpConnectionConfirmed', connection: FIRST_INCOMING + index });
    }
    expect(lab.take({ type: 'TcpConnectionConfirmed', connection: FIRST_INCOMING + 2 })).toBe('(6/8) (close)');
    expect(lab.state.connections).toHaveLength(3);
  });
});

/** What a peer does next, to any of the connections that stand. */
type Mischief =
  | { readonly type: 'wait'; readonly ms: number }
  | { readonly type: 'call' }
  | { readonly type: 'ack' | 'fail' | 'open' | 'badOpen' | 'keepalive' | 'cease' | 'collision' | 'badPeer' };

const mischief: fc.Arbitrary<Mischief> = fc
  .oneof(
    { weight: 3, arbitrary: fc.nat(2_000).map((ms): Mischief => ({ type: 'wait', ms })) },
    { weight: 1, arbitrary: fc.constant<Mischief>({ type: 'call' }) },
    {
      weight: 8,
      arbitrary: fc.constantFrom<Mischief['type']>(
        'ack',
        'fail',
        'open',
        'badOpen',
        'keepalive',
        'cease',
        'collision',
        'badPeer',
      ),
    },
  )
  .map((value): Mischief => (typeof value === 'string' ? ({ type: value } as Mischief) : value));

function act(lab: PeerLab, { type }: Mischief, incoming: number): void {
  const { connection } = lab;
  const receive = (message: Parameters<PeerLab['take']>[0] & { readonly type: 'MessageReceived' }): string =>
    lab.take(message);
  switch (type) {
    case 'call':
      lab.take({ type: 'TcpConnectionConfirmed', connection: FIRST_INCOMING + incoming });
      return;
    case 'ack':
      lab.take({ type: 'TcpConnectionAcked', connection });
      return;
    case 'fail':
      lab.take({ type: 'TcpConnectionFails', connection });
      return;
    case 'open':
      receive({ type: 'MessageReceived', connection, message: PEER_OPEN });
      return;
    case 'badOpen':
      receive({ type: 'MessageReceived', connection, message: { ...PEER_OPEN, bgpIdentifier: '0.0.0.0' } });
      return;
    case 'keepalive':
      receive({ type: 'MessageReceived', connection, message: { type: 'keepalive' } });
      return;
    case 'cease':
      receive({ type: 'MessageReceived', connection, message: CEASE });
      return;
    case 'collision':
      receive({ type: 'MessageReceived', connection, message: { ...CEASE, errorSubcode: 7 } });
      return;
    case 'badPeer':
      receive({ type: 'MessageReceived', connection, message: { ...CEASE, errorCode: 2 } });
      return;
    case 'wait':
  }
}

/** In one hour: one every five seconds, and the first, quick ones. Most are ConnectRetryTimers of at least 7.5 s. */
const MAX_CONNECTS_PER_HOUR = 720;

function expectSound(lab: PeerLab): void {
  const { state } = lab;
  const outgoing = state.connections.filter(({ incoming }) => !incoming).length;
  const agreed = state.connections.filter((connection) => isAgreed(connection)).length;
  expect(outgoing).toBeLessThanOrEqual(1);
  expect(agreed).toBeLessThanOrEqual(1);
  expect(state.connections.length).toBeLessThanOrEqual(3);
  if (!state.started || lab.config.passive) return;
  // Never forgotten: there is an attempt, a session, or a timer that begins one.
  const waits = state.idleHoldAtMs !== undefined || state.connectRetryAtMs !== undefined;
  expect(outgoing + agreed > 0 || waits).toBe(true);
}

test('whatever a peer does in an hour, it is not called more than once every five seconds, and is never forgotten', () => {
  void fc.assert(
    fc.property(
      fc.array(mischief, { minLength: 1, maxLength: 40 }),
      fc.boolean(),
      fc.option(fc.constant(2_000), { nil: undefined }),
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      (script, passive, delayOpenTimeMs, luck) => {
        const lab = createPeerLab({ passive, delayOpenTimeMs, random: () => luck });
        lab.take({ type: 'ManualStart' });
        let incoming = 0;
        // The script is repeated; it lets at least 20 ms pass each time.
        for (let round = 0; lab.nowMs < 3_600_000 && round < 400; round += 1) {
          for (const step of script) {
            if (step.type === 'wait') lab.pass(step.ms);
            else act(lab, step, incoming);
            incoming += 1;
            expectSound(lab);
          }
          lab.pass(Math.max(20, (lab.state.wakeAtMs ?? 0) - lab.nowMs));
        }
        const hours = Math.max(1, lab.nowMs / 3_600_000);
        expect(lab.state.nextConnection - 1).toBeLessThanOrEqual(MAX_CONNECTS_PER_HOUR * hours);
      },
    ),
    { numRuns: 25 },
  );
});
