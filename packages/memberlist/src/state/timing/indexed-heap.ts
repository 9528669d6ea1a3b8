/** Something that a heap holds: it remembers its place, so that it can be taken out of the middle. */
export interface HeapItem {
  /** Kept by the heap. −1: in none. */
  heapIndex: number;
}

/** A binary heap whose items can be removed, wherever they are. Each operation takes O(log n). */
export interface IndexedHeap<T extends HeapItem> {
  readonly size: () => number;
  readonly first: () => T | undefined;
  readonly add: (item: T) => void;
  /** Nothing happens where it is in no heap. */
  readonly remove: (item: T) => void;
  /** All items, in no order. */
  readonly items: () => readonly T[];
}

/** @param precedes - Whether the one comes before the other. */
export function createIndexedHeap<T extends HeapItem>(precedes: (one: T, other: T) => boolean): IndexedHeap<T> {
  const items: T[] = [];

  const put = (item: T, index: number): void => {
    items[index] = item;
    item.heapIndex = index;
  };

  const rise = (item: T, from: number): number => {
    let index = from;
    while (index > 0) {
      const parentIndex = (index - 1) >> 1;
      const parent = items[parentIndex];
      if (parent === undefined || !precedes(item, parent)) break;
      put(parent, index);
      index = parentIndex;
    }
    put(item, index);
    return index;
  };

  const sink = (item: T, from: number): void => {
    let index = from;
    for (;;) {
      let childIndex = 2 * index + 1;
      let child = items[childIndex];
      if (child === undefined) break;
      const right = items[childIndex + 1];
      if (right !== undefined && precedes(right, child)) {
        child = right;
        childIndex += 1;
      }
      if (!precedes(child, item)) break;
      put(child, index);
      index = childIndex;
    }
    put(item, index);
  };

  return {
    size: () => items.length,
    first: () => items[0],
    items: () => items,
    add: (item) => {
      items.push(item);
      rise(item, items.length - 1);
    },
    remove: (item) => {
      const index = item.heapIndex;
      if (items[index] !== item) return;
      item.heapIndex = -1;
      const last = items.pop();
      if (last === undefined || last === item) return;
      if (rise(last, index) === index) sink(last, index);
    },
  };
}
