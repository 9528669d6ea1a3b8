import type { BgpMessage, OpenMessage } from '../messages/message.ts';
import { localOpen } from './begin-connection.ts';
import { checkFamilies, checkOpen } from './check-open.ts';
import { dumpConnection, peerPrevails, yieldsTo } from './collision.ts';
import { failWith, notificationReceived, unexpectedMessage } from './fail-connection.ts';
import { negotiate } from './negotiate.ts';
import type { AgreedConnection, ConnectionState, DelayingConnection, OpenSentConnection } from './peer-state.ts';
import { holdTimerOf, keepaliveTimerOf } from './timers.ts';
import { change, put, sendKeepalive, type Turn } from './turn.ts';

/** Events 19 and 20, BGPOpen: what it says is judged, collisions are resolved, and a good one is confirmed. */
function openReceived(turn: Turn, connection: OpenSentConnection | DelayingConnection, message: OpenMessage): void {
  const { config, nowMs } = turn;
  const { id, incoming, sendBlockedSinceMs } = connection;
  const local = connection.stage === 'openSent' ? connection.localOpen : localOpen(turn, connection.bgpIdentifier);
  const session = negotiate(id, local, message, config);
  const refusal = checkOpen(local, message, config) ?? checkFamilies(session);
  if (refusal !== undefined) {
    failWith(turn, connection, refusal.notification, refusal.because);
    return;
  }
  const peerIsPreferred = peerPrevails(local, message);
  const others = turn.peer.connections.filter((other) => other.id !== id);
  const answerTimeMs = config.connectRetryTimeMs;
  if (others.some((other) => yieldsTo(connection, other, peerIsPreferred, nowMs, answerTimeMs))) {
    dumpConnection(turn, connection);
    return;
  }
  for (const other of others) dumpConnection(turn, other);
  change(turn, { connectRetryAtMs: undefined, idleHoldAtMs: undefined, unansweredConnects: 0 });
  if (connection.stage === 'delaying') turn.effects.push({ type: 'send', connection: id, message: local });
  turn.effects.push({ type: 'negotiated', session });
  sendKeepalive(turn, connection);
  put(turn, {
    stage: 'openConfirm',
    id,
    incoming,
    sinceMs: nowMs,
    localOpen: local,
    session,
    holdAtMs: holdTimerOf(session, nowMs),
    keepaliveAtMs: keepaliveTimerOf(session, nowMs, config),
    sendBlockedSinceMs,
  });
}

/** Event 26 in OpenConfirm. Another connection that is still waited for has lost. */
function establish(turn: Turn, connection: AgreedConnection): void {
  const { nowMs } = turn;
  const { session } = connection;
  put(turn, { ...connection, stage: 'established', sinceMs: nowMs, holdAtMs: holdTimerOf(session, nowMs) });
  for (const other of turn.peer.connections) if (other.id !== connection.id) dumpConnection(turn, other);
  turn.effects.push({ type: 'established', session });
}

function restartHoldTimer(turn: Turn, connection: AgreedConnection): void {
  put(turn, { ...connection, holdAtMs: holdTimerOf(connection.session, turn.nowMs) });
}

function established(turn: Turn, connection: AgreedConnection, message: BgpMessage): void {
  switch (message.type) {
    case 'keepalive':
      restartHoldTimer(turn, connection);
      return;
    case 'update':
      restartHoldTimer(turn, connection);
      turn.effects.push({ type: 'deliver', connection: connection.id, message });
      return;
    case 'route-refresh':
      // No reason to restart HoldTimer: RFC 4271, section 4.2, names KEEPALIVE and UPDATE.
      turn.effects.push({ type: 'deliver', connection: connection.id, message });
      return;
    case 'notification':
      notificationReceived(turn, connection, message);
      return;
    case 'open':
      unexpectedMessage(turn, connection, message.type);
  }
}

/** Events 19, 20 and 24 to 27, and ROUTE-REFRESH. */
export function messageReceived(turn: Turn, connection: ConnectionState, message: BgpMessage): void {
  if (connection.stage === 'established') established(turn, connection, message);
  else if (message.type === 'notification' && connection.stage !== 'connecting') {
    notificationReceived(turn, connection, message);
  } else if (message.type === 'open' && (connection.stage === 'openSent' || connection.stage === 'delaying')) {
    openReceived(turn, connection, message);
  } else if (message.type === 'keepalive' && connection.stage === 'openConfirm') establish(turn, connection);
  else unexpectedMessage(turn, connection, message.type);
}
