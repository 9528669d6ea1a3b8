import type { AnnouncementStatus } from './status-object.ts';

/** Objects of other nodes for one Service that this node announces. */
export interface Rivals {
  /** An object has appeared while we announce. */
  appeared(uid: string, nowMs: number): void;
  disappeared(uid: string): void;
  isOverdue(object: AnnouncementStatus, nowMs: number): boolean;
  /** How long until one of these is overdue; undefined where none will be. */
  nextInMs(objects: readonly AnnouncementStatus[], nowMs: number): number | undefined;
}

/** A handover takes seconds; a node that has died without a word is not seen by its object any sooner either. */
const MIN_GRACE_MS = 30_000;
const MAX_GRACE_MS = 600_000;

/**
 * What was there when we began to announce goes at once. What another node writes later may be its own first word as the next
 * owner, before we have heard of it; and where the gossip is split, both announce, and each says so: to delete the other's
 * then would make it write again, for ever. So that goes only after a while, each time a longer one.
 */
export function createRivals(): Rivals {
  const overdueAtMs = new Map<string, number>();
  let graceMs = MIN_GRACE_MS;

  const dueAt = (uid: string): number => overdueAtMs.get(uid) ?? Number.NEGATIVE_INFINITY;
  return {
    appeared(uid, nowMs) {
      overdueAtMs.set(uid, nowMs + graceMs);
      graceMs = Math.min(MAX_GRACE_MS, graceMs * 2);
    },
    disappeared: (uid) => void overdueAtMs.delete(uid),
    isOverdue: ({ uid }, nowMs) => dueAt(uid) <= nowMs,
    nextInMs(objects, nowMs) {
      const waits = objects.map(({ uid }) => dueAt(uid) - nowMs).filter((waitMs) => waitMs > 0);
      return waits.length === 0 ? undefined : Math.min(...waits);
    },
  };
}
