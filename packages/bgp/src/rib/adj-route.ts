import type { Nlri } from '../update/encode/nlri.ts';
import type { AttributeSet } from './attribute-sets.ts';
import type { Queued } from './linked-queue.ts';

/**
 * What the peer knows of a prefix in this session: nothing; nothing, and End-of-RIB waits for it (`initial`); these
 * attributes; or attributes that it has asked for again (`stale`).
 */
export type SentState = AttributeSet | 'initial' | 'stale' | undefined;

/** A prefix that is wanted, or that the peer still has. */
export interface AdjRoute extends Queued<AdjRoute> {
  readonly nlri: Nlri;
  wanted: AttributeSet | undefined;
  sent: SentState;
}

/** Whether the peer has a route, of whatever attributes. */
export function isAnnounced(sent: SentState): boolean {
  return sent !== undefined && sent !== 'initial';
}

/** Whether End-of-RIB, or End-of-Route-Refresh, waits for the route. */
export function isDue(sent: SentState): boolean {
  return sent === 'initial' || sent === 'stale';
}
