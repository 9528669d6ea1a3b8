/** An address that waits for its next round. */
export interface DueRound<Key> {
  readonly address: Key;
  /** Rounds sent so far. */
  round: number;
  dueMs: number;
  queue: DueQueue<Key> | undefined;
  previous: DueRound<Key> | undefined;
  next: DueRound<Key> | undefined;
}

/**
 * Rounds in the order in which they fall due. Whatever is appended falls due no earlier than the last, because one
 * queue has one interval; so first in, first out, is the order, and every operation is O(1), also taking one out of
 * the middle.
 */
export interface DueQueue<Key> {
  head: DueRound<Key> | undefined;
  tail: DueRound<Key> | undefined;
}

export function emptyQueue<Key>(): DueQueue<Key> {
  return { head: undefined, tail: undefined };
}

export function append<Key>(queue: DueQueue<Key>, entry: DueRound<Key>): void {
  entry.queue = queue;
  entry.previous = queue.tail;
  entry.next = undefined;
  if (queue.tail === undefined) queue.head = entry;
  else queue.tail.next = entry;
  queue.tail = entry;
}

/** Puts an entry back to the front: the round that the kernel refused. */
export function prepend<Key>(queue: DueQueue<Key>, entry: DueRound<Key>): void {
  entry.queue = queue;
  entry.previous = undefined;
  entry.next = queue.head;
  if (queue.head === undefined) queue.tail = entry;
  else queue.head.previous = entry;
  queue.head = entry;
}

/** Takes an entry out of the queue that holds it, if one does. */
export function unlink<Key>(entry: DueRound<Key>): void {
  const { queue } = entry;
  if (queue === undefined) return;
  if (entry.previous === undefined) queue.head = entry.next;
  else entry.previous.next = entry.next;
  if (entry.next === undefined) queue.tail = entry.previous;
  else entry.next.previous = entry.previous;
  entry.queue = undefined;
  entry.previous = undefined;
  entry.next = undefined;
}
