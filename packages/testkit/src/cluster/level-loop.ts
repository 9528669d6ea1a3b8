/**
 * The loop of a small controller: it keeps copies of some kinds, and runs one
 * pass over them whenever something changed. A pass compares what is with what
 * should be, so a missed or repeated pass does no harm.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import { listAt } from '../memory-api/json-value.ts';
import type { KubeObject } from '../memory-api/kube-object.ts';
import { type ApiClient, listVersion } from './api-client.ts';

/** The copies, by the path that they are listed at. */
export interface Copies {
  list(path: string): readonly KubeObject[];
  /** Takes what a write gave back, so that the next pass does not do it again before the watch has told. */
  put(path: string, object: KubeObject | undefined): void;
  /** Forgets an object that this controller has deleted. */
  remove(path: string, object: KubeObject): void;
}

export interface LevelLoop extends AsyncDisposable {
  /** Asks for a pass though nothing changed. */
  poke(): void;
  close(): Promise<void>;
}

/** Between an error and the next attempt. */
const RETRY_AFTER_MS = 200;

export interface LevelLoopOptions {
  readonly client: ApiClient;
  /** `/api/v1/pods` and the like. */
  readonly paths: readonly string[];
  readonly pass: (copies: Copies) => Promise<void>;
  /** Told of errors; each is tried again. */
  readonly onError?: ((error: unknown) => void) | undefined;
}

/** Resolves once everything is listed. The first pass follows at once. */
export async function startLevelLoop({ client, paths, pass, onError }: LevelLoopOptions): Promise<LevelLoop> {
  const stopping = new AbortController();
  const { signal } = stopping;
  const objects = new Map(paths.map((path) => [path, new Map<string, KubeObject>()]));
  /** The uids of what was deleted: an answer to a write may come after the news of its end. */
  const gone = new Set<string>();
  let isDirty = true;
  let wake: () => void = () => undefined;
  const poke = (): void => {
    isDirty = true;
    wake();
  };
  const copies: Copies = {
    list: (path) => [...(objects.get(path)?.values() ?? [])],
    remove: (path, object) => {
      gone.add(object.metadata.uid ?? '');
      const ofPath = objects.get(path);
      if (ofPath?.get(keyOf(object))?.metadata.uid === object.metadata.uid) ofPath?.delete(keyOf(object));
    },
    put: (path, object) => {
      const ofPath = objects.get(path);
      if (object === undefined || ofPath === undefined || gone.has(object.metadata.uid ?? '')) return;
      const known = ofPath.get(keyOf(object));
      if (known === undefined || versionOf(known) < versionOf(object)) ofPath.set(keyOf(object), object);
    },
  };

  const list = async (path: string): Promise<string> => {
    const answer = await client.get(path);
    const items = listAt(answer, 'items') as readonly KubeObject[];
    objects.set(path, new Map(items.map((object) => [keyOf(object), object])));
    poke();
    return listVersion(answer);
  };
  const follow = async (path: string, firstVersion: string): Promise<void> => {
    let version = firstVersion;
    while (!signal.aborted) {
      try {
        if (version === '') version = await list(path);
        const query = new URLSearchParams({ watch: 'true', resourceVersion: version, allowWatchBookmarks: 'true' });
        await client.watch(`${path}?${query}`, signal, ({ type, object }) => {
          if (type === 'ERROR') {
            // Most likely 410: begin anew.
            version = '';
            return;
          }
          version = object.metadata.resourceVersion ?? '';
          if (type === 'BOOKMARK') return;
          if (type === 'DELETED') copies.remove(path, object);
          else copies.put(path, object);
          poke();
        });
      } catch (error) {
        if (signal.aborted) return;
        onError?.(error);
        version = '';
        await pause(RETRY_AFTER_MS, signal);
      }
    }
  };
  const run = async (): Promise<void> => {
    while (!signal.aborted) {
      if (!isDirty) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
        continue;
      }
      isDirty = false;
      try {
        await pass(copies);
      } catch (error) {
        if (signal.aborted) return;
        onError?.(error);
        await pause(RETRY_AFTER_MS, signal);
        isDirty = true;
      }
    }
  };

  const versions = await Promise.all(paths.map(list));
  const running = Promise.all([...paths.map((path, i) => follow(path, versions[i] ?? '')), run()]);
  const close = async (): Promise<void> => {
    stopping.abort();
    wake();
    await running;
  };
  return { poke, close, [Symbol.asyncDispose]: close };
}

async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  await sleep(milliseconds, undefined, { signal }).catch(() => undefined);
}

/** Versions of etcd are numbers that grow. */
function versionOf({ metadata }: KubeObject): number {
  return Number(metadata.resourceVersion);
}

function keyOf({ metadata }: KubeObject): string {
  return `${metadata.namespace ?? ''}/${metadata.name}`;
}
