import { describe, expect, test } from 'vitest';
import type { NotificationMessage } from '../../src/messages/message.ts';
import { createPeerLab, FIRST_INCOMING, PEER_OPEN, type PeerLab } from './peer-lab.ts';

const OURS = 1;
const THEIRS = FIRST_INCOMING;

/** Two connections, one of our own making and one of the peer's; the OPEN has come on neither. */
function colliding(first: 'ours' | 'theirs', changes: Parameters<typeof createPeerLab>[0] = {}): PeerLab {
  const lab = createPeerLab(changes);
  lab.take({ type: 'ManualStart' });
  if (first === 'ours') lab.take({ type: 'TcpConnectionAcked', connection: OURS });
  lab.take({ type: 'TcpConnectionConfirmed', connection: THEIRS });
  if (first === 'theirs') lab.take({ type: 'TcpConnectionAcked', connection: OURS });
  expect(lab.state.connections).toHaveLength(2);
  return lab;
}

function stands(lab: PeerLab): readonly string[] {
  return lab.state.connections.map(({ incoming }) => (incoming ? 'theirs' : 'ours'));
}

describe('RFC 4271, section 6.8, and RFC 6286, section 2.3', () => {
  test.for<[own: string, peer: string, ownAsn: number, kept: 'ours' | 'theirs']>([
    ['192.0.2.1', '192.0.2.2', 64_512, 'theirs'],
    ['192.0.2.2', '192.0.2.1', 64_512, 'ours'],
    // As unsigned numbers, and not as text.
    ['9.0.0.1', '10.0.0.1', 64_512, 'theirs'],
    ['192.0.2.1', '10.0.0.1', 64_512, 'ours'],
    ['127.255.255.255', '128.0.0.0', 64_512, 'theirs'],
    // Equal: the AS number has it.
    ['192.0.2.1', '192.0.2.1', 64_512, 'theirs'],
    ['192.0.2.1', '192.0.2.1', 64_514, 'ours'],
    ['192.0.2.1', '192.0.2.1', 4_200_000_000, 'ours'],
  ])(
    'identifier %s against %s, AS %i against 64513: the connection that is kept is %s',
    ([own, peer, ownAsn, kept]) => {
      for (const first of ['ours', 'theirs'] as const) {
        for (const openOn of [OURS, THEIRS]) {
          const lab = colliding(first, {
            bgpIdentifier: own,
            localAsn: ownAsn,
            capabilities: [{ type: 'four-octet-asn', asn: ownAsn }],
          });
          const message = { ...PEER_OPEN, bgpIdentifier: peer };
          const effects = lab.effectsOf({ type: 'MessageReceived', connection: openOn, message });
          expect(stands(lab)).toEqual([kept]);
          expect(effects).toContainEqual({
            type: 'send',
            connection: kept === 'ours' ? THEIRS : OURS,
            message: { type: 'notification', errorCode: 6, errorSubcode: 7, data: new Uint8Array(0) },
          });
          expect(effects).toContainEqual({ type: 'attemptFailed', end: { type: 'collision' } });
          const connection = kept === 'ours' ? OURS : THEIRS;
          if (connection !== openOn) lab.take({ type: 'MessageReceived', connection, message });
          expect(lab.name).toBe('OpenConfirm');
        }
      }
    },
  );

  test('a connection in OpenConfirm gives way, too', () => {
    const lab = createPeerLab();
    lab.reach('OpenConfirm');
    lab.take({ type: 'TcpConnectionConfirmed', connection: THEIRS });
    lab.take({ type: 'MessageReceived', connection: THEIRS, message: PEER_OPEN });
    expect(stands(lab)).toEqual(['theirs']);
    expect(lab.name).toBe('OpenConfirm');
  });

  test('an established session stays, and a new connection is closed with Cease/7', () => {
    const lab = createPeerLab();
    lab.reach('Established');
    expect(lab.take({ type: 'TcpConnectionConfirmed', connection: THEIRS })).toBe('(6/7) (close)');
    expect(lab.name).toBe('Established');
  });

  test('with CollisionDetectEstablishedState an established session gives way, once the new connection has a good OPEN', () => {
    const lab = createPeerLab({ collisionDetectEstablishedState: true });
    lab.reach('Established');
    lab.take({ type: 'TcpConnectionConfirmed', connection: THEIRS });
    expect(lab.name).toBe('Established');
    const effects = lab.effectsOf({ type: 'MessageReceived', connection: THEIRS, message: PEER_OPEN });
    expect(effects).toContainEqual({ type: 'sessionDown', connection: OURS, end: { type: 'collision' } });
    expect(lab.name).toBe('OpenConfirm');
  });

  test('who is established first ends the others', () => {
    const lab = createPeerLab();
    lab.reach('OpenConfirm');
    lab.take({ type: 'TcpConnectionConfirmed', connection: THEIRS });
    lab.take({ type: 'MessageReceived', connection: OURS, message: { type: 'keepalive' } });
    expect(lab.name).toBe('Established');
    expect(stands(lab)).toEqual(['ours']);
  });
});

