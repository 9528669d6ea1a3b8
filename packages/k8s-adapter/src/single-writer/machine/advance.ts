import { NOBODY, podOf, type WriterRecord, withParticipant } from '../record.ts';
import { enter } from './apply-event.ts';
import { isVacant, mayWriteNow, successionDueAtMs } from './lease.ts';
import type { SingleWriterConfig, SingleWriterEffect, SingleWriterState, WritePurpose } from './state.ts';
import { strangersOf } from './strangers.ts';

const MAX_ATTEMPTS = 8;

/** The moment, and where effects are collected. */
export interface Advance {
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

export function listPods(state: SingleWriterState, { effects, nowMs }: Advance): SingleWriterState {
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

/** Does what is to be done as things are: it looks at the state alone, so nothing depends on which event came before. */
export function advance(state: SingleWriterState, at: Advance): SingleWriterState {
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
