import type { ApiServer, Change, Collection } from './api-server.ts';
import type { Network } from './network.ts';
import type { SimulatedProcess } from './simulated-process.ts';
import type { VirtualTime } from './virtual-time.ts';

export interface ListWatchOptions<T> {
  readonly time: VirtualTime;
  readonly network: Network;
  readonly server: ApiServer;
  readonly process: SimulatedProcess;
  readonly collection: Collection<T>;
  readonly onUpsert: (key: string, value: T) => void;
  readonly onDelete: (key: string, previous: T) => void;
  readonly onSynced: () => void;
}

/** A cache of a collection that is late, breaks and is listed anew, as `startListWatch` of k8s-adapter keeps one. */
export interface SimulatedListWatch<T> {
  readonly values: ReadonlyMap<string, T>;
  readonly synced: boolean;
  /** The watch breaks: what was on its way is lost, and all is listed anew. */
  breakOff(): void;
  /** What happens from now on is told after so long at the soonest. */
  stall(durationMs: number): void;
  stop(): void;
  /** Calls when everything that was written before has been told. */
  catchUp(done: () => void): void;
}

const LIST_TIMEOUT_MS = 2_000;
const CATCH_UP_WAIT_MS = 300;
const RETRY_MS = 250;

export function followCollection<T>(options: ListWatchOptions<T>): SimulatedListWatch<T> {
  const { time, network, server, process, collection } = options;
  const values = new Map<string, T>();
  let synced = false;
  let stopped = false;
  let epoch = 0;
  let unsubscribe: () => void = () => undefined;
  let lastDeliveryMs = 0;
  /** Some are behind all the time: their machine has other things to do, or the API server that they ask has. */
  const behindMs = time.random() < 0.25 ? time.between(200, 4_000) : 0;
  let reached = 0;
  let toldBegunMs = Number.NEGATIVE_INFINITY;
  let waiters: { readonly version: number; readonly sinceMs: number; readonly done: () => void }[] = [];
  process.onEnd(stop);

  function stop(): void {
    stopped = true;
    epoch++;
    unsubscribe();
  }

  function settle(): void {
    const isMet = (one: (typeof waiters)[number]): boolean => toldBegunMs >= one.sinceMs || reached >= one.version;
    const met = waiters.filter(isMet);
    waiters = waiters.filter((one) => !isMet(one));
    for (const { done } of met) done();
  }

  function apply({ key, value }: { readonly key: string; readonly value: T | undefined }): void {
    const previous = values.get(key);
    if (value !== undefined) {
      values.set(key, value);
      if (previous !== value) options.onUpsert(key, value);
    } else if (previous !== undefined) {
      values.delete(key);
      options.onDelete(key, previous);
    }
  }

  function deliver(change: Change<T>, of: number): void {
    lastDeliveryMs = Math.max(lastDeliveryMs, time.nowMs + network.delayMs() + behindMs);
    time.at(lastDeliveryMs, () =>
      process.enter(() => {
        if (of !== epoch) return;
        apply(change);
        reached = change.version;
        settle();
      }),
    );
  }

  function tellList(items: ReadonlyMap<string, T>, version: number, begunMs: number): void {
    for (const [key] of [...values]) if (!items.has(key)) apply({ key, value: undefined });
    for (const [key, value] of items) apply({ key, value });
    reached = version;
    if (!synced) {
      synced = true;
      options.onSynced();
    }
    toldBegunMs = begunMs;
    settle();
  }

  function list(): void {
    if (stopped) return;
    const own = ++epoch;
    unsubscribe();
    const begunMs = process.nowMs();
    const retry = (): void => void process.after(time.between(100, 1_000), () => own === epoch && list());
    network.call(process, {
      timeoutMs: LIST_TIMEOUT_MS,
      serve() {
        // The watch goes on from the version of the list; what happens until the list is told waits for it.
        const since: Change<T>[] = [];
        let told = false;
        if (own === epoch) {
          unsubscribe();
          unsubscribe = collection.subscribe((change) => {
            if (told) deliver(change, own);
            else since.push(change);
          });
        }
        const tell = (): void => {
          told = true;
          lastDeliveryMs = time.nowMs;
          for (const change of since) deliver(change, own);
        };
        return { items: new Map(collection.items), version: server.version, tell };
      },
      onAnswer({ items, version, tell }) {
        if (own !== epoch) return;
        tellList(items, version, begunMs);
        tell();
      },
      onFailure: retry,
    });
  }

  list();
  return {
    values,
    get synced() {
      return synced;
    },
    breakOff() {
      if (stopped) return;
      epoch++;
      unsubscribe();
      const own = epoch;
      process.after(time.between(50, 1_500), () => own === epoch && list());
    },
    stall(durationMs) {
      lastDeliveryMs = Math.max(lastDeliveryMs, time.nowMs + durationMs);
    },
    stop,
    catchUp(done) {
      const sinceMs = process.nowMs();
      const ask = (): void => {
        if (stopped) return;
        if (toldBegunMs >= sinceMs) {
          done();
          return;
        }
        network.call(process, {
          timeoutMs: LIST_TIMEOUT_MS,
          serve: () => server.version,
          onAnswer(version) {
            waiters.push({ version, sinceMs, done });
            settle();
            process.after(CATCH_UP_WAIT_MS, () => {
              if (toldBegunMs < sinceMs && waiters.some((one) => one.done === done)) list();
            });
          },
          onFailure: () => void process.after(RETRY_MS, ask),
        });
      };
      ask();
    },
  };
}
