import type { Chapter } from './chapter.ts';
import { pending } from './part-1-pending.ts';
import { layer2 } from './part-2-layer2.ts';
import { failover } from './part-3-failover.ts';
import { bgp } from './part-4-bgp.ts';

/** The whole story, in order. */
export const chapters: readonly Chapter[] = [pending, layer2, failover, bgp];
