import { ApiError } from '../../client/api-error.ts';
import type { KubeClient } from '../../client/kube-client.ts';
import { listPages } from '../../list-watch/list-pages.ts';

export interface LiveListOptions<T> {
  readonly client: KubeClient;
  /** Of the collection. */
  readonly path: string;
  /** What of an object is kept; undefined if it is of no interest. */
  readonly project: (object: unknown) => T | undefined;
  /** For all pages together. */
  readonly timeoutMs: number;
}

/** A collection as it is now. */
export interface LiveList<T> {
  /** The list, asked for after this call. Shared: not to be changed. */
  read(): Promise<readonly T[]>;
}

const PAGE_LIMIT = 500;
const MAX_PAGE_OCTETS = 32 * 1024 * 1024;
const MAX_ITEMS = 200_000;

async function listOnce<T>(options: LiveListOptions<T>, pageLimit: number, signal: AbortSignal): Promise<readonly T[]> {
  const items: T[] = [];
  await listPages(options.client, {
    path: options.path,
    query: {},
    pageLimit,
    pageTimeoutMs: options.timeoutMs,
    maxPageOctets: MAX_PAGE_OCTETS,
    exactIntegers: false,
    signal,
    onItem(object) {
      const item = options.project(object);
      if (item !== undefined) items.push(item);
      if (items.length > MAX_ITEMS) throw new Error(`list of ${options.path}: more than ${MAX_ITEMS} objects`);
    },
  });
  return items;
}

/** A list that expires between two pages is begun anew, once; pages over the bound are asked for smaller. */
async function listAll<T>(options: LiveListOptions<T>, signal: AbortSignal): Promise<readonly T[]> {
  let expired = 0;
  for (let pageLimit = PAGE_LIMIT; ; ) {
    try {
      return await listOnce(options, pageLimit, signal);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.code === 'ERR_K8S_BODY_TOO_LARGE' && pageLimit > 1) pageLimit = Math.max(1, Math.floor(pageLimit / 4));
      else if (error.httpStatus !== 410 || expired++ > 0) throw error;
    }
  }
}

/**
 * Lists from the API server, not from a cache: an object under review has to be compared with those that were admitted before
 * it, also a moment ago.
 *
 * Calls are answered together as far as that stays true. One that comes while a list is under way may not use it, since the
 * list may be older than what was admitted meanwhile; it waits for the next, and so do all that come until that begins. So
 * however many objects are applied at once, a collection is read by one list at a time.
 */
export function createLiveList<T>(options: LiveListOptions<T>): LiveList<T> {
  let current: Promise<readonly T[]> | undefined;
  let next: Promise<readonly T[]> | undefined;

  function begin(): Promise<readonly T[]> {
    const list = withDeadline();
    current = list;
    const end = (): void => {
      current = undefined;
    };
    list.then(end, end);
    return list;
  }

  /** The client's own queue knows no time-out: whoever waits here is told after all. */
  async function withDeadline(): Promise<readonly T[]> {
    const controller = new AbortController();
    const { promise: late, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(() => {
      reject(new Error(`list of ${options.path}: no answer within ${options.timeoutMs} ms`));
      controller.abort();
    }, options.timeoutMs);
    try {
      return await Promise.race([listAll(options, controller.signal), late]);
    } finally {
      clearTimeout(timer);
    }
  }

  return {
    read() {
      if (current === undefined) return begin();
      next ??= current.then(
        () => beginNext(),
        () => beginNext(),
      );
      return next;
    },
  };

  function beginNext(): Promise<readonly T[]> {
    next = undefined;
    return begin();
  }
}
