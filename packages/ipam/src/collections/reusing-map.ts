/** A map for keys that come and go and come again. */
export interface ReusingMap<K, V> {
  get(key: K): V | undefined;
  set(key: K, value: V): void;
  delete(key: K): void;
  clear(): void;
  values(): Iterable<V>;
}

/** Fewer blanks than this are not worth a new table. */
const MIN_BLANKS = 64;

/**
 * Creates a map that keeps the place of a deleted key for a while.
 *
 * The engine's own `Map` only marks what is deleted, in the chain where the same key will be looked for again: an
 * address that is released and allocated over and over, as the lowest one is, would be found more slowly each time.
 */
export function createReusingMap<K, V>(): ReusingMap<K, V> {
  let places = new Map<K, V | undefined>();
  let blanks = 0;

  return {
    get: (key) => places.get(key),
    set(key, value) {
      if (blanks > 0 && places.has(key) && places.get(key) === undefined) {
        blanks--;
      }
      places.set(key, value);
    },
    delete(key) {
      if (places.get(key) === undefined) {
        return;
      }
      places.set(key, undefined);
      blanks++;
      if (blanks > MIN_BLANKS && blanks > places.size / 2) {
        places = new Map([...places].filter(([, value]) => value !== undefined));
        blanks = 0;
      }
    },
    clear() {
      places = new Map();
      blanks = 0;
    },
    *values() {
      for (const value of places.values()) {
        if (value !== undefined) {
          yield value;
        }
      }
    },
  };
}