test('an attempt that nobody has answered ends when the peer has said OPEN on its own connection', () => {
  const lab = createPeerLab({ bgpIdentifier: '198.51.100.1' });
  lab.take({ type: 'ManualStart' });
  lab.take({ type: 'TcpConnectionConfirmed', connection: THEIRS });
  expect(lab.state.connections.map(({ stage }) => stage)).toEqual(['connecting', 'openSent']);
  lab.take({ type: 'MessageReceived', connection: THEIRS, message: PEER_OPEN });
  expect(stands(lab)).toEqual(['theirs']);
  expect(lab.state.connectRetryAtMs).toBeUndefined();
});

test('a connection on which nobody answers for ten seconds does not win', () => {
  const lab = createPeerLab({ bgpIdentifier: '198.51.100.1' });
  lab.reach('OpenSent');
  lab.pass(10_001);
  lab.take({ type: 'TcpConnectionConfirmed', connection: THEIRS });
  lab.take({ type: 'MessageReceived', connection: THEIRS, message: PEER_OPEN });
  expect(stands(lab)).toEqual(['theirs']);
});

test('a bad OPEN on another connection is no collision: what stands is not touched', () => {
  const lab = createPeerLab();
  lab.reach('OpenConfirm');
  lab.take({ type: 'TcpConnectionConfirmed', connection: THEIRS });
  lab.take({
    type: 'MessageReceived',
    connection: THEIRS,
    message: { ...PEER_OPEN, myAutonomousSystem: 1, capabilities: [] },
  });
  expect(lab.name).toBe('OpenConfirm');
  expect(stands(lab)).toEqual(['ours']);
  expect(lab.state.connectRetryCounter).toBe(0);
});

test('the peer that closes one of two with Cease/7 has not failed', () => {
  const lab = colliding('ours');
  const collision: NotificationMessage = {
    type: 'notification',
    errorCode: 6,
    errorSubcode: 7,
    data: new Uint8Array(0),
  };
  const effects = lab.effectsOf({ type: 'MessageReceived', connection: OURS, message: collision });
  expect(effects).toContainEqual({ type: 'attemptFailed', end: { type: 'collision' } });
  expect(lab.state.connectRetryCounter).toBe(0);
  // Should the other come to nothing, the peer is called again.
  expect(lab.state.connectRetryAtMs).toBeDefined();
});

test('the peer that closes the only one with Cease/7 has a session with somebody else on this host, which people must see', () => {
  const lab = createPeerLab();
  lab.reach('OpenSent');
  const message: NotificationMessage = { type: 'notification', errorCode: 6, errorSubcode: 7, data: new Uint8Array(0) };
  const [, end] = lab.effectsOf({ type: 'MessageReceived', connection: OURS, message });
  expect(end).toMatchObject({ type: 'attemptFailed', end: { type: 'notificationReceived', notification: message } });
});

test('the own connection that gave way to one of the peer is made again, should that come to nothing', () => {
  const lab = colliding('ours');
  lab.take({ type: 'MessageReceived', connection: OURS, message: PEER_OPEN });
  expect(stands(lab)).toEqual(['theirs']);
  lab.take({ type: 'TcpConnectionFails', connection: THEIRS });
  expect(lab.pass(10_000)).toBe('connect');
});
