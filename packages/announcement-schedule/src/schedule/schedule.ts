import { append, type DueQueue, type DueRound, emptyQueue, prepend, unlink } from './due-queue.ts';

/** When an address is announced, and how fast all of them are. */
export interface AnnouncementConfig {
  /** Rounds per address; MetalLB sends 5. */
  readonly rounds: number;
  /** Between two rounds of an address; MetalLB's ticker has 1100 ms. */
  readonly roundIntervalMs: number;
  /** After the last round, an address is announced again and again with this interval; `undefined`: never. */
  readonly refreshIntervalMs: number | undefined;
  /** Of all addresses together, in the long run. */
  readonly maxRoundsPerSecond: number;
  /** How many may leave at once. */
  readonly maxBurstRounds: number;
}

/** MetalLB's schedule (`internal/layer2/announcer.go`), with a pace that takes 10,000 addresses through it in time. */
export const DEFAULT_ANNOUNCEMENT_CONFIG: AnnouncementConfig = {
  rounds: 5,
  roundIntervalMs: 1_100,
  refreshIntervalMs: undefined,
  maxRoundsPerSecond: 10_000,
  maxBurstRounds: 256,
};

/** @throws RangeError for a schedule by which nothing would ever be announced, or without a pause. */
export function checkAnnouncementConfig(config: AnnouncementConfig): void {
  const { rounds, roundIntervalMs, refreshIntervalMs = 1, maxRoundsPerSecond, maxBurstRounds } = config;
  if (!(Number.isInteger(rounds) && rounds >= 1)) throw new RangeError(`rounds is at least 1, got ${rounds}`);
  for (const [name, value] of Object.entries({ roundIntervalMs, refreshIntervalMs, maxBurstRounds })) {
    if (!(value >= 1 && value < Number.POSITIVE_INFINITY)) throw new RangeError(`${name} is at least 1, got ${value}`);
  }
  if (!(maxRoundsPerSecond > 0 && maxRoundsPerSecond < Number.POSITIVE_INFINITY)) {
    throw new RangeError(`maxRoundsPerSecond is more than 0, got ${maxRoundsPerSecond}`);
  }
}

/** What can happen to a schedule. An address is whatever a `Map` takes for a key: a number, a text, an object. */
export type AnnouncementEvent<Key = number> =
  | { readonly type: 'own'; readonly address: Key; readonly nowMs: number }
  | { readonly type: 'disown'; readonly address: Key }
  /** The interface can send (again), or its MAC is another: every address from its first round on. */
  | { readonly type: 'interfaceReady'; readonly nowMs: number }
  /** Nothing can be sent until `interfaceReady`. */
  | { readonly type: 'interfaceLost' }
  /** The time of `wakeAt` has come. An early one is no error. */
  | { readonly type: 'wake'; readonly nowMs: number }
  /** The kernel's buffer was full at this address: its round and `later` ones of the same step did not leave. */
  | { readonly type: 'sendRefused'; readonly addresses: readonly Key[]; readonly nowMs: number }
  | { readonly type: 'sendPossible'; readonly nowMs: number };

/** What the caller must now do, in this order. */
export type AnnouncementEffect<Key = number> =
  /** Send all the frames of a round; `round` counts from 1. */
  | { readonly type: 'announce'; readonly address: Key; readonly round: number }
  /** Give a `wake` then; it replaces an earlier wish. `undefined`: none is needed. */
  | { readonly type: 'wakeAt'; readonly atMs: number | undefined };

/** Consumed by each step: only `stepAnnouncements` may touch it. */
export interface AnnouncementState<Key = number> {
  readonly entries: Map<Key, DueRound<Key>>;
  /** By precedence: an address nobody knows of yet goes before one that is repeated. */
  readonly queues: Readonly<Record<'first' | 'repeat' | 'refresh', DueQueue<Key>>>;
  /** A token bucket; a token is a round. */
  tokens: number;
  refilledAtMs: number;
  ready: boolean;
  refused: boolean;
}

export interface AnnouncementStep<Key = number> {
  readonly state: AnnouncementState<Key>;
  readonly effects: readonly AnnouncementEffect<Key>[];
}

/** A schedule with no address, for an interface that is not ready yet. */
export function initialAnnouncementState<Key = number>(): AnnouncementState<Key> {
  return {
    entries: new Map(),
    queues: { first: emptyQueue(), repeat: emptyQueue(), refresh: emptyQueue() },
    tokens: 0,
    refilledAtMs: Number.NEGATIVE_INFINITY,
    ready: false,
    refused: false,
  };
}

/**
 * Moves the schedule on. Every event costs O(1) and the rounds that leave, but for `interfaceReady`, which is a pass
 * over all addresses.
 */
