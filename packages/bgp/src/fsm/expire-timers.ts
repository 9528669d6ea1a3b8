import { beginConnect, sendLocalOpen } from './begin-connection.ts';
import { pauseAfter } from './damping.ts';
import { failWith } from './fail-connection.ts';
import { HOLD_TIMER_EXPIRED, SEND_HOLD_TIMER_EXPIRED } from './notifications.ts';
import { type AgreedConnection, type ConnectionState, isAgreed } from './peer-state.ts';
import { due, keepaliveTimerOf, sendHoldTimerOf } from './timers.ts';
import {
  change,
  close,
  connectionOf,
  ended,
  notificationSent,
  put,
  sendKeepalive,
  sendNotification,
  type Turn,
} from './turn.ts';

/**
 * Event 29, SendHoldTimer_Expires: RFC 9687, section 3.3. The peer reads nothing, so the NOTIFICATION will hardly leave:
 * it is tried, and not waited for.
 */
function sendHoldTimerExpires(turn: Turn, connection: AgreedConnection): void {
  sendNotification(turn, connection.id, SEND_HOLD_TIMER_EXPIRED);
  close(turn, connection.id, true);
  ended(turn, connection, notificationSent(SEND_HOLD_TIMER_EXPIRED));
  pauseAfter(turn, connection, 'IdleHoldTimer');
}

/** Events 10, 11, 12 and 29. */
function connectionTimersExpire(turn: Turn, connection: ConnectionState): void {
  const { nowMs, config } = turn;
  if (connection.stage === 'connecting') return;
  if (connection.stage === 'delaying') {
    if (due(connection.delayOpenAtMs, nowMs)) sendLocalOpen(turn, connection);
    return;
  }
  if (due(connection.holdAtMs, nowMs)) failWith(turn, connection, HOLD_TIMER_EXPIRED);
  else if (isAgreed(connection)) {
    if (due(sendHoldTimerOf(connection, config), nowMs)) sendHoldTimerExpires(turn, connection);
    else if (due(connection.keepaliveAtMs, nowMs)) {
      sendKeepalive(turn, connection);
      // From now, not from when it was due: after a stall they do not come in a burst.
      put(turn, { ...connection, keepaliveAtMs: keepaliveTimerOf(connection.session, nowMs, config) });
    }
  }
}

/** Event 9, ConnectRetryTimer_Expires: an attempt has taken too long, or the next one is due. */
function connectRetryTimerExpires(turn: Turn): void {
  const connecting = turn.peer.connections.find(({ stage }) => stage === 'connecting');
  if (connecting !== undefined) {
    close(turn, connecting.id, true);
    ended(turn, connecting, { type: 'connectTimedOut' });
    change(turn, { unansweredConnects: turn.peer.unansweredConnects + 1 });
  }
  beginConnect(turn);
}

/** Whatever timers are due. */
export function timersExpire(turn: Turn): void {
  const { connections, idleHoldAtMs, connectRetryAtMs } = turn.peer;
  for (const { id } of connections) {
    const connection = connectionOf(turn, id);
    if (connection !== undefined) connectionTimersExpire(turn, connection);
  }
  if (due(idleHoldAtMs, turn.nowMs)) {
    // Event 13, and then event 3, AutomaticStart.
    change(turn, { idleHoldAtMs: undefined });
    beginConnect(turn);
  } else if (due(connectRetryAtMs, turn.nowMs)) connectRetryTimerExpires(turn);
}
