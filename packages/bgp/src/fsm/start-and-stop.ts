import { beginConnect } from './begin-connection.ts';
import { countFailure, holdIdle } from './damping.ts';
import { cease } from './notifications.ts';
import { type PeerFsmState, stateOf } from './peer-state.ts';
import { change, close, ended, notificationSent, sendNotification, type Turn } from './turn.ts';
import type { PeerFsmConfig, SessionEnd, StopReason } from './vocabulary.ts';

function positive(value: number, name: keyof PeerFsmConfig): void {
  if (!(value > 0 && Number.isFinite(value))) throw new RangeError(`${name} is no positive number: ${value}`);
}

/**
 * A peer that is not started yet.
 *
 * @throws RangeError for a time that cannot be: with pauses of 0 ms the peer would be called without end.
 */
export function initialPeerFsm(config: PeerFsmConfig): PeerFsmState {
  const { holdTimeSeconds } = config;
  if (!Number.isInteger(holdTimeSeconds) || holdTimeSeconds < 0 || holdTimeSeconds > 65_535) {
    throw new RangeError(`holdTimeSeconds is no integer from 0 to 65535: ${holdTimeSeconds}`);
  }
  if (holdTimeSeconds === 1 || holdTimeSeconds === 2) {
    throw new RangeError(`holdTimeSeconds is neither 0 nor at least 3: ${holdTimeSeconds}`); // RFC 4271, section 4.2
  }
  positive(config.connectRetryTimeMs, 'connectRetryTimeMs');
  positive(config.idleHoldTimeMs, 'idleHoldTimeMs');
  positive(config.maxIdleHoldTimeMs, 'maxIdleHoldTimeMs');
  positive(config.openHoldTimeMs, 'openHoldTimeMs');
  return {
    started: false,
    connections: [],
    connectRetryAtMs: undefined,
    idleHoldAtMs: undefined,
    connectRetryCounter: 0,
    unansweredConnects: 0,
    incomingFromMs: Number.NEGATIVE_INFINITY,
    fewerCapabilities: undefined,
    nextConnection: 1,
    wakeAtMs: undefined,
  };
}

/** Event 1, ManualStart; 4 and 5 where the configuration says `passive`. The first attempt is made at once. */
export function manualStart(turn: Turn): void {
  if (turn.peer.started) return;
  change(turn, { started: true, connectRetryCounter: 0, unansweredConnects: 0 });
  change(turn, { incomingFromMs: Number.NEGATIVE_INFINITY });
  beginConnect(turn);
}

/** Ends all connections, and says so where TCP stands. RFC 4271 says nothing in Connect with the DelayOpenTimer running. */
function endAll(turn: Turn, reason: StopReason, end: SessionEnd): void {
  for (const connection of turn.peer.connections) {
    const connecting = connection.stage === 'connecting';
    if (!connecting) sendNotification(turn, connection.id, cease(reason));
    close(turn, connection.id, connecting);
    ended(turn, connection, end);
  }
}

/** Event 2, ManualStop. */
export function manualStop(turn: Turn, reason: StopReason): void {
  endAll(turn, reason, { type: 'stopped' });
  const counters = { connectRetryCounter: 0, unansweredConnects: 0 };
  change(turn, { ...counters, started: false, connectRetryAtMs: undefined, idleHoldAtMs: undefined });
}

/** Event 8, AutomaticStop. Event 3, AutomaticStart, follows by itself. */
export function automaticStop(turn: Turn, reason: StopReason): void {
  if (stateOf(turn.peer) === 'Idle') return;
  countFailure(
    turn,
    turn.peer.connections.find(({ stage }) => stage === 'established'),
  );
  endAll(turn, reason, notificationSent(cease(reason)));
  holdIdle(turn);
}
