/** The object that an Event is about: `core/v1 ObjectReference`. */
export interface InvolvedObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
}

/** Something to be told to whoever asks `kubectl describe`. */
export interface EventNotice {
  readonly object: InvolvedObject;
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
}

/** An Event to be created, or one that exists to be counted up. */
type CorrelatedEvent =
  | { readonly verdict: 'dropped' }
  | { readonly verdict: 'create' | 'count'; readonly record: EventRecord };

/** One Event object on the API server, as we last left it. */
export interface EventRecord {
  readonly key: string;
  readonly name: string;
  readonly notice: EventNotice;
  readonly message: string;
  readonly count: number;
  readonly firstMs: number;
  readonly lastMs: number;
}

// client-go, tools/record/events_cache.go
const MAX_LRU_ENTRIES = 4096;
const SPAM_BURST = 25;
const SPAM_REFILL_MS = 300_000; // one token in five minutes
const MAX_SIMILAR = 10;
const SIMILAR_INTERVAL_MS = 600_000;
const AGGREGATE_PREFIX = '(combined from similar events): ';
const MAX_MESSAGE_LENGTH = 1024; // what events.k8s.io allows a note

/** A map that forgets what was longest not used. */
class LruMap<V> {
  readonly #entries = new Map<string, V>();

  get(key: string): V | undefined {
    const value = this.#entries.get(key);
    if (value !== undefined) this.set(key, value);
    return value;
  }

  set(key: string, value: V): void {
    this.#entries.delete(key);
    this.#entries.set(key, value);
    if (this.#entries.size <= MAX_LRU_ENTRIES) return;
    const [oldest] = this.#entries.keys();
    if (oldest !== undefined) this.#entries.delete(oldest);
  }

  delete(key: string): void {
    this.#entries.delete(key);
  }
}

interface Bucket {
  tokens: number;
  atMs: number;
}

interface Similar {
  readonly messages: Set<string>;
  lastMs: number;
}

export interface EventCorrelator {
  correlate(notice: EventNotice, nowMs: number): CorrelatedEvent;
  /** The Event could not be written, or has expired on the server: the next of its kind is created anew. */
  forget(record: EventRecord): void;
}

/**
 * Keeps Events from flooding, by client-go's rules: the same Event again is counted on the first; more than ten that differ
 * only in their message become one; an object gets 25 at once and then one in five minutes. Pure; memory is bounded.
 */
export function createEventCorrelator(): EventCorrelator {
  const buckets = new LruMap<Bucket>();
  const similar = new LruMap<Similar>();
  const records = new LruMap<EventRecord>();
  let serial = 0n;

  function isSpam(objectKey: string, nowMs: number): boolean {
    const bucket = buckets.get(objectKey) ?? { tokens: SPAM_BURST, atMs: nowMs };
    const refilled = Math.max(0, nowMs - bucket.atMs) / SPAM_REFILL_MS;
    bucket.tokens = Math.min(SPAM_BURST, bucket.tokens + refilled);
    bucket.atMs = nowMs;
    buckets.set(objectKey, bucket);
    if (bucket.tokens < 1) return true;
    bucket.tokens -= 1;
    return false;
  }

  /** More than ten different messages of one kind within ten minutes, each no longer apart than that. */
  function isCombined(kindKey: string, message: string, nowMs: number): boolean {
    const known = similar.get(kindKey);
    const entry =
      known !== undefined && nowMs - known.lastMs <= SIMILAR_INTERVAL_MS
        ? known
        : { messages: new Set<string>(), lastMs: nowMs };
    entry.lastMs = nowMs;
    if (entry.messages.size < MAX_SIMILAR) entry.messages.add(message);
    else if (!entry.messages.has(message)) {
      similar.set(kindKey, entry);
      return true;
    }
    similar.set(kindKey, entry);
    return false;
  }

  return {
    correlate(notice, nowMs) {
      const { object, type, reason } = notice;
      const objectKey = [object.apiVersion, object.kind, object.namespace, object.name, object.uid].join('\0');
      const kindKey = [objectKey, type, reason].join('\0');
      const text = notice.message.slice(0, MAX_MESSAGE_LENGTH);
      const combined = isCombined(kindKey, text, nowMs);
      if (isSpam(objectKey, nowMs)) return { verdict: 'dropped' };
      const key = combined ? kindKey : [kindKey, text].join('\0');
      const message = (combined ? AGGREGATE_PREFIX + text : text).slice(0, MAX_MESSAGE_LENGTH);
      const known = records.get(key);
      const record: EventRecord =
        known === undefined
          ? {
              key,
              // As client-go: the object's name and the time in nanoseconds, which a counter keeps apart.
              name: `${object.name}.${eventSuffix(nowMs)}`,
              notice,
              message,
              count: 1,
              firstMs: nowMs,
              lastMs: nowMs,
            }
          : { ...known, notice, message, count: known.count + 1, lastMs: nowMs };
      records.set(key, record);
      return { verdict: known === undefined ? 'create' : 'count', record };
    },
    forget: (record) => records.delete(record.key),
  };

  function eventSuffix(nowMs: number): string {
    serial = (serial + 1n) % 1_000n;
    return (BigInt(Math.floor(nowMs * 1_000)) * 1_000n + serial).toString(16);
  }
}
