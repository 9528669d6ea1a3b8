import type { NotificationMessage } from '../messages/message.ts';
import { notificationText } from '../messages/notification/notification-text.ts';
import type { ConnectionState, PeerFsmState } from './peer-state.ts';
import type { ConnectionId, PeerFsmConfig, PeerFsmEffect, SessionEnd } from './vocabulary.ts';

/** One step while it is taken: what all its parts have in common. */
export interface Turn {
  readonly nowMs: number;
  readonly config: PeerFsmConfig;
  /** Replaced, never changed in place. */
  peer: PeerFsmState;
  readonly effects: PeerFsmEffect[];
}

export function change(turn: Turn, changes: Partial<PeerFsmState>): void {
  turn.peer = { ...turn.peer, ...changes };
}

/** Puts a connection in the place of the one with its number, or at the end. */
export function put(turn: Turn, connection: ConnectionState): void {
  const { connections } = turn.peer;
  const known = connections.some(({ id }) => id === connection.id);
  change(turn, {
    connections: known
      ? connections.map((other) => (other.id === connection.id ? connection : other))
      : [...connections, connection],
  });
}

function drop(turn: Turn, connection: ConnectionState): void {
  change(turn, { connections: turn.peer.connections.filter(({ id }) => id !== connection.id) });
}

export function connectionOf(turn: Turn, id: ConnectionId): ConnectionState | undefined {
  return turn.peer.connections.find((connection) => connection.id === id);
}

export function sendKeepalive(turn: Turn, { id }: ConnectionState): void {
  turn.effects.push({ type: 'send', connection: id, message: { type: 'keepalive' } });
}

export function sendNotification(turn: Turn, connection: ConnectionId, message: NotificationMessage): void {
  turn.effects.push({ type: 'send', connection, message });
}

export function close(turn: Turn, connection: ConnectionId, abort: boolean): void {
  turn.effects.push({ type: 'close', connection, abort });
}

/**
 * Forgets a connection and tells how it ended. What is to be sent before was sent, and it is closed.
 *
 * Whether and when another is begun is not decided here.
 */
export function ended(turn: Turn, connection: ConnectionState, end: SessionEnd): void {
  drop(turn, connection);
  turn.effects.push(
    connection.stage === 'established'
      ? { type: 'sessionDown', connection: connection.id, end }
      : { type: 'attemptFailed', end },
  );
}

/** @param because - For people: more than the codes say. */
export function notificationSent(notification: NotificationMessage, because?: string): SessionEnd {
  const text = notificationText(notification);
  return { type: 'notificationSent', notification, text: because === undefined ? text : `${text}: ${because}` };
}
