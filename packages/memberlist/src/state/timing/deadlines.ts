import type { MemberEntry } from '../membership/member-table.ts';
import type { Relay } from '../probing/relay-table.ts';
import { createIndexedHeap, type HeapItem, type IndexedHeap } from './indexed-heap.ts';

/**
 * What falls due, in this order where several do at once: a probe ends before the next tick begins one, as in the
 * library, where the end of a probe that overran makes room for the tick that waits.
 */
const ORDER = ['suspicion', 'relay', 'probe', 'probeTick', 'gossipTick', 'pushPullTick'] as const;

export type DeadlineSubject =
  | { readonly type: 'suspicion'; readonly entry: MemberEntry }
  | { readonly type: 'relay'; readonly relay: Relay }
  | { readonly type: Exclude<(typeof ORDER)[number], 'suspicion' | 'relay'> };

export interface Deadline extends HeapItem {
  readonly subject: DeadlineSubject;
  atMs: number;
}

export type Deadlines = IndexedHeap<Deadline>;

export function createDeadlines(): Deadlines {
  return createIndexedHeap<Deadline>(
    (one, other) =>
      one.atMs < other.atMs ||
      (one.atMs === other.atMs && ORDER.indexOf(one.subject.type) < ORDER.indexOf(other.subject.type)),
  );
}

export function newDeadline(subject: DeadlineSubject): Deadline {
  return { subject, atMs: Number.POSITIVE_INFINITY, heapIndex: -1 };
}

/** Sets the one, wherever it was. */
export function setDeadline(deadlines: Deadlines, deadline: Deadline, atMs: number): void {
  deadlines.remove(deadline);
  deadline.atMs = atMs;
  deadlines.add(deadline);
}
