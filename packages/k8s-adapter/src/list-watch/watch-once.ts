import { ApiError } from '../client/api-error.ts';
import type { KubeClient } from '../client/kube-client.ts';
import { createLineSplitter } from './line-splitter.ts';
import { withQuery } from './list-pages.ts';
import { parseWatchEvent } from './watch-event.ts';

export interface WatchRequest {
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly resourceVersion: string;
  readonly timeoutSeconds: number;
  readonly headTimeoutMs: number;
  /** How much longer than `timeoutSeconds` the connection may be silent. */
  readonly idleSlackMs: number;
  readonly maxLineOctets: number;
  readonly exactIntegers: boolean;
  readonly signal: AbortSignal;
  readonly onOpen: () => void;
  readonly onUpsert: (object: Readonly<Record<string, unknown>>) => void;
  readonly onDelete: (object: Readonly<Record<string, unknown>>) => void;
  /** After each event and bookmark: everything up to this version has been told. */
  readonly onProgress: (resourceVersion: string) => void;
}

/** How a watch ended, and from where the next can go on. */
export interface WatchEnd {
  readonly because: 'ended' | 'expired' | 'refused' | 'garbage' | 'too-long';
  readonly resourceVersion: string;
  readonly events: number;
  readonly message: string;
}

/** Thrown through the stream's reader to end it; caught below. */
class StopReading extends Error {
  readonly because: WatchEnd['because'];

  constructor(because: WatchEnd['because'], message: string) {
    super(message);
    this.because = because;
  }
}

/** One watch connection, until it ends. Rejects with an `ApiError` carrying the last good resource version in `progress`. */
export async function watchOnce(
  client: KubeClient,
  watch: WatchRequest,
  progress: { resourceVersion: string; events: number },
): Promise<WatchEnd> {
  const decoder = new TextDecoder();
  progress.resourceVersion = watch.resourceVersion;
  progress.events = 0;

  function onLine(line: Uint8Array): void {
    const event = parseWatchEvent(decoder.decode(line), watch.exactIntegers);
    switch (event.type) {
      case 'upsert':
        watch.onUpsert(event.object);
        break;
      case 'delete':
        watch.onDelete(event.object);
        break;
      case 'bookmark':
        break;
      case 'error':
        throw new StopReading(
          event.httpStatus === 410 ? 'expired' : 'refused',
          `${event.httpStatus}: ${event.message}`,
        );
      case 'garbage':
        throw new StopReading('garbage', event.message);
    }
    progress.resourceVersion = event.resourceVersion;
    progress.events++;
    watch.onProgress(event.resourceVersion);
  }

  const path = withQuery(watch.path, {
    ...watch.query,
    watch: '1',
    allowWatchBookmarks: 'true',
    resourceVersion: watch.resourceVersion,
    timeoutSeconds: String(watch.timeoutSeconds),
  });
  const splitter = createLineSplitter(
    watch.maxLineOctets,
    onLine,
    () => new StopReading('too-long', `an event of more than ${watch.maxLineOctets} octets`),
  );
  const end = (because: WatchEnd['because'], message: string): WatchEnd => ({ because, message, ...progress });
  try {
    await client.stream(path, {
      headTimeoutMs: watch.headTimeoutMs,
      idleTimeoutMs: watch.timeoutSeconds * 1000 + watch.idleSlackMs,
      signal: watch.signal,
      onHead: watch.onOpen,
      onOctets: (octets) => splitter.push(octets),
    });
    return end('ended', 'the server ended the watch'); // a half line at the end is dropped: its event comes again
  } catch (error) {
    if (error instanceof StopReading) return end(error.because, error.message);
    if (error instanceof ApiError && error.httpStatus === 410) return end('expired', error.message);
    throw error;
  }
}
