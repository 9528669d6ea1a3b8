import { connectionAcked, connectionConfirmed } from './begin-connection.ts';
import { timersExpire } from './expire-timers.ts';
import { messageFailed, tcpFailed } from './fail-connection.ts';
import { type ConnectionState, type PeerFsmState, stateOf } from './peer-state.ts';
import { messageReceived } from './receive-message.ts';
import { automaticStop, initialPeerFsm, manualStart, manualStop } from './start-and-stop.ts';
import { firstTimer } from './timers.ts';
import { connectionOf, put, type Turn } from './turn.ts';
import type { PeerFsmConfig, PeerFsmEffect, PeerFsmEvent } from './vocabulary.ts';

export { initialPeerFsm, type PeerFsmState, stateOf };

/** What a step has made of a peer. */
export interface PeerFsmStep {
  readonly state: PeerFsmState;
  /** To be carried out in this order. */
  readonly effects: readonly PeerFsmEffect[];
}

/** RFC 9687's SendHoldTimer starts, or stops. */
function sendBlocked(turn: Turn, connection: ConnectionState, sinceMs: number | undefined): void {
  if (connection.stage === 'connecting') return;
  const running = connection.sendBlockedSinceMs !== undefined;
  if (running !== (sinceMs !== undefined)) put(turn, { ...connection, sendBlockedSinceMs: sinceMs });
}

/** An event of one connection. One that was closed has none any more: what is still on its way is let go. */
function connectionEvent(turn: Turn, event: Extract<PeerFsmEvent, { readonly connection: number }>): void {
  const connection = connectionOf(turn, event.connection);
  if (connection === undefined) {
    if (event.type === 'TcpConnectionConfirmed') connectionConfirmed(turn, event.connection);
    return;
  }
  switch (event.type) {
    case 'TcpConnectionConfirmed':
      throw new RangeError(`there is a connection ${event.connection} already`);
    case 'TcpConnectionAcked':
      if (connection.stage === 'connecting') connectionAcked(turn, event.connection);
      return;
    case 'TcpConnectionFails':
      tcpFailed(turn, connection, event.error, event.systemCode);
      return;
    case 'MessageReceived':
      messageReceived(turn, connection, event.message);
      return;
    case 'MessageFailed':
      messageFailed(turn, connection, event.failure);
      return;
    case 'SendBlocked':
      sendBlocked(turn, connection, event.nowMs);
      return;
    case 'SendProgress':
      sendBlocked(turn, connection, undefined);
  }
}

function take(turn: Turn, event: PeerFsmEvent): void {
  switch (event.type) {
    case 'ManualStart':
      manualStart(turn);
      return;
    case 'ManualStop':
      manualStop(turn, event.reason);
      return;
    case 'AutomaticStop':
      automaticStop(turn, event.reason);
      return;
    case 'TimerExpires':
      timersExpire(turn);
      return;
    default:
      connectionEvent(turn, event);
  }
}

/**
 * The state machine of one peer: RFC 4271, section 8.
 *
 * It has one of the RFC's machines for each connection, and resolves collisions between them. The numbers of the RFC's
 * events are at `PeerFsmEvent`; how each state takes each of them is the table in the tests. Where it is not the RFC's letter,
 * the line says why.
 *
 * @param config - May be another one than before: what it changes shows with the next OPEN, timer or connection.
 * @throws RangeError for a new connection that has the number of one that stands.
 */
export function stepPeerFsm(state: PeerFsmState, event: PeerFsmEvent, config: PeerFsmConfig): PeerFsmStep {
  const turn: Turn = { nowMs: event.nowMs, config, peer: state, effects: [] };
  take(turn, event);
  const { peer, effects } = turn;
  if (peer === state) return { state, effects };
  const from = stateOf(state);
  const to = stateOf(peer);
  if (from !== to) effects.push({ type: 'stateChanged', from, to });
  return { state: { ...peer, wakeAtMs: firstTimer(peer, config) }, effects };
}
