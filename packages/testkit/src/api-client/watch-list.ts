import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ApiClient } from './api-client.ts';

/** What every object of the API has. */
export interface ListedObject {
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly resourceVersion?: string };
}

/** A list that follows the API. */
export interface ListWatch extends AsyncDisposable {
  close(): Promise<void>;
}

interface WatchEvent<T> {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  readonly object: T;
}

/** Before it lists anew, after a watch has ended or failed. */
const PAUSE_MS = 200;

/**
 * Lists a collection and follows it. Whatever goes wrong, it lists anew.
 *
 * @param path - For example `/api/v1/services`.
 * @param onChange - Given all objects, after the list and after each change.
 */
export function watchList<T extends ListedObject>(
  api: ApiClient,
  path: string,
  onChange: (objects: readonly T[]) => void,
): ListWatch {
  const stopping = new AbortController();
  const { signal } = stopping;
  const following = (async () => {
    while (!signal.aborted) {
      try {
        await listAndFollow(api, path, onChange, signal);
      } catch {
        // A server that is away, a version that is too old: the next list tells.
      }
      await sleep(PAUSE_MS, undefined, { signal }).catch(() => {});
    }
  })();
  const close = async (): Promise<void> => {
    stopping.abort();
    await following;
  };
  return { close, [Symbol.asyncDispose]: close };
}

async function listAndFollow<T extends ListedObject>(
  api: ApiClient,
  path: string,
  onChange: (objects: readonly T[]) => void,
  signal: AbortSignal,
): Promise<void> {
  const list = await api.request<{ metadata: { resourceVersion: string }; items: T[] }>('GET', path);
  if (signal.aborted) return;
  const objects = new Map(list.items.map((object) => [keyOf(object), object]));
  onChange([...objects.values()]);
  const query = `watch=true&allowWatchBookmarks=true&resourceVersion=${list.metadata.resourceVersion}`;
  const events = await api.stream(`${path}?${query}`, signal);
  for await (const line of createInterface({ input: events })) {
    const event = JSON.parse(line) as WatchEvent<T>;
    if (event.type === 'ERROR') return;
    if (event.type === 'BOOKMARK') continue;
    if (event.type === 'DELETED') objects.delete(keyOf(event.object));
    else objects.set(keyOf(event.object), event.object);
    onChange([...objects.values()]);
  }
}

function keyOf(object: ListedObject): string {
  return `${object.metadata.namespace ?? ''}/${object.metadata.name}`;
}
