import { setTimeout as wait } from 'node:timers/promises';
import { ApiError } from '../client/api-error.ts';
import type { KubeClient } from '../client/kube-client.ts';
import { withQuery } from './list-pages.ts';
import type { WatchProgress } from './progress.ts';
import { metadataOf } from './watch-event.ts';

export interface CatchUpRequest {
  readonly client: KubeClient;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly progress: WatchProgress;
  readonly sinceMs: number;
  /** For the watch to come there by itself. */
  readonly waitMs: number;
  readonly signal: AbortSignal;
  /** Ends the watch in favour of a list. */
  readonly listAnew: () => void;
}

const RETRY_MS = 250;

/** The version of the collection now. A list without a resource version is answered from a quorum, never from a cache that lags. */
async function versionNow({ client, path, query, signal }: CatchUpRequest): Promise<string> {
  const { body } = await client.request('GET', withQuery(path, { ...query, limit: '1' }), { signal });
  const resourceVersion = metadataOf(body)?.['resourceVersion'];
  if (typeof resourceVersion !== 'string') throw new ApiError('ERR_K8S_BAD_BODY', `GET ${path}: not a list`);
  return resourceVersion;
}

function aborted(path: string): ApiError {
  return new ApiError('ERR_K8S_ABORTED', `catch up with ${path}: aborted`);
}

/** See `ListWatch.catchUp`. */
export async function catchUp(request: CatchUpRequest): Promise<void> {
  const { progress, sinceMs, signal, waitMs, path } = request;
  let wanted: string | undefined;
  while (wanted === undefined) {
    if (progress.listedSince(sinceMs)) return;
    try {
      wanted = await versionNow(request);
    } catch {
      await wait(RETRY_MS, undefined, { signal }).catch(() => undefined); // the list-watch itself says what is wrong
      if (signal.aborted) throw aborted(path);
    }
  }
  const waiting = progress.wait(wanted, sinceMs);
  const { promise: ended, resolve } = Promise.withResolvers<void>();
  const end = (): void => resolve();
  signal.addEventListener('abort', end, { once: true });
  // Bookmarks come once a minute, and the version counts what is written anywhere: waiting longer helps seldom.
  const timer = setTimeout(request.listAnew, waitMs);
  try {
    await Promise.race([waiting.reached, ended]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', end);
    waiting.cancel();
  }
  if (signal.aborted) throw aborted(path);
}
