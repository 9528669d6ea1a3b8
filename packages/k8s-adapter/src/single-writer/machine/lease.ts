import { durationMs, podOf } from '../record.ts';
import type { SingleWriterConfig, SingleWriterState } from './state.ts';

/**
 * Clocks of two machines run at rates that differ; ±5 % is far more than any that works. The holder counts on less than the
 * duration and the others wait for more: 0.9 / 0.95 < 1.05 / 1.05.
 */
const HOLDER_SHARE = 0.9;
export const OTHERS_SHARE = 1.05;
/** A look at the Pods older than this does not let a write leave. */
const MAX_PODS_AGE_MS = 10_000;

/** Until when a term that was sent at this time is counted on. */
export function leaseUntilMs(config: SingleWriterConfig, sentAtMs: number): number {
  return sentAtMs + config.leaseDurationSeconds * 1000 * HOLDER_SHARE;
}

/** Until when the last look at the Pods is good enough. */
function podsUntilMs({ pods }: SingleWriterState): number {
  return pods.off ? Number.POSITIVE_INFINITY : pods.listedAtMs + MAX_PODS_AGE_MS;
}

/** The last moment at which a write may leave; always passed where none may. */
export function writeUntilMs(state: SingleWriterState, config: SingleWriterConfig): number {
  if (state.phase !== 'holding') return Number.NEGATIVE_INFINITY;
  return Math.min(state.leaseUntilMs - config.requestTimeoutMs, podsUntilMs(state));
}

export function mayWriteNow(state: SingleWriterState, config: SingleWriterConfig, nowMs: number): boolean {
  return nowMs < writeUntilMs(state, config);
}

/** When a holder that has not renewed since it was first seen no longer writes, whatever its clock. */
function expiresAtMs(state: SingleWriterState): number {
  const { seen } = state;
  if (seen?.record === undefined) return Number.NEGATIVE_INFINITY;
  return seen.changedAtMs + durationMs(seen.record) * OTHERS_SHARE;
}

/** From when on a living holder must renew before it writes, whatever its clock: what is wanted before that it may do silently. */
export function mustRenewAtMs(state: SingleWriterState, config: SingleWriterConfig): number {
  const { seen } = state;
  if (seen?.record === undefined) return Number.NEGATIVE_INFINITY;
  return seen.changedAtMs + (durationMs(seen.record) * HOLDER_SHARE - config.requestTimeoutMs) * (1.05 / 0.95);
}

/** When one who stands by may have to act for a holder that is silent; never where nothing is wanted. */
export function successionDueAtMs(state: SingleWriterState, config: SingleWriterConfig): number {
  if (state.wantedAtMs === undefined) return Number.POSITIVE_INFINITY;
  return Math.max(expiresAtMs(state), state.wantedAtMs + config.graceMs);
}

/** Whether the record may be taken now. */
export function isVacant(state: SingleWriterState, config: SingleWriterConfig, nowMs: number): boolean {
  const { seen } = state;
  if (seen === undefined) return false;
  const holder = seen.record?.holder ?? '';
  if (holder === '') return nowMs >= state.vacantFromMs || state.lostHolder === state.goneHolder;
  if (holder === state.goneHolder) return true;
  // A Pod runs one container of a name at a time: what held the record under our Pod's name before us has ended. Whoever takes it
  // from us under our own name has not: then two processes were given one name, and must not take turns.
  if (!state.hasHeld && config.podName !== '' && podOf(holder) === config.podName && holder !== config.identity)
    return true;
  // Read after it was due, and still the same: the holder has not renewed although there was something to write.
  return state.readAskedAtMs >= successionDueAtMs(state, config);
}
