import type { KubeClient } from '../client/kube-client.ts';
import type { AdapterLogger } from '../logger.ts';

/** What a list-watch is doing. Whatever it is, what the cache holds stays: unknown is not absent. */
export type ListWatchState =
  | { readonly name: 'listing' }
  /** The watch is open and the cache is current. */
  | { readonly name: 'connected' }
  | { readonly name: 'retrying'; readonly error: Error; readonly retryInMs: number }
  /** 403: a rule is missing. Retried slowly. */
  | { readonly name: 'forbidden'; readonly error: Error; readonly retryInMs: number }
  /** The API server says that an `optional` kind does not exist, which counts as synced, with nothing in it. Retried slowly. */
  | { readonly name: 'absent'; readonly error: Error; readonly retryInMs: number }
  | { readonly name: 'stopped' };

export interface ListWatchTiming {
  /** Between attempts while the server cannot be reached or errs. */
  readonly retryMinMs: number;
  readonly retryMaxMs: number;
  /** Between attempts while the server refuses: 403, and 404 for an `optional` kind. */
  readonly slowRetryMinMs: number;
  readonly slowRetryMaxMs: number;
  /** Watches are asked to end after between this and twice this. */
  readonly watchTimeoutSeconds: number;
  readonly idleSlackMs: number;
  readonly headTimeoutMs: number;
  readonly pageTimeoutMs: number;
  /** How long `catchUp` waits for the watch before it has all listed anew. */
  readonly catchUpWaitMs: number;
  readonly random: () => number;
}

export interface ListWatchOptions<T> {
  readonly client: KubeClient;
  /** Of the collection: `/api/v1/services`. */
  readonly path: string;
  /**
   * The kind may not be installed, as that of a CRD: what the API server itself twice says does not exist is `absent`. By
   * default false: there a 404 is an attempt that failed, since to believe it would be to know of a cluster without Nodes.
   */
  readonly optional?: boolean;
  /** What of an object is kept; undefined if it is of no interest. */
  readonly project: (object: Readonly<Record<string, unknown>>) => T | undefined;
  /** By default `namespace/name`, or `name` where there is no namespace. */
  readonly key?: (object: Readonly<Record<string, unknown>>) => string | undefined;
  /** When a new projection is no change: nothing is told then, but the new one is kept. By default the same structure. */
  readonly equal?: (a: T, b: T) => boolean;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  readonly pageLimit?: number;
  readonly maxPageOctets?: number;
  readonly maxLineOctets?: number;
  /** Integers that a number cannot hold exactly are bigints in what `project` sees; else they are rounded. */
  readonly exactIntegers?: boolean;
  /** Once: the first complete list has been told, or the kind, being `optional`, is known to be absent. */
  readonly onSynced?: () => void;
  readonly onUpsert: (key: string, value: T, previous: T | undefined) => void;
  readonly onDelete: (key: string, previous: T) => void;
  readonly onState?: (state: ListWatchState) => void;
  readonly logger: AdapterLogger;
  readonly timing?: Partial<ListWatchTiming>;
}

/** A cache of one kind of object, kept current. */
export interface ListWatch<T> {
  readonly values: ReadonlyMap<string, T>;
  readonly synced: boolean;
  readonly state: ListWatchState;
  /**
   * Resolves when the cache holds, and the caller was told, all that had been written before `sinceMs` (of
   * `performance.now()`; by default the moment of the call). Costs one small request, and a new list only where the watch does
   * not bring proof soon. Rejects when the signal or `stop` ends it, not while the server is away.
   */
  catchUp(signal?: AbortSignal, sinceMs?: number): Promise<void>;
  /** Ends the watch; resolves when nothing more will be called. */
  stop(): Promise<void>;
}

export const DEFAULT_TIMING: ListWatchTiming = {
  retryMinMs: 100,
  retryMaxMs: 10_000,
  slowRetryMinMs: 250,
  slowRetryMaxMs: 30_000,
  watchTimeoutSeconds: 300, // client-go's reflector: 5 to 10 minutes
  idleSlackMs: 15_000,
  headTimeoutMs: 15_000,
  pageTimeoutMs: 30_000,
  catchUpWaitMs: 300,
  random: Math.random,
};
