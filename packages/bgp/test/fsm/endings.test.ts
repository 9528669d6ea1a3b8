import { describe, expect, test } from 'vitest';
import type { StopReason } from '../../src/fsm/vocabulary.ts';
import { createPeerLab, PEER_OPEN } from './peer-lab.ts';

describe('ManualStop', () => {
  test.for<[reason: StopReason, data: string]>([
    [{ ceaseSubcode: 2, communication: 'maintenance' }, 'maintenance'],
    [{ ceaseSubcode: 4, communication: 'new key' }, 'new key'],
    // RFC 9003, section 2, gives a text to these two only.
    [{ ceaseSubcode: 3, communication: 'gone' }, ''],
    [{ ceaseSubcode: 2 }, ''],
  ])('%j goes out as Cease, and the peer is not called again', ([reason, text]) => {
    const lab = createPeerLab();
    lab.reach('Established');
    const octets = new TextEncoder().encode(text);
    const data = text === '' ? new Uint8Array(0) : Uint8Array.of(octets.length, ...octets);
    expect(lab.effectsOf({ type: 'ManualStop', reason })).toEqual([
      {
        type: 'send',
        connection: 1,
        message: { type: 'notification', errorCode: 6, errorSubcode: reason.ceaseSubcode, data },
      },
      { type: 'close', connection: 1, abort: false },
      { type: 'sessionDown', connection: 1, end: { type: 'stopped' } },
      { type: 'stateChanged', from: 'Established', to: 'Idle' },
    ]);
    expect(lab.state.wakeAtMs).toBeUndefined();
  });
});

test('AutomaticStop says why, and the peer is called again after the IdleHoldTimer', () => {
  const lab = createPeerLab();
  lab.reach('Established');
  expect(lab.take({ type: 'AutomaticStop', reason: { ceaseSubcode: 10 } })).toBe('6/10 close down');
  expect(lab.pass(1_000)).toBe('connect');
});

test('what comes of a connection that was closed is let go', () => {
  const lab = createPeerLab();
  lab.reach('Established');
  lab.take({ type: 'AutomaticStop', reason: { ceaseSubcode: 10 } });
  const { state } = lab;
  lab.take({ type: 'MessageReceived', connection: 1, message: PEER_OPEN });
  lab.take({ type: 'TcpConnectionFails', connection: 1 });
  lab.take({ type: 'SendBlocked', connection: 1 });
  expect(lab.state).toBe(state);
});

describe('a connection that is gone', () => {
  test('before the OPEN looks like a router on which this address is not configured', () => {
    const lab = createPeerLab();
    lab.reach('OpenSent');
    const effects = lab.effectsOf({
      type: 'TcpConnectionFails',
      connection: 1,
      error: 'reset',
      systemCode: 'ECONNRESET',
    });
    expect(effects).toContainEqual({
      type: 'attemptFailed',
      end: { type: 'connectionClosed', beforeOpen: true, error: 'reset' },
    });
  });

  test('after it does not', () => {
    const lab = createPeerLab();
    lab.reach('Established');
    expect(lab.effectsOf({ type: 'TcpConnectionFails', connection: 1 })).toContainEqual({
      type: 'sessionDown',
      connection: 1,
      end: { type: 'connectionClosed', beforeOpen: false, error: undefined },
    });
  });
});

test.for<[name: 'OpenSent' | 'OpenConfirm' | 'Established', subcode: number, type: number]>([
  ['OpenSent', 1, 4],
  ['OpenConfirm', 2, 1],
  ['Established', 3, 1],
])('an unexpected message in %s is told by its type: RFC 6608', ([name, errorSubcode, type]) => {
  const lab = createPeerLab();
  lab.reach(name);
  const message = type === 4 ? ({ type: 'keepalive' } as const) : PEER_OPEN;
  expect(lab.effectsOf({ type: 'MessageReceived', connection: 1, message })).toContainEqual({
    type: 'send',
    connection: 1,
    message: { type: 'notification', errorCode: 5, errorSubcode, data: Uint8Array.of(type) },
  });
});

test('a NOTIFICATION that cannot be read is not answered: RFC 4271, section 6.4', () => {
  const lab = createPeerLab();
  lab.reach('Established');
  const failure = {
    code: 'ERR_BGP_NOTIFICATION',
    scope: 'session',
    errorCode: 1,
    errorSubcode: 2,
    data: new Uint8Array(0),
    offset: 19,
    message: 'too short',
  } as const;
  expect(lab.take({ type: 'MessageFailed', connection: 1, failure })).toBe('close down');
});

test.for([
  { holdTimeSeconds: 2 },
  { holdTimeSeconds: 65_536 },
  { connectRetryTimeMs: 0 },
  { idleHoldTimeMs: 0 },
  { maxIdleHoldTimeMs: Number.NaN },
  { openHoldTimeMs: -1 },
])('a configuration with %j is refused', (changes) => {
  expect(() => createPeerLab(changes)).toThrow(RangeError);
});
