import { type ConnectionState, isAgreed } from './peer-state.ts';
import { jittered } from './timers.ts';
import { change, type Turn } from './turn.ts';
import type { PeerFsmConfig } from './vocabulary.ts';

/** With a hold time of 0, a session has lasted after so long. */
const LASTING_WITHOUT_HOLD_TIME_MS = 90_000;
/** A pause is never shorter than this part of what it may be. */
const LEAST_PART = 0.25;

function doubled(firstMs: number, times: number, maxMs: number): number {
  return Math.min(firstMs * 2 ** Math.min(times, 30), maxMs);
}

/** IdleHoldTimer after the `count`th failure, from 1: doubled for each, anywhere in it but its first quarter. */
function idleHoldTimeMs(count: number, config: PeerFsmConfig): number {
  const longestMs = doubled(
    config.idleHoldTimeMs,
    count - 1,
    Math.max(config.idleHoldTimeMs, config.maxIdleHoldTimeMs),
  );
  return longestMs * (LEAST_PART + (1 - LEAST_PART) * config.random());
}

/** ConnectRetryTimer after the `count`th attempt that ended with TCP, from 1: a router that boots is found again soon. */
function connectRetryTimeMs(count: number, config: PeerFsmConfig): number {
  return jittered(doubled(config.idleHoldTimeMs, count - 1, config.connectRetryTimeMs), config);
}

/**
 * A session was established for as long as the own hold time: what follows is not an oscillation.
 *
 * The negotiated one would let the peer decide how often it is called.
 */
function lasted(connection: ConnectionState, nowMs: number): boolean {
  if (connection.stage !== 'established') return false;
  const { holdTimeSeconds } = connection.localOpen;
  const lastingMs = holdTimeSeconds === 0 ? LASTING_WITHOUT_HOLD_TIME_MS : holdTimeSeconds * 1_000;
  return nowMs - connection.sinceMs >= lastingMs;
}

/** Starts IdleHoldTimer; the peer is not called meanwhile. */
export function holdIdle(turn: Turn): void {
  const { connectRetryCounter } = turn.peer;
  const idleHoldAtMs = turn.nowMs + idleHoldTimeMs(Math.max(1, connectRetryCounter), turn.config);
  change(turn, { idleHoldAtMs, connectRetryAtMs: undefined });
}

/** RFC 4271's "increments the ConnectRetryCounter by 1"; from 0 where the session has lasted. */
export function countFailure(turn: Turn, failed: ConnectionState | undefined): void {
  const before = failed !== undefined && lasted(failed, turn.nowMs) ? 0 : turn.peer.connectRetryCounter;
  change(turn, { connectRetryCounter: before + 1 });
}

/**
 * Decides when the peer is called again after a connection has failed and is dropped: RFC 4271, section 8.1.1,
 * DampPeerOscillations, which leaves the method open.
 *
 * @param timer - ConnectRetryTimer where it was TCP that failed: the peer is then Active, and not longer than
 *   `connectRetryTimeMs`. RFC 4271 has Idle after an attempt that was refused; routers show Active, for it tells
 *   people where to look.
 */
export function pauseAfter(turn: Turn, failed: ConnectionState, timer: 'ConnectRetryTimer' | 'IdleHoldTimer'): void {
  const { config, nowMs } = turn;
  if (failed.incoming && !lasted(failed, nowMs)) change(turn, { incomingFromMs: nowMs + config.idleHoldTimeMs });
  // Whoever can connect from the peer's address and says nothing good must not keep us from calling the peer.
  if (failed.incoming && !isAgreed(failed) && !config.passive) return;
  if (timer === 'IdleHoldTimer') countFailure(turn, failed);
  else change(turn, { unansweredConnects: turn.peer.unansweredConnects + 1 });
  const { peer } = turn;
  if (!peer.started || peer.connections.some((other) => !other.incoming || isAgreed(other))) return;
  if (timer === 'IdleHoldTimer') holdIdle(turn);
  else if (!config.passive) {
    change(turn, { connectRetryAtMs: nowMs + connectRetryTimeMs(peer.unansweredConnects, config) });
  }
}

/**
 * After a connection went because another one stays: should that fail, too, somebody must call the peer.
 *
 * No failure is counted.
 */
export function callAgain(turn: Turn): void {
  const { peer, config, nowMs } = turn;
  if (config.passive || !peer.started || peer.idleHoldAtMs !== undefined || peer.connectRetryAtMs !== undefined) return;
  if (peer.connections.some((other) => !other.incoming || isAgreed(other))) return;
  change(turn, { connectRetryAtMs: nowMs + jittered(config.connectRetryTimeMs, config) });
}
