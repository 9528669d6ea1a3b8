import { setImmediate as nextTurn, setTimeout as wait } from 'node:timers/promises';
import { createBackOff } from '../back-off.ts';
import { ApiError } from '../client/api-error.ts';
import { callBack } from '../uncaught.ts';
import { catchUp } from './catch-up.ts';
import { FAILURE_TEXTS, type FailureVerdict, judgeFailure } from './judge-failure.ts';
import { listPages } from './list-pages.ts';
import {
  DEFAULT_TIMING,
  type ListWatch,
  type ListWatchOptions,
  type ListWatchState,
  type ListWatchTiming,
} from './options.ts';
import { createWatchProgress } from './progress.ts';
import { createProjectionCache } from './projection-cache.ts';
import { structurallyEqual } from './structural-equality.ts';
import { metadataOf } from './watch-event.ts';
import { watchOnce } from './watch-once.ts';

const DEFAULT_PAGE_LIMIT = 500; // client-go's defaultPageSize
const MAX_PAGE_LIMIT = 10_000;
/** Ten times what 500 ordinary objects take; of large ones there are fewer in a page. */
const DEFAULT_MAX_PAGE_OCTETS = 32 * 1024 * 1024;
const DEFAULT_MAX_LINE_OCTETS = 8 * 1024 * 1024;
/** 404s in a row before an optional kind counts as absent: a server that is starting may not have all of its paths yet. */
const NOT_FOUND_UNTIL_ABSENT = 2;

/** `namespace/name` as client-go's MetaNamespaceKeyFunc writes it. */
function namespacedName(object: Readonly<Record<string, unknown>>): string | undefined {
  const metadata = metadataOf(object);
  const name = metadata?.['name'];
  const namespace = metadata?.['namespace'];
  if (typeof name !== 'string' || name === '') return undefined;
  return typeof namespace === 'string' && namespace !== '' ? `${namespace}/${name}` : name;
}

/**
 * Lists a collection in pages, watches it, and keeps a projection of each object; whatever happens to connection, server or
 * resource version, it goes on. After an interruption a new list is compared with the cache, and only differences are told,
 * only once the list is complete.
 */
