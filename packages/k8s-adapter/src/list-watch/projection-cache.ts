import { callBack } from '../uncaught.ts';

export interface ProjectionCacheOptions<T> {
  readonly equal: (a: T, b: T) => boolean;
  readonly onUpsert: (key: string, value: T, previous: T | undefined) => void;
  readonly onDelete: (key: string, previous: T) => void;
}

/** What is known of one kind of object: its projections by key. Tells what changed, and only that. */
export interface ProjectionCache<T> {
  readonly values: ReadonlyMap<string, T>;
  upsert(key: string, value: T): void;
  remove(key: string): void;
  /** A complete list: the differences are told in steps, so that the caller may let others run in between. */
  replace(complete: ReadonlyMap<string, T>): Iterator<void, void>;
}

const CHANGES_PER_STEP = 256;

export function createProjectionCache<T>(options: ProjectionCacheOptions<T>): ProjectionCache<T> {
  const values = new Map<string, T>();

  /** True if the caller was told. */
  function upsert(key: string, value: T): boolean {
    const previous = values.get(key);
    const unchanged = previous !== undefined && options.equal(previous, value);
    values.set(key, value); // also when "equal": the caller may compare less than all of it
    if (unchanged) return false;
    callBack(() => options.onUpsert(key, value, previous));
    return true;
  }

  function remove(key: string): boolean {
    const previous = values.get(key);
    if (previous === undefined) return false;
    values.delete(key);
    callBack(() => options.onDelete(key, previous));
    return true;
  }

  function* replace(complete: ReadonlyMap<string, T>): Iterator<void, void> {
    let told = 0;
    // Deletions first: what they free may be what the additions want.
    for (const key of [...values.keys()]) {
      if (!complete.has(key) && remove(key) && ++told % CHANGES_PER_STEP === 0) yield;
    }
    for (const [key, value] of complete) {
      if (upsert(key, value) && ++told % CHANGES_PER_STEP === 0) yield;
    }
  }

  return {
    values,
    upsert: (key, value) => {
      upsert(key, value);
    },
    remove: (key) => {
      remove(key);
    },
    replace,
  };
}
