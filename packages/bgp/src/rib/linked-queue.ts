/** What stands in at most one queue: its neighbours there. */
export interface Queued<T> {
  previous: T | undefined;
  next: T | undefined;
}

/**
 * First in, first out, and out of the middle, in constant time and without a cell for each item.
 *
 * (The first of a `Set` is not found in constant time after many before it were deleted.)
 */
export interface LinkedQueue<T> {
  first: T | undefined;
  last: T | undefined;
}

/** Puts an item that stands in no queue at the end. */
export function enqueue<T extends Queued<T>>(queue: LinkedQueue<T>, item: T): void {
  item.previous = queue.last;
  if (queue.last === undefined) queue.first = item;
  else queue.last.next = item;
  queue.last = item;
}

/** Takes an item out of the queue in which it stands. */
export function dequeue<T extends Queued<T>>(queue: LinkedQueue<T>, item: T): void {
  if (item.previous === undefined) queue.first = item.next;
  else item.previous.next = item.next;
  if (item.next === undefined) queue.last = item.previous;
  else item.next.previous = item.previous;
  item.previous = undefined;
  item.next = undefined;
}