export function startListWatch<T>(options: ListWatchOptions<T>): ListWatch<T> {
  const { client, path, logger } = options;
  const timing: ListWatchTiming = { ...DEFAULT_TIMING, ...options.timing };
  const keyOf = options.key ?? namespacedName;
  const query = {
    ...(options.labelSelector === undefined ? {} : { labelSelector: options.labelSelector }),
    ...(options.fieldSelector === undefined ? {} : { fieldSelector: options.fieldSelector }),
  };
  const cache = createProjectionCache<T>({
    equal: options.equal ?? structurallyEqual,
    onUpsert: options.onUpsert,
    onDelete: options.onDelete,
  });
  const stopped = new AbortController();
  const { signal } = stopped;
  const backOff = createBackOff({ minMs: timing.retryMinMs, maxMs: timing.retryMaxMs }, timing.random);
  const slowBackOff = createBackOff({ minMs: timing.slowRetryMinMs, maxMs: timing.slowRetryMaxMs }, timing.random);
  let state: ListWatchState = { name: 'listing' };
  let synced = false;
  let notFounds = 0;
  let verdict: FailureVerdict | undefined;
  let pageLimit = options.pageLimit ?? DEFAULT_PAGE_LIMIT;
  const progress = createWatchProgress();
  const exactIntegers = options.exactIntegers === true;
  /** Ends the watch that is under way, to have all listed anew. */
  let watching: AbortController | undefined;
  let relist = false;

  function enter(next: ListWatchState): void {
    const previous = state;
    state = next;
    if (next.name === previous.name) return;
    if (next.name === 'connected' && previous.name !== 'listing') {
      logger.info({ op: 'listWatch', path, after: previous.name }, 'connected again');
    }
    callBack(() => options.onState?.(next));
  }

  function becomeSynced(): void {
    if (synced) return;
    synced = true;
    callBack(() => options.onSynced?.());
  }

  /** The key and projection; undefined when the object must be left as it is known. */
  function read(object: unknown): { readonly key: string; readonly value: T | undefined } | undefined {
    if (typeof object !== 'object' || object === null) return undefined;
    const record = object as Readonly<Record<string, unknown>>;
    const key = keyOf(record);
    if (key === undefined) return undefined;
    try {
      return { key, value: options.project(record) };
    } catch (error) {
      logger.error({ op: 'project', path, object: key, error }, 'object cannot be read, what was known of it stays');
      const known = cache.values.get(key);
      return known === undefined ? undefined : { key, value: known };
    }
  }

  async function list(): Promise<string> {
    if (state.name === 'connected') enter({ name: 'listing' }); // else what is wrong stays in sight until it is right
    const complete = new Map<string, T>();
    relist = false;
    progress.listBegun(performance.now());
    const resourceVersion = await listPages(client, {
      path,
      query,
      pageLimit,
      pageTimeoutMs: timing.pageTimeoutMs,
      maxPageOctets: options.maxPageOctets ?? DEFAULT_MAX_PAGE_OCTETS,
      exactIntegers,
      signal,
      onItem: (item) => {
        const known = read(item);
        if (known?.value !== undefined) complete.set(known.key, known.value);
      },
    });
    const steps = cache.replace(complete);
    while (!steps.next().done) {
      await nextTurn();
      signal.throwIfAborted();
    }
    notFounds = 0;
    slowBackOff.reset();
    becomeSynced();
    progress.listTold(resourceVersion);
    return resourceVersion;
  }

  function onDelete(object: Readonly<Record<string, unknown>>): void {
    const key = keyOf(object);
    if (key !== undefined) cache.remove(key);
  }

  function onUpsert(object: Readonly<Record<string, unknown>>): void {
    const known = read(object);
    if (known === undefined) return;
    if (known.value === undefined) cache.remove(known.key);
    else cache.upsert(known.key, known.value);
  }

  async function pause(ms: number): Promise<void> {
    await wait(ms, undefined, { signal }).catch(() => undefined);
  }

  /** What to do after an error: how long to wait, and the state meanwhile. */
  async function retryAfter(error: unknown): Promise<void> {
    const failure = error instanceof Error ? error : new Error(String(error));
    const previous = verdict;
    verdict = judgeFailure(error, options.optional === true);
    const text = FAILURE_TEXTS[verdict];
    notFounds = verdict === 'absent' ? notFounds + 1 : 0;
    if (verdict === 'forbidden' || verdict === 'absent') {
      const retryInMs = slowBackOff.nextMs();
      if (verdict === 'forbidden' || notFounds >= NOT_FOUND_UNTIL_ABSENT) {
        if (state.name !== verdict) logger.warn({ op: 'listWatch', path, error: failure, retryInMs }, text);
        enter({ name: verdict, error: failure, retryInMs });
        // A 403 says nothing about what exists. A 404 does, but what was once seen stays until a list says otherwise.
        if (verdict === 'absent') becomeSynced();
      }
      await pause(retryInMs);
      return;
    }
    const asked = error instanceof ApiError ? (error.retryAfterMs ?? 0) : 0;
    const retryInMs = Math.max(backOff.nextMs(), asked);
    if (state.name !== 'retrying' || verdict !== previous)
      logger.warn({ op: 'listWatch', path, error: failure, retryInMs }, text);
    enter({ name: 'retrying', error: failure, retryInMs });
    await pause(retryInMs);
  }

  /** Watches until the end; returns the resource version to go on from, or undefined when a new list is needed. */
  async function watch(from: string): Promise<string | undefined> {
    if (relist) return undefined;
    const reached = { resourceVersion: from, events: 0 };
    const openedAtMs = performance.now();
    watching = new AbortController();
    try {
      const end = await watchOnce(
        client,
        {
          path,
          query,
          resourceVersion: from,
          timeoutSeconds: Math.ceil(timing.watchTimeoutSeconds * (1 + timing.random())),
          headTimeoutMs: timing.headTimeoutMs,
          idleSlackMs: timing.idleSlackMs,
          maxLineOctets: options.maxLineOctets ?? DEFAULT_MAX_LINE_OCTETS,
          exactIntegers,
          signal: AbortSignal.any([signal, watching.signal]),
          onOpen: () => enter({ name: 'connected' }),
          onUpsert,
          onDelete,
          onProgress: progress.reached,
        },
        reached,
      );
      // A watch that brought something, or lived a while, was a good one; else the server closes as fast as we open.
      const good = end.events > 0 || performance.now() - openedAtMs > 5_000;
      if (end.because === 'ended' && good) {
        backOff.reset();
        return end.resourceVersion;
      }
      if (end.because === 'expired') {
        logger.info({ op: 'listWatch', path, reason: end.message }, 'resource version expired, listing anew');
        if (good) backOff.reset();
        else await pause(backOff.nextMs());
        return undefined;
      }
      if (good) backOff.reset();
      await retryAfter(new ApiError('ERR_K8S_BAD_BODY', `watch ${path}: ${end.message}`));
      // What is garbage here may be good when sent again; if nothing good came at all, only a list helps.
      return end.because === 'ended' || (end.because === 'garbage' && end.events > 0) ? end.resourceVersion : undefined;
    } catch (error) {
      if (reached.events > 0) backOff.reset();
      if (relist) return undefined;
      if (!signal.aborted) await retryAfter(error);
      return reached.resourceVersion;
    } finally {
      watching = undefined;
    }
  }

  async function run(): Promise<void> {
    let resourceVersion: string | undefined;
    while (!signal.aborted) {
      try {
        resourceVersion = resourceVersion === undefined ? await list() : await watch(resourceVersion);
      } catch (error) {
        if (signal.aborted) break;
        if (error instanceof ApiError && error.httpStatus === 410) {
          // The continue token expired between two pages: fewer, larger pages next time.
          pageLimit = Math.min(pageLimit * 2, MAX_PAGE_LIMIT);
          logger.info({ op: 'listWatch', path, pageLimit }, 'list expired between pages, listing anew');
          await pause(backOff.nextMs());
        } else if (error instanceof ApiError && error.code === 'ERR_K8S_BODY_TOO_LARGE' && pageLimit > 1) {
          // Objects may be as large as 1.5 MB each: whoever makes hundreds of them must not keep us from the rest.
          pageLimit = Math.max(1, Math.floor(pageLimit / 4));
          logger.info({ op: 'listWatch', path, pageLimit, error }, 'page too large, listing anew with smaller ones');
          await pause(backOff.nextMs());
        } else {
          await retryAfter(error);
        }
      }
    }
    enter({ name: 'stopped' });
  }

  const running = run();
  return {
    values: cache.values,
    get synced() {
      return synced;
    },
    get state() {
      return state;
    },
    catchUp: (given, sinceMs = performance.now()) =>
      catchUp({
        client,
        path,
        query,
        progress,
        sinceMs,
        waitMs: timing.catchUpWaitMs,
        signal: given === undefined ? signal : AbortSignal.any([signal, given]),
        listAnew() {
          relist = true;
          watching?.abort();
        },
      }),
    stop() {
      stopped.abort();
      return running;
    },
  };
}