export function stepAnnouncements<Key>(
  state: AnnouncementState<Key>,
  event: AnnouncementEvent<Key>,
  config: AnnouncementConfig,
): AnnouncementStep<Key> {
  switch (event.type) {
    case 'own':
      if (!state.entries.has(event.address)) {
        const entry = newEntry(event.address, event.nowMs);
        state.entries.set(event.address, entry);
        append(state.queues.first, entry);
      }
      return send(state, event.nowMs, config);
    case 'disown': {
      const entry = state.entries.get(event.address);
      if (entry !== undefined) unlink(entry);
      state.entries.delete(event.address);
      return { state, effects: [] }; // a wake for it alone does no harm
    }
    case 'interfaceReady':
      state.ready = true;
      state.refused = false;
      for (const entry of state.entries.values()) {
        unlink(entry);
        entry.round = 0;
        entry.dueMs = event.nowMs;
        append(state.queues.first, entry);
      }
      return send(state, event.nowMs, config);
    case 'interfaceLost':
      state.ready = false;
      return { state, effects: [{ type: 'wakeAt', atMs: undefined }] };
    case 'wake':
      return send(state, event.nowMs, config);
    case 'sendRefused':
      state.refused = true;
      for (const address of event.addresses.toReversed()) takeBack(state, address, event.nowMs);
      return { state, effects: [{ type: 'wakeAt', atMs: undefined }] };
    case 'sendPossible':
      state.refused = false;
      return send(state, event.nowMs, config);
  }
}

function newEntry<Key>(address: Key, dueMs: number): DueRound<Key> {
  return { address, round: 0, dueMs, queue: undefined, previous: undefined, next: undefined };
}

function refill<Key>(state: AnnouncementState<Key>, nowMs: number, config: AnnouncementConfig): void {
  // A clock that goes backwards earns nothing; the first call finds the bucket full.
  const elapsedMs = Math.max(0, nowMs - state.refilledAtMs);
  state.tokens = Math.min(config.maxBurstRounds, state.tokens + (elapsedMs * config.maxRoundsPerSecond) / 1_000);
  state.refilledAtMs = nowMs;
}

/** Lets everything leave that is due and that the pace allows. */
function send<Key>(state: AnnouncementState<Key>, nowMs: number, config: AnnouncementConfig): AnnouncementStep<Key> {
  if (!state.ready || state.refused) return { state, effects: [] };
  refill(state, nowMs, config);
  const effects: AnnouncementEffect<Key>[] = [];
  while (state.tokens >= 1) {
    const entry = nextDue(state, nowMs);
    if (entry === undefined) break;
    state.tokens -= 1;
    entry.round += 1;
    unlink(entry);
    enqueueNextRound(state, entry, nowMs, config);
    effects.push({ type: 'announce', address: entry.address, round: entry.round });
  }
  effects.push({ type: 'wakeAt', atMs: wakeTime(state, nowMs, config) });
  return { state, effects };
}

function nextDue<Key>({ queues }: AnnouncementState<Key>, nowMs: number): DueRound<Key> | undefined {
  for (const queue of [queues.first, queues.repeat, queues.refresh]) {
    if (queue.head !== undefined && queue.head.dueMs <= nowMs) return queue.head;
  }
  return undefined;
}

/** Counted from when the last round left, not from when it was due: a late round must not pull the next one close. */
function enqueueNextRound<Key>(
  state: AnnouncementState<Key>,
  entry: DueRound<Key>,
  nowMs: number,
  { rounds, roundIntervalMs, refreshIntervalMs }: AnnouncementConfig,
): void {
  if (entry.round < rounds) {
    entry.dueMs = nowMs + roundIntervalMs;
    append(state.queues.repeat, entry);
  } else if (refreshIntervalMs !== undefined) {
    entry.dueMs = nowMs + refreshIntervalMs;
    append(state.queues.refresh, entry);
  }
}

/** A round that did not leave is due again, before all others. */
function takeBack<Key>(state: AnnouncementState<Key>, address: Key, nowMs: number): void {
  const entry = state.entries.get(address);
  if (entry === undefined || entry.round === 0) return;
  unlink(entry);
  entry.round -= 1;
  entry.dueMs = nowMs;
  state.tokens += 1;
  prepend(entry.round === 0 ? state.queues.first : state.queues.repeat, entry);
}

function wakeTime<Key>(state: AnnouncementState<Key>, nowMs: number, config: AnnouncementConfig): number | undefined {
  const { first, repeat, refresh } = state.queues;
  let dueMs = Number.POSITIVE_INFINITY;
  for (const queue of [first, repeat, refresh]) {
    if (queue.head !== undefined && queue.head.dueMs < dueMs) dueMs = queue.head.dueMs;
  }
  if (dueMs === Number.POSITIVE_INFINITY) return undefined;
  if (dueMs > nowMs || state.tokens >= 1) return dueMs;
  // Whole milliseconds, as timers have: a fraction that vanishes in rounding would wake it for ever at the same time.
  return nowMs + Math.ceil(((1 - state.tokens) * 1_000) / config.maxRoundsPerSecond);
}
