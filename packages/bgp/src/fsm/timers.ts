import { type AgreedConnection, type ConnectionState, isAgreed, type PeerFsmState } from './peer-state.ts';
import type { NegotiatedSession, PeerFsmConfig } from './vocabulary.ts';

/** RFC 4271, section 10: between three quarters and the whole, so that peers do not march in step. */
export function jittered(durationMs: number, config: PeerFsmConfig): number {
  return durationMs * (0.75 + 0.25 * config.random());
}

/** RFC 4271, section 4.4: KEEPALIVEs are at least one second apart. */
const MIN_KEEPALIVE_INTERVAL_MS = 1_000;

/** When HoldTimer expires, if something came at `nowMs`. */
export function holdTimerOf({ holdTimeSeconds }: NegotiatedSession, nowMs: number): number | undefined {
  return holdTimeSeconds === 0 ? undefined : nowMs + holdTimeSeconds * 1_000;
}

/** When KeepaliveTimer expires, if a KEEPALIVE was sent at `nowMs`. */
export function keepaliveTimerOf(
  { keepaliveTimeMs }: NegotiatedSession,
  nowMs: number,
  config: PeerFsmConfig,
): number | undefined {
  if (keepaliveTimeMs === 0) return undefined;
  return nowMs + Math.max(MIN_KEEPALIVE_INTERVAL_MS, jittered(keepaliveTimeMs, config));
}

/** RFC 9687, section 3.2 suggests the larger of eight minutes and twice the hold time. */
const MIN_DEFAULT_SEND_HOLD_TIME_MS = 480_000;

/** When SendHoldTimer expires: RFC 9687, section 3.1. It does not run with a hold time of 0. */
export function sendHoldTimerOf(connection: AgreedConnection, config: PeerFsmConfig): number | undefined {
  const { sendBlockedSinceMs, session } = connection;
  if (sendBlockedSinceMs === undefined || session.holdTimeSeconds === 0) return undefined;
  const sendHoldTimeMs =
    config.sendHoldTimeMs ?? Math.max(MIN_DEFAULT_SEND_HOLD_TIME_MS, session.holdTimeSeconds * 2_000);
  return sendBlockedSinceMs + sendHoldTimeMs;
}

function timersOf(connection: ConnectionState, config: PeerFsmConfig): readonly (number | undefined)[] {
  if (isAgreed(connection)) {
    return [connection.holdAtMs, connection.keepaliveAtMs, sendHoldTimerOf(connection, config)];
  }
  if (connection.stage === 'openSent') return [connection.holdAtMs];
  return connection.stage === 'delaying' ? [connection.delayOpenAtMs] : [];
}

/** When the first of all timers expires. */
export function firstTimer(peer: PeerFsmState, config: PeerFsmConfig): number | undefined {
  let first = Number.POSITIVE_INFINITY;
  const note = (atMs: number | undefined): void => {
    if (atMs !== undefined && atMs < first) first = atMs;
  };
  note(peer.connectRetryAtMs);
  note(peer.idleHoldAtMs);
  for (const connection of peer.connections) for (const atMs of timersOf(connection, config)) note(atMs);
  return first === Number.POSITIVE_INFINITY ? undefined : first;
}

/** Whether a timer runs and has expired. */
export function due(atMs: number | undefined, nowMs: number): boolean {
  return atMs !== undefined && atMs <= nowMs;
}
