import { durationMs, sameTerm, type WriterRecord } from '../record.ts';
import { leaseUntilMs, mustRenewAtMs, OTHERS_SHARE } from './lease.ts';
import type { Phase, SingleWriterConfig, SingleWriterEffect, SingleWriterEvent, SingleWriterState } from './state.ts';
import { hasCompanion, isListOld } from './strangers.ts';

function backOffMs(config: SingleWriterConfig, failures: number): number {
  return Math.min(config.retryMaxMs, config.retryMinMs * 2 ** Math.min(failures, 20));
}

/** Takes in what the record is now. */
function observe(
  state: SingleWriterState,
  config: SingleWriterConfig,
  record: WriterRecord | undefined,
  version: string | undefined,
  nowMs: number,
): SingleWriterState {
  const { seen } = state;
  if (seen !== undefined && sameTerm(seen.record, record)) {
    return { ...state, seen: { record, version, changedAtMs: seen.changedAtMs } };
  }
  const previous = seen?.record;
  // A record that somebody deleted: whoever held it may still count on it.
  const lost = record === undefined && previous !== undefined && !['', config.identity].includes(previous.holder);
  return {
    ...state,
    seen: { record, version, changedAtMs: nowMs },
    wantedAtMs: record?.holder === '' ? state.wantedAtMs : undefined,
    lostHolder: lost ? previous.holder : state.lostHolder,
    vacantFromMs: lost ? (seen?.changedAtMs ?? nowMs) + durationMs(previous) * OTHERS_SHARE : state.vacantFromMs,
  };
}

export function enter(state: SingleWriterState, phase: Phase): SingleWriterState {
  const hasHeld = state.hasHeld || phase === 'catchingUp';
  return { ...state, phase, renewWanted: false, wantedAtMs: undefined, catchingUp: false, hasHeld };
}

/** What the record says about ourselves. */
function judgeRecord(
  state: SingleWriterState,
  config: SingleWriterConfig,
  effects: SingleWriterEffect[],
): SingleWriterState {
  const record = state.seen?.record;
  const { phase } = state;
  if (record?.holder === config.identity) {
    const attempt = state.attempts.find(({ renewMicros }) => renewMicros === record.renewMicros);
    const until = attempt === undefined ? state.leaseUntilMs : leaseUntilMs(config, attempt.sentAtMs);
    const held = { ...state, leaseUntilMs: Math.max(state.leaseUntilMs, until) };
    // An attempt whose answer was lost has come to be.
    return phase === 'standby' ? enter(held, 'catchingUp') : held;
  }
  if (phase !== 'holding' && phase !== 'catchingUp') return state;
  const holder = record?.holder ?? '';
  effects.push({ type: 'stoodDown', because: holder === '' ? 'the record is gone' : `succeeded by ${holder}` });
  return { ...enter(state, 'standby'), leaseUntilMs: Number.NEGATIVE_INFINITY };
}

/** No term that was sent before now is counted on, whatever is still heard of it: when that was, no clock here knows any more. */
function withoutTerms({
  operation,
  attempts,
}: SingleWriterState): Pick<SingleWriterState, 'leaseUntilMs' | 'attempts' | 'operation'> {
  const sentAtMs = Number.NEGATIVE_INFINITY;
  return {
    leaseUntilMs: Number.NEGATIVE_INFINITY,
    attempts: attempts.map(({ renewMicros }) => ({ renewMicros, sentAtMs })),
    operation: operation?.kind === 'write' ? { ...operation, sentAtMs } : operation,
  };
}

