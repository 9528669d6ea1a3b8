import { isVacant, leaseUntilMs, mayWriteNow, mustRenewAtMs, successionDueAtMs } from './lease.ts';
import { durationMs, NOBODY, podOf, sameTerm, type WriterRecord, withParticipant } from './record.ts';
import type {
  Phase,
  SingleWriterConfig,
  SingleWriterEffect,
  SingleWriterEvent,
  SingleWriterState,
  SingleWriterStep,
  WritePurpose,
} from './state.ts';
import { hasCompanion, isListOld, strangersOf } from './strangers.ts';

const MAX_ATTEMPTS = 8;
const OTHERS_SHARE = 1.05;

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

function enter(state: SingleWriterState, phase: Phase): SingleWriterState {
  return { ...state, phase, renewWanted: false, wantedAtMs: undefined, catchingUp: false };
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

function apply(
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
      return { ...state, leaseUntilMs: Number.NEGATIVE_INFINITY };
    case 'release':
      return state.phase === 'stopped' ? state : enter(state, 'stopping');
  }
}

interface Advance {
  readonly config: SingleWriterConfig;
  readonly nowMs: number;
  readonly wallMs: number;
  readonly effects: SingleWriterEffect[];
}

function read(state: SingleWriterState, { nowMs, effects }: Advance): SingleWriterState {
  effects.push({ type: 'read' });
  return { ...state, operation: { kind: 'read', askedAtMs: nowMs } };
}

function write(
  state: SingleWriterState,
  purpose: WritePurpose,
  record: WriterRecord,
  { nowMs, effects }: Advance,
): SingleWriterState {
  effects.push({ type: 'write', purpose, record, version: state.seen?.version });
  const attempts =
    purpose === 'acquire' || purpose === 'renew'
      ? [...state.attempts, { renewMicros: record.renewMicros, sentAtMs: nowMs }].slice(-MAX_ATTEMPTS)
      : state.attempts;
  return { ...state, attempts, operation: { kind: 'write', purpose, record, sentAtMs: nowMs } };
}

/** The record with ourselves as its holder from now on; each differs from all before, also where the calendar goes back. */
function ownTerm(state: SingleWriterState, { config, wallMs }: Advance): WriterRecord {
  const record = state.seen?.record ?? NOBODY;
  const newestMicros = Math.max(record.renewMicros, ...state.attempts.map(({ renewMicros }) => renewMicros));
  const renewMicros = Math.max(Math.floor(wallMs * 1000), newestMicros + 1);
  const again = record.holder === config.identity;
  return {
    holder: config.identity,
    renewMicros,
    acquireMicros: again ? record.acquireMicros : renewMicros,
    leaseDurationSeconds: config.leaseDurationSeconds,
    transitions: record.transitions + (again || record.transitions === Number.MAX_SAFE_INTEGER ? 0 : 1),
    // The one before, too: it may be about to find out.
    participants: withParticipant(withParticipant(record.participants, podOf(record.holder) ?? ''), config.podName),
  };
}

function listPods(state: SingleWriterState, { effects, nowMs }: Advance): SingleWriterState {
  if (state.pods.off || state.pods.listing || nowMs < state.pods.nextAtMs) return state;
  effects.push({ type: 'listPods' });
  return { ...state, pods: { ...state.pods, listing: true } };
}

/** That we keep to the record, for those who look for strangers. */
function register(state: SingleWriterState, at: Advance): SingleWriterState {
  const record = state.seen?.record ?? { ...NOBODY, leaseDurationSeconds: at.config.leaseDurationSeconds };
  const { podName } = at.config;
  if (podName === '' || record.participants.includes(podName)) return state;
  return write(state, 'register', { ...record, participants: withParticipant(record.participants, podName) }, at);
}

function beforeContending(state: SingleWriterState, at: Advance): SingleWriterState {
  const { config, nowMs, effects } = at;
  const { pods, seen } = state;
  const isDue = state.mustRead || seen === undefined || state.phase === 'waiting';
  let next = listPods(state, at);
  if (next.operation === undefined && isDue && nowMs >= next.nextReadAtMs) next = read(next, at);
  if (seen === undefined || next.operation !== undefined) return next;
  const waitUntilMs = Math.min(state.waitUntilMs, state.startedAtMs + config.strangersMaxMs);
  const late = nowMs >= (state.phase === 'waiting' ? state.waitUntilMs : waitUntilMs);
  const known = pods.off || pods.listedAtMs >= state.startedAtMs;
  const strangers = strangersOf(state, config, false);
  if (known && strangers.length === 0) return contend(enter(next, 'standby'), at);
  if (late) {
    effects.push({ type: 'strangers', pods: strangers, waiting: false });
    const tolerated = [...new Set([...pods.tolerated, ...strangers])].slice(-64);
    return contend(enter({ ...next, pods: { ...next.pods, tolerated } }, 'standby'), at);
  }
  if (!known) return next;
  if (state.phase === 'starting') {
    effects.push({ type: 'strangers', pods: strangers, waiting: true });
    next = { ...enter(next, 'waiting'), waitUntilMs, nextReadAtMs: nowMs + config.strangersPollMs };
  }
  return register(next, at);
}

