import { createOrderedTree, type OperationCounter } from './ordered-tree.ts';

/**
 * A set of non-negative integers, kept as the maximal intervals that it consists of.
 *
 * A pool with ten thousand addresses in use, one after the other, is a single interval here.
 */
export interface IntervalSet {
  /** How many integers are in the set. */
  readonly size: bigint;
  add(value: bigint): void;
  delete(value: bigint): void;
  has(value: bigint): boolean;
  /** The smallest non-negative integer that is not in the set. */
  lowestAbsent(): bigint;
}

/** Creates an empty set. */
export function createIntervalSet(operations: OperationCounter): IntervalSet {
  // From the first to the last member of each maximal interval.
  const intervals = createOrderedTree<bigint, undefined>(operations, () => undefined);
  let size = 0n;

  function has(value: bigint): boolean {
    const interval = intervals.floor(value);
    return interval !== undefined && interval.value >= value;
  }

  return {
    get size() {
      return size;
    },
    has,
    add(value) {
      const left = intervals.floor(value);
      if (left !== undefined && left.value >= value) {
        return;
      }
      const rightEnd = intervals.get(value + 1n);
      if (rightEnd !== undefined) {
        intervals.delete(value + 1n);
      }
      intervals.set(left !== undefined && left.value === value - 1n ? left.key : value, rightEnd ?? value);
      size++;
    },
    delete(value) {
      const interval = intervals.floor(value);
      if (interval === undefined || interval.value < value) {
        return;
      }
      if (interval.key === value) {
        intervals.delete(value);
      } else {
        intervals.set(interval.key, value - 1n);
      }
      if (interval.value > value) {
        intervals.set(value + 1n, interval.value);
      }
      size--;
    },
    lowestAbsent() {
      const first = intervals.floor(0n);
      return first === undefined ? 0n : first.value + 1n;
    },
  };
}
