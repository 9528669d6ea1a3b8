import type { BgpDecodeFailure } from '../messages/decode-failure.ts';
import type { BgpMessage, NotificationMessage } from '../messages/message.ts';
import { notificationText } from '../messages/notification/notification-text.ts';
import { callAgain, pauseAfter } from './damping.ts';
import { finiteStateMachineError, isCollision, notification } from './notifications.ts';
import { reduceCapabilities, refusesCapabilities } from './offered-capabilities.ts';
import { type ConnectionState, isAgreed } from './peer-state.ts';
import { close, ended, notificationSent, sendNotification, type Turn } from './turn.ts';

/** Tells the peer why, hangs up, and is Idle for a while. */
export function failWith(
  turn: Turn,
  connection: ConnectionState,
  message: NotificationMessage,
  because?: string,
): void {
  sendNotification(turn, connection.id, message);
  close(turn, connection.id, false);
  ended(turn, connection, notificationSent(message, because));
  pauseAfter(turn, connection, 'IdleHoldTimer');
}

/** Hangs up without a word: RFC 4271's "any other event" where no OPEN was sent, and section 6.4. */
function hangUp(turn: Turn, connection: ConnectionState, error: string): void {
  close(turn, connection.id, connection.stage === 'connecting');
  ended(turn, connection, { type: 'connectionClosed', beforeOpen: !isAgreed(connection), error });
  pauseAfter(turn, connection, 'IdleHoldTimer');
}

/** A message that the state has no use for: RFC 4271, section 6.6; RFC 6608. */
export function unexpectedMessage(turn: Turn, connection: ConnectionState, type: BgpMessage['type']): void {
  if (connection.stage === 'connecting' || connection.stage === 'delaying') {
    hangUp(turn, connection, `the peer sent ${type.toUpperCase()} instead of OPEN`);
  } else failWith(turn, connection, finiteStateMachineError(connection, type));
}

/** Events 24 and 25: the peer has hung up, and says why. It is not answered: RFC 4271, section 6.4. */
export function notificationReceived(turn: Turn, connection: ConnectionState, message: NotificationMessage): void {
  close(turn, connection.id, false);
  if (isCollision(message) && turn.peer.connections.length > 1) {
    ended(turn, connection, { type: 'collision' });
    callAgain(turn);
    return;
  }
  ended(turn, connection, { type: 'notificationReceived', notification: message, text: notificationText(message) });
  // RFC 4271 neither counts nor damps a version error; a peer that has another version today has it in a second, too.
  pauseAfter(turn, connection, 'IdleHoldTimer');
  const answersOpen = connection.stage === 'openSent' || connection.stage === 'openConfirm';
  if (answersOpen && refusesCapabilities(message)) reduceCapabilities(turn, connection.localOpen.capabilities);
}

/** What the octets that could not be read were meant to be, where the state has no use for any of its kind. */
function unexpectedKind({ stage }: ConnectionState, { errorCode }: BgpDecodeFailure): BgpMessage['type'] | undefined {
  if (errorCode === 2) return stage === 'established' ? 'open' : undefined;
  if (stage === 'established') return undefined;
  if (errorCode === 3) return 'update';
  return errorCode === 7 ? 'route-refresh' : undefined;
}

/**
 * Events 21, 22 and 28: octets that end the session.
 *
 * RFC 4271, section 8.2.2, has a Finite State Machine Error for event 21 in Established; section 6.1 has the header
 * error, which says more.
 */
export function messageFailed(turn: Turn, connection: ConnectionState, failure: BgpDecodeFailure): void {
  const unexpected = unexpectedKind(connection, failure);
  if (unexpected !== undefined) unexpectedMessage(turn, connection, unexpected);
  else if (failure.code === 'ERR_BGP_NOTIFICATION' || connection.stage === 'connecting') {
    hangUp(turn, connection, failure.message);
  } else {
    // In Connect and Active, too: RFC 4271, section 8.1.1, SendNOTIFICATIONwithoutOPEN.
    failWith(turn, connection, notification(failure.errorCode, failure.errorSubcode, failure.data), failure.message);
  }
}

/** Event 18: TCP was refused, or is gone. */
export function tcpFailed(
  turn: Turn,
  connection: ConnectionState,
  error: string | undefined,
  systemCode: string | undefined,
): void {
  const { stage, incoming } = connection;
  if (stage === 'connecting') {
    ended(turn, connection, {
      type: 'connectFailed',
      error: error ?? systemCode ?? 'the connection failed',
      systemCode,
    });
  } else {
    ended(turn, connection, {
      type: 'connectionClosed',
      beforeOpen: !isAgreed(connection),
      error: error ?? systemCode,
    });
  }
  const active = stage === 'connecting' || stage === 'openSent' || (stage === 'delaying' && !incoming);
  pauseAfter(turn, connection, active ? 'ConnectRetryTimer' : 'IdleHoldTimer');
}
