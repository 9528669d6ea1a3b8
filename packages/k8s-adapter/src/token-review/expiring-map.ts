interface Entry<Value> {
  readonly value: Value;
  readonly expiresAtMs: number;
}

/** A map whose entries end, and which forgets the one that was longest of no use when it is full. */
export interface ExpiringMap<Value> {
  /** The value, unless its time is over. */
  get(key: string, nowMs: number): Value | undefined;
  /** The value even after its time, as long as it was not pushed out. */
  recall(key: string): Value | undefined;
  set(key: string, value: Value, expiresAtMs: number): void;
  delete(key: string): void;
  readonly size: number;
}

export function createExpiringMap<Value>(maxEntries: number): ExpiringMap<Value> {
  const entries = new Map<string, Entry<Value>>(); // in the order of use
  return {
    get(key, nowMs) {
      const entry = entries.get(key);
      if (entry === undefined || nowMs >= entry.expiresAtMs) return undefined;
      entries.delete(key);
      entries.set(key, entry);
      return entry.value;
    },
    recall: (key) => entries.get(key)?.value,
    set(key, value, expiresAtMs) {
      entries.delete(key);
      entries.set(key, { value, expiresAtMs });
      if (entries.size <= maxEntries) return;
      const [oldest] = entries.keys();
      if (oldest !== undefined) entries.delete(oldest);
    },
    delete(key) {
      entries.delete(key);
    },
    get size() {
      return entries.size;
    },
  };
}
