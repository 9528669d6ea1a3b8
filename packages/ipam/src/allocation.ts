import type { Sharing } from './sharing.ts';

/** What one holder has. */
export interface Allocation {
  readonly holder: string;
  /** Canonical text, in the order in which they were asked for; IPv4 first where they were allocated. */
  readonly addresses: readonly string[];
  readonly pool: string;
  readonly sharing: Sharing;
}
