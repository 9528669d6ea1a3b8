import { ApiError } from '../client/api-error.ts';
import type { KubeClient } from '../client/kube-client.ts';
import type { AdapterLogger } from '../logger.ts';
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
    readonly written: number;
    /** For want of room in the queue. */
    readonly dropped: number;
    /** By the rules against floods. */
    readonly suppressed: number;
    readonly failed: number;
  };
  /** Resolves when the queue is empty, or after the deadline: true if it is empty. */
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

interface Job {
  readonly verdict: 'create' | 'count';
  readonly record: EventRecord;
}

function rfc3339(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d{3}Z$/, 'Z'); // metav1.Time has whole seconds
}

/** An Event lives in its object's namespace; that of a cluster-wide object in `default`. */
function namespaceOf(record: EventRecord): string {
  return record.notice.object.namespace || 'default';
}

/** Whether the same request may succeed later: nobody answered, or the server was not able to. */
function isTemporary(error: unknown): boolean {
  if (!(error instanceof ApiError) || error.code === 'ERR_K8S_ABORTED') return false;
  return error.httpStatus === undefined || error.httpStatus === 429 || error.httpStatus >= 500;
}

/** Writes core/v1 Events with the verbs MetalLB's role has (create, patch), behind everything else. */
export function createEventRecorder(options: EventRecorderOptions): EventRecorder {
  const {
    client,
    component,
    host,
    logger,
    nowMs = () => performance.timeOrigin + performance.now(),
    maxQueued = DEFAULT_MAX_QUEUED,
  } = options;
  const correlator = createEventCorrelator();
  const queue: Job[] = [];
  const statistics = { written: 0, dropped: 0, suppressed: 0, failed: 0 };
  let head = 0;
  let warnedAtMs = Number.NEGATIVE_INFINITY;
  let senders = 0;
  let onEmpty: (() => void)[] = [];

  const queued = (): number => queue.length - head;

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

  async function send({ verdict, record }: Job): Promise<void> {
    const collection = `/api/v1/namespaces/${encodeURIComponent(namespaceOf(record))}/events`;
    const one = `${collection}/${encodeURIComponent(record.name)}`;
    const body = { count: record.count, message: record.message, lastTimestamp: rfc3339(record.lastMs) };
    if (verdict === 'count') {
      try {
        await client.request('PATCH', one, { body, timeoutMs: REQUEST_TIMEOUT_MS });
        return;
      } catch (error) {
        // The server forgets Events after an hour: then this one begins again.
        if (!(error instanceof ApiError) || error.code !== 'ERR_K8S_NOT_FOUND') throw error;
      }
    }
    try {
      await client.request('POST', collection, { body: eventObject(record), timeoutMs: REQUEST_TIMEOUT_MS });
    } catch (error) {
      // Written by a try of which the answer was lost.
      if (!(error instanceof ApiError) || error.code !== 'ERR_K8S_ALREADY_EXISTS') throw error;
    }
  }

  function giveUp({ record }: Job, error: unknown): void {
    statistics.failed++;
    correlator.forget(record);
    const now = nowMs();
    if (now - warnedAtMs < WARNING_INTERVAL_MS) return;
    warnedAtMs = now;
    const { object, reason } = record.notice;
    const service = `${object.namespace}/${object.name}`;
    logger.warn({ op: 'recordEvent', service, reason, error, failed: statistics.failed }, 'Event could not be written');
  }

  async function sendWithRetries(job: Job): Promise<void> {
    for (let tries = 1; ; tries++) {
      try {
        await send(job);
        statistics.written++;
        return;
      } catch (error) {
        if (tries >= MAX_TRIES || !isTemporary(error)) {
          giveUp(job, error);
          return;
        }
        const delayMs = Math.min(RETRY_MAX_MS, RETRY_MIN_MS * 2 ** (tries - 1));
        await new Promise((resolve) => setTimeout(resolve, delayMs).unref());
      }
    }
  }

  async function sendAll(): Promise<void> {
    for (let job = queue[head]; job !== undefined; job = queue[head]) {
      head++;
      if (head > 1024 && head * 2 > queue.length) {
        queue.splice(0, head);
        head = 0;
      }
      await sendWithRetries(job);
    }
    senders--;
    if (senders === 0) {
      for (const resolve of onEmpty) resolve();
      onEmpty = [];
    }
  }

  return {
    record(notice) {
      if (queued() >= maxQueued) {
        statistics.dropped++;
        return;
      }
      const correlated = correlator.correlate(notice, nowMs());
      if (correlated.verdict === 'dropped') {
        statistics.suppressed++;
        return;
      }
      queue.push({ verdict: correlated.verdict, record: correlated.record });
      if (senders >= SENDERS) return;
      senders++;
      // After the turn: what the Event tells of (the status) leaves first.
      setImmediate(() => void sendAll());
    },
    statistics,
    async flush(deadlineMs) {
      if (senders === 0) return true;
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
