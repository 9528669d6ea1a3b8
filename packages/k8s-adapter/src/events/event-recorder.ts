import { ApiError } from '../client/api-error.ts';
import type { KubeClient } from '../client/kube-client.ts';
import type { AdapterLogger } from '../logger.ts';
import { createWorkQueue } from '../work-queue/work-queue.ts';
import { createEventCorrelator, type EventNotice, type EventRecord } from './event-correlator.ts';

export interface EventRecorderOptions {
  readonly client: KubeClient;
  /** `metallb-controller` or `metallb-speaker`. */
  readonly component: string;
  /** The node, for a speaker. */
  readonly host?: string;
  readonly logger: AdapterLogger;
  /** Events that wait to be sent; more are dropped and counted. */
  readonly maxQueued?: number;
  readonly nowMs?: () => number;
}

export interface EventRecorder {
  /** Queues an Event; never waits and never throws for what the API server does. */
  record(notice: EventNotice): void;
  readonly statistics: {
    /** Creations and counts that the API server took. Repetitions that came while one waited are one write. */
    readonly written: number;
    /** For want of room in the queue. */
    readonly dropped: number;
    /** By the rules against floods. */
    readonly suppressed: number;
    readonly failed: number;
  };
  /** Resolves when nothing waits, or after the deadline: true if nothing waits. */
  flush(deadlineMs: number): Promise<boolean>;
}

const DEFAULT_MAX_QUEUED = 8192;
const SENDERS = 4;
const REQUEST_TIMEOUT_MS = 10_000;
// client-go tries twelve times, ten seconds apart (tools/record/event.go); here the first tries come sooner.
const MAX_TRIES = 12;
const RETRY_MIN_MS = 500;
const RETRY_MAX_MS = 10_000;
/** A missing permission refuses every Event: the log says it once in a while. */
const WARNING_INTERVAL_MS = 60_000;

/** An Event that the API server does not have in its latest form. */
interface PendingEvent {
  latest: EventRecord;
  /** Whether the API server has it in an earlier form: then it is patched. */
  exists: boolean;
  tries: number;
}

function rfc3339(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d{3}Z$/, 'Z'); // metav1.Time has whole seconds
}

/** An Event lives in its object's namespace; that of a cluster-wide object in `default`. */
function namespaceOf(record: EventRecord): string {
  return record.notice.object.namespace || 'default';
}

function codeOf(error: unknown): ApiError['code'] | undefined {
  return error instanceof ApiError ? error.code : undefined;
}

/** Whether the same request may succeed later: nobody answered, or the server was not able to. */
function isTemporary(error: unknown): boolean {
  if (!(error instanceof ApiError) || error.code === 'ERR_K8S_ABORTED') return false;
  return error.httpStatus === undefined || error.httpStatus === 429 || error.httpStatus >= 500;
}

/** Writes core/v1 Events with the verbs MetalLB's role has (create, patch), behind everything else. */
export function createEventRecorder(options: EventRecorderOptions): EventRecorder {
  const { client, component, host, logger, maxQueued = DEFAULT_MAX_QUEUED } = options;
  const nowMs = options.nowMs ?? ((): number => performance.timeOrigin + performance.now());
  const correlator = createEventCorrelator();
  const pending = new Map<string, PendingEvent>(); // by the Event's name
  const statistics = { written: 0, dropped: 0, suppressed: 0, failed: 0 };
  let warnedAtMs = Number.NEGATIVE_INFINITY;
  let onEmpty: (() => void)[] = [];

  // Keyed by name, so that a count never overtakes the creation it counts on.
  const queue = createWorkQueue({
    process: send,
    workers: SENDERS,
    minBackOffMs: RETRY_MIN_MS,
    maxBackOffMs: RETRY_MAX_MS,
    timers: {
      set: (callback, delayMs) => setTimeout(callback, delayMs).unref(),
      clear: (timer) => clearTimeout(timer as NodeJS.Timeout),
    },
  });

  function eventObject(record: EventRecord): object {
    return {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: record.name, namespace: namespaceOf(record) },
      involvedObject: record.notice.object,
      reason: record.notice.reason,
      message: record.message,
      type: record.notice.type,
      source: host === undefined ? { component } : { component, host },
      reportingComponent: component,
      reportingInstance: host ?? '',
      firstTimestamp: rfc3339(record.firstMs),
      lastTimestamp: rfc3339(record.lastMs),
      count: record.count,
    };
  }

  async function write(event: PendingEvent): Promise<void> {
    const record = event.latest;
    const collection = `/api/v1/namespaces/${encodeURIComponent(namespaceOf(record))}/events`;
    const timeoutMs = REQUEST_TIMEOUT_MS;
    if (!event.exists) {
      try {
        await client.request('POST', collection, { body: eventObject(record), timeoutMs });
        return;
      } catch (error) {
        // Written by a try of which the answer was lost: the patch below says the latest.
        if (codeOf(error) !== 'ERR_K8S_ALREADY_EXISTS') throw error;
      }
    }
    const body = { count: record.count, message: record.message, lastTimestamp: rfc3339(record.lastMs) };
    try {
      await client.request('PATCH', `${collection}/${encodeURIComponent(record.name)}`, { body, timeoutMs });
    } catch (error) {
      // The server forgets Events after an hour: then this one begins again.
      if (codeOf(error) !== 'ERR_K8S_NOT_FOUND') throw error;
      await client.request('POST', collection, { body: eventObject(record), timeoutMs });
    }
  }

  async function send(name: string): Promise<void> {
    const event = pending.get(name);
    if (event === undefined) return;
    const { latest } = event;
    try {
      await write(event);
    } catch (error) {
      if (isTemporary(error) && ++event.tries < MAX_TRIES) throw error; // the queue tries again
      giveUp(event, error);
      return;
    }
    statistics.written++;
    event.exists = true;
    event.tries = 0;
    if (event.latest === latest) settle(name); // else it was queued again
  }

  function giveUp({ latest }: PendingEvent, error: unknown): void {
    statistics.failed++;
    correlator.forget(latest);
    settle(latest.name);
    const now = nowMs();
    if (now - warnedAtMs < WARNING_INTERVAL_MS) return;
    warnedAtMs = now;
    const { object, reason } = latest.notice;
    const service = `${object.namespace}/${object.name}`;
    logger.warn({ op: 'recordEvent', service, reason, error, failed: statistics.failed }, 'Event could not be written');
  }

  function settle(name: string): void {
    pending.delete(name);
    if (pending.size > 0) return;
    for (const resolve of onEmpty) resolve();
    onEmpty = [];
  }

  return {
    record(notice) {
      if (pending.size >= maxQueued) {
        statistics.dropped++;
        return;
      }
      const correlated = correlator.correlate(notice, nowMs());
      if (correlated.verdict === 'dropped') {
        statistics.suppressed++;
        return;
      }
      const { record, verdict } = correlated;
      const waiting = pending.get(record.name);
      if (waiting === undefined) pending.set(record.name, { latest: record, exists: verdict === 'count', tries: 0 });
      else waiting.latest = record;
      // After the turn: what the Event tells of (the status) leaves first.
      setImmediate(() => queue.add(record.name));
    },
    statistics,
    async flush(deadlineMs) {
      if (pending.size === 0) return true;
      let timer: NodeJS.Timeout | undefined;
      const empty = new Promise<boolean>((resolve) => onEmpty.push(() => resolve(true)));
      const late = new Promise<boolean>((resolve) => {
        timer = setTimeout(() => resolve(false), deadlineMs);
      });
      const flushed = await Promise.race([empty, late]);
      clearTimeout(timer);
      return flushed;
    },
  };
}
