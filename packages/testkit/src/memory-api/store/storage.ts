/**
 * The objects of a cluster and what happened to them lately: one counter for
 * all kinds (as etcd has it), and a bounded history from which watches resume.
 */

import type { KubeObject } from '../kube-object.ts';

export type ChangeType = 'ADDED' | 'MODIFIED' | 'DELETED';

/** One write. `object` is the new state; of a deletion the last one, with the version of the deletion. */
export interface Change {
  readonly resourceVersion: number;
  readonly storage: string;
  readonly type: ChangeType;
  readonly object: KubeObject;
  readonly previous: KubeObject | undefined;
}

/** The key of an object inside its storage; sorts as etcd's keys do. */
export function objectKey(namespace: string | undefined, name: string): string {
  return namespace ? `${namespace}/${name}` : name;
}

export class Storage {
  readonly #objects = new Map<string, Map<string, KubeObject>>();
  readonly #listeners = new Set<(change: Change) => void>();
  readonly #historyLimit: number;
  #history: Change[] = [];
  #resourceVersion = 1;
  /** Nothing at or before this version can be told apart any more. */
  #compactedAt = 0;

  constructor(historyLimit: number) {
    this.#historyLimit = historyLimit;
  }

  get resourceVersion(): number {
    return this.#resourceVersion;
  }

  /** The oldest version from which every change since is still known. */
  get oldestResourceVersion(): number {
    return this.#compactedAt;
  }

  get(storage: string, namespace: string | undefined, name: string): KubeObject | undefined {
    return this.#objects.get(storage)?.get(objectKey(namespace, name));
  }

  /** Every object of a storage, in no order. */
  all(storage: string): Iterable<KubeObject> {
    return this.#objects.get(storage)?.values() ?? [];
  }

  /** Every object of a storage, in the order of its key. */
  list(storage: string): KubeObject[] {
    const objects = this.#objects.get(storage);
    return objects ? inKeyOrder(objects) : [];
  }

  /** The objects as they were at a version that the history still reaches. */
  listAt(storage: string, resourceVersion: number): KubeObject[] {
    const objects = new Map(this.#objects.get(storage));
    for (let i = this.#history.length - 1; i >= 0; i--) {
      const change = this.#history[i];
      if (change === undefined || change.resourceVersion <= resourceVersion) break;
      if (change.storage !== storage) continue;
      const key = objectKey(change.object.metadata.namespace, change.object.metadata.name);
      if (change.previous === undefined) objects.delete(key);
      else objects.set(key, change.previous);
    }
    return inKeyOrder(objects);
  }

  /** Stores an object under the next version and tells who watches. */
  put(storage: string, object: KubeObject): KubeObject {
    const { namespace, name } = object.metadata;
    const previous = this.get(storage, namespace, name);
    const stored = this.#withNextVersion(object);
    let objects = this.#objects.get(storage);
    if (objects === undefined) {
      objects = new Map();
      this.#objects.set(storage, objects);
    }
    objects.set(objectKey(namespace, name), stored);
    this.#record(storage, previous === undefined ? 'ADDED' : 'MODIFIED', stored, previous);
    return stored;
  }

  remove(storage: string, object: KubeObject): KubeObject {
    const { namespace, name } = object.metadata;
    const previous = this.get(storage, namespace, name);
    this.#objects.get(storage)?.delete(objectKey(namespace, name));
    const last = this.#withNextVersion(object);
    this.#record(storage, 'DELETED', last, previous);
    return last;
  }

  /** What happened after a version; undefined where the history no longer reaches that far. */
  changesSince(resourceVersion: number): readonly Change[] | undefined {
    if (resourceVersion < this.#compactedAt) return undefined;
    return this.#history.filter((change) => change.resourceVersion > resourceVersion);
  }

  /** Forgets the history, as a compaction does: whoever asks from an older version gets 410. */
  expireHistory(): void {
    this.#history = [];
    this.#compactedAt = this.#resourceVersion;
  }

  subscribe(listener: (change: Change) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #withNextVersion(object: KubeObject): KubeObject {
    this.#resourceVersion++;
    return { ...object, metadata: { ...object.metadata, resourceVersion: String(this.#resourceVersion) } };
  }

  #record(storage: string, type: ChangeType, object: KubeObject, previous: KubeObject | undefined): void {
    const change: Change = { resourceVersion: this.#resourceVersion, storage, type, object, previous };
    this.#history.push(change);
    // Dropped in blocks, so that a full history does not move at every write.
    if (this.#history.length > this.#historyLimit * 1.25) {
      const dropped = this.#history.splice(0, this.#history.length - this.#historyLimit);
      this.#compactedAt = dropped.at(-1)?.resourceVersion ?? this.#compactedAt;
    }
    for (const listener of this.#listeners) listener(change);
  }
}

function inKeyOrder(objects: Map<string, KubeObject>): KubeObject[] {
  return [...objects.entries()].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([, object]) => object);
}
