/** How far a cache has followed its collection, and who waits for it to be further. */
export interface WatchProgress {
  /** A list was begun, at this moment: what it brings was written before. */
  listBegun(nowMs: number): void;
  /** The list that was begun has been told in full. */
  listTold(resourceVersion: string): void;
  /** Everything up to this version has been told. */
  reached(resourceVersion: string): void;
  /** Whether the last list that was told in full had been begun since then. */
  listedSince(sinceMs: number): boolean;
  /** Resolves once this version is reached, or a list that began since then has been told. */
  wait(resourceVersion: string, sinceMs: number): { readonly reached: Promise<void>; cancel(): void };
}

interface Waiter {
  readonly resourceVersion: string;
  readonly sinceMs: number;
  readonly resolve: () => void;
}

/**
 * Compares resource versions as the numbers that they are with every storage Kubernetes has (etcd's revisions), and by
 * promise from 1.35 on (KEP-5504). What is no number is never known to be newer.
 */
export function isAtLeast(resourceVersion: string, wanted: string): boolean {
  if (resourceVersion === wanted) return true;
  if (!/^[1-9]\d{0,30}$/.test(resourceVersion) || !/^\d{1,31}$/.test(wanted)) return false;
  return BigInt(resourceVersion) >= BigInt(wanted);
}

export function createWatchProgress(): WatchProgress {
  const waiters = new Set<Waiter>();
  let current = '';
  let begunMs = Number.NEGATIVE_INFINITY;
  let toldBegunMs = Number.NEGATIVE_INFINITY;

  function isMet(waiter: Waiter): boolean {
    return toldBegunMs >= waiter.sinceMs || isAtLeast(current, waiter.resourceVersion);
  }

  function settle(): void {
    for (const waiter of waiters) {
      if (!isMet(waiter)) continue;
      waiters.delete(waiter);
      waiter.resolve();
    }
  }

  return {
    listBegun(nowMs) {
      begunMs = nowMs;
    },
    listTold(resourceVersion) {
      toldBegunMs = begunMs;
      current = resourceVersion;
      settle();
    },
    reached(resourceVersion) {
      current = resourceVersion;
      if (waiters.size > 0) settle();
    },
    listedSince: (sinceMs) => toldBegunMs >= sinceMs,
    wait(resourceVersion, sinceMs) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const waiter: Waiter = { resourceVersion, sinceMs, resolve };
      if (isMet(waiter)) resolve();
      else waiters.add(waiter);
      return { reached: promise, cancel: () => void waiters.delete(waiter) };
    },
  };
}