function contend(state: SingleWriterState, at: Advance): SingleWriterState {
  const { config, nowMs, effects } = at;
  if (state.operation !== undefined) return state;
  if (state.mustRead) return nowMs >= state.nextReadAtMs ? read(state, at) : state;
  const holder = state.seen?.record?.holder ?? '';
  if (holder === config.identity) return catchUp(enter(state, 'catchingUp'), at);
  if (isVacant(state, config, nowMs)) {
    return write({ ...state, predecessor: holder }, 'acquire', ownTerm(state, at), at);
  }
  const dueAtMs = successionDueAtMs(state, config);
  if (nowMs >= state.nextReadAtMs || (nowMs >= dueAtMs && state.failures === 0)) {
    const asked = holder === '' ? state.lostHolder : holder;
    const podName = podOf(asked);
    if (podName !== undefined) effects.push({ type: 'readHolderPod', holder: asked, podName });
    return read(state, at);
  }
  return register(state, at);
}

function catchUp(state: SingleWriterState, { nowMs, effects }: Advance): SingleWriterState {
  if (state.catchingUp || nowMs < state.nextCatchUpAtMs) return state;
  effects.push({ type: 'catchUp' });
  return { ...state, catchingUp: true };
}

function hold(state: SingleWriterState, at: Advance): SingleWriterState {
  const { config, nowMs, effects } = at;
  const strangers = strangersOf(state, config, true);
  if (strangers.length > 0) {
    effects.push({ type: 'stoodDown', because: `controllers that know no record are alive: ${strangers.join(', ')}` });
    effects.push({ type: 'strangers', pods: strangers, waiting: true });
    return { ...enter(state, 'waiting'), waitUntilMs: nowMs + config.strangersMaxMs, nextReadAtMs: nowMs };
  }
  if (mayWriteNow(state, config, nowMs)) return { ...state, renewWanted: false };
  const next = state.renewWanted || state.wantedAtMs !== undefined ? listPods(state, at) : state;
  if (!state.renewWanted) return next;
  if (next.operation !== undefined) return next;
  if (next.mustRead) return nowMs >= next.nextReadAtMs ? read(next, at) : next;
  if (nowMs < next.leaseUntilMs - config.requestTimeoutMs) return next; // only the look at the Pods is missing
  if (nowMs < next.nextReadAtMs && next.failures > 0) return next;
  return write(next, 'renew', ownTerm(next, at), at);
}

function letGo(state: SingleWriterState, at: Advance): SingleWriterState {
  if (state.operation !== undefined) return state;
  if (state.mustRead) return at.nowMs >= state.nextReadAtMs ? read(state, at) : state;
  const record = state.seen?.record;
  if (record?.holder !== at.config.identity) return { ...state, phase: 'stopped' };
  return write(state, 'release', { ...record, holder: '', renewMicros: record.renewMicros + 1 }, at);
}

function advance(state: SingleWriterState, at: Advance): SingleWriterState {
  switch (state.phase) {
    case 'starting':
    case 'waiting':
      return beforeContending(state, at);
    case 'standby':
      return contend(state, at);
    case 'catchingUp':
      if (state.operation === undefined && state.mustRead && at.nowMs >= state.nextReadAtMs) return read(state, at);
      return catchUp(state, at);
    case 'holding':
      return hold(state, at);
    case 'stopping':
      return letGo(state, at);
    case 'stopped':
      return state;
  }
}

/**
 * One of several processes that share a record: which of them may write, without a write while there is nothing to do.
 *
 * The rules:
 * - The record is changed by compare-and-swap alone. A renewal that succeeds proves that nobody else held it in between.
 * - A holder counts its lease from before the renewal left; the others count from when they first saw it, and wait for more.
 * - What became of a write without an answer, or refused, is found out by reading: an answer can be lost, and the second try
 *   of a write that came through the first time is refused.
 */
export function step(state: SingleWriterState, event: SingleWriterEvent, config: SingleWriterConfig): SingleWriterStep {
  const effects: SingleWriterEffect[] = [];
  const at: Advance = { config, nowMs: event.nowMs, wallMs: event.wallMs, effects };
  let next = apply(state, event, config, effects);
  if (event.type === 'writing') next = listPods(next, at);
  return { state: advance(next, at), effects };
}

/** When `step` wants a tick; infinite where only an answer or a request will bring something new. */
export function wakeAtMs(state: SingleWriterState, config: SingleWriterConfig): number {
  const { phase, pods } = state;
  const never = Number.POSITIVE_INFINITY;
  const idle = state.operation === undefined;
  const podsAtMs = pods.off || pods.listing ? never : pods.nextAtMs;
  switch (phase) {
    case 'starting':
      return Math.min(
        idle && (state.seen === undefined || state.mustRead) ? state.nextReadAtMs : never,
        podsAtMs,
        state.startedAtMs + config.strangersMaxMs,
      );
    case 'waiting':
      return Math.min(idle ? state.nextReadAtMs : never, podsAtMs, state.waitUntilMs);
    case 'standby': {
      if (!idle) return never;
      if (state.mustRead) return state.nextReadAtMs;
      const vacantMs = (state.seen?.record?.holder ?? '') === '' ? state.vacantFromMs : never;
      return Math.min(state.nextReadAtMs, vacantMs, state.failures > 0 ? never : successionDueAtMs(state, config));
    }
    case 'catchingUp':
      if (idle && state.mustRead) return state.nextReadAtMs;
      return state.catchingUp ? never : state.nextCatchUpAtMs;
    case 'holding':
      if (!state.renewWanted) return never;
      return Math.min(idle && (state.mustRead || state.failures > 0) ? state.nextReadAtMs : never, podsAtMs);
    case 'stopping':
      return idle ? state.nextReadAtMs : never;
    case 'stopped':
      return never;
  }
}