/** What an event says, taken in; what is to be done about it, `advance` finds. */
export function applyEvent(
  state: SingleWriterState,
  event: SingleWriterEvent,
  config: SingleWriterConfig,
  effects: SingleWriterEffect[],
): SingleWriterState {
  const { nowMs } = event;
  switch (event.type) {
    case 'start':
    case 'tick':
      return state;
    case 'recordRead': {
      if (state.operation?.kind !== 'read') return state;
      const { askedAtMs } = state.operation;
      const read = {
        ...state,
        operation: undefined,
        mustRead: false,
        failures: 0,
        readAskedAtMs: askedAtMs,
        nextReadAtMs: nowMs + (state.phase === 'waiting' ? config.strangersPollMs : config.standbyPollMs),
      };
      return judgeRecord(observe(read, config, event.record, event.version, nowMs), config, effects);
    }
    case 'readFailed':
      if (state.operation?.kind !== 'read') return state;
      return {
        ...state,
        operation: undefined,
        failures: state.failures + 1,
        nextReadAtMs: nowMs + backOffMs(config, state.failures),
      };
    case 'written': {
      const { operation } = state;
      if (operation?.kind !== 'write') return state;
      const { purpose, record, sentAtMs } = operation;
      const done = observe({ ...state, operation: undefined, failures: 0 }, config, record, event.version, nowMs);
      if (purpose === 'release') return { ...done, phase: 'stopped' };
      if (purpose === 'register') return done;
      const held = { ...done, leaseUntilMs: leaseUntilMs(config, sentAtMs) };
      return purpose === 'acquire' && held.phase === 'standby' ? enter(held, 'catchingUp') : held;
    }
    case 'writeConflict':
    case 'writeFailed': {
      if (state.operation?.kind !== 'write') return state;
      const failures = event.type === 'writeFailed' ? state.failures + 1 : state.failures;
      const nextReadAtMs = event.type === 'writeFailed' ? nowMs + backOffMs(config, state.failures) : nowMs;
      return { ...state, operation: undefined, mustRead: true, failures, nextReadAtMs };
    }
    case 'podsListed':
    case 'podsUnknown':
    case 'podsForbidden': {
      const pods = { ...state.pods, listing: false, nextAtMs: nowMs + config.strangersPollMs };
      if (event.type === 'podsListed') {
        const listed = { ...state, pods: { ...pods, listedAtMs: nowMs, others: event.others } };
        if (state.phase !== 'holding' || state.wantedAtMs === undefined) return listed;
        return { ...listed, wantedAtMs: undefined, renewWanted: state.renewWanted || hasCompanion(listed, config) };
      }
      if (event.type === 'podsForbidden') return { ...state, pods: { ...pods, off: true, others: [] } };
      // Who holds the record does not stop for a list that fails; who starts waits for the next.
      return { ...state, pods: state.phase === 'holding' ? { ...pods, listedAtMs: nowMs } : pods };
    }
    case 'holderGone':
      return [state.seen?.record?.holder, state.lostHolder].includes(event.holder)
        ? { ...state, goneHolder: event.holder }
        : state;
    case 'wanted': {
      // To renew is how a holder shows that it lives, where somebody stands by who would act for it.
      if (state.phase === 'holding') {
        if (hasCompanion(state, config)) return { ...state, renewWanted: true };
        return isListOld(state, nowMs) ? { ...state, wantedAtMs: nowMs } : state; // see who is there first
      }
      if (state.phase !== 'standby') return state;
      const soonestMs = Math.max(nowMs, state.readAskedAtMs + config.minReadGapMs);
      return {
        ...state,
        wantedAtMs: state.wantedAtMs ?? (nowMs >= mustRenewAtMs(state, config) ? nowMs : undefined),
        nextReadAtMs: state.failures > 0 ? state.nextReadAtMs : Math.min(state.nextReadAtMs, soonestMs),
      };
    }
    case 'renew':
      return state.phase === 'holding' ? { ...state, renewWanted: true } : state;
    case 'writing':
      return state;
    case 'caughtUp':
      if (state.phase !== 'catchingUp' || !state.catchingUp) return state;
      effects.push({ type: 'tookOver', predecessor: state.predecessor });
      return enter(state, 'holding');
    case 'catchUpFailed':
      return { ...state, catchingUp: false, nextCatchUpAtMs: nowMs + config.retryMaxMs };
    case 'clockJumped':
      return { ...state, ...withoutTerms(state) };
    case 'release':
      return state.phase === 'stopped' ? state : enter(state, 'stopping');
  }
}
