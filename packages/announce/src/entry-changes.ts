import type { Layer2Decision } from './decide-layer2.ts';
import { type Layer2Entry, type Layer2EntryKey, sameEntry } from './layer2-entry.ts';

/** What a step has found so far. */
export interface Changes {
  readonly upserts: Layer2Entry[];
  readonly removals: Layer2EntryKey[];
  readonly decisions: { readonly serviceKey: string; readonly decision: Layer2Decision | undefined }[];
}

/** @returns `next`, with those that did not change as they were. */
export function replaceEntries(
  before: readonly Layer2Entry[],
  next: readonly Layer2Entry[],
  changes: Changes,
): readonly Layer2Entry[] {
  const wanted = new Set(next.map(({ address }) => address));
  const present = new Map(before.map((entry) => [entry.address, entry]));
  for (const { serviceKey, address } of before) {
    if (!wanted.has(address)) {
      changes.removals.push({ serviceKey, address });
    }
  }
  return next.map((entry) => {
    const old = present.get(entry.address);
    if (old !== undefined && sameEntry(old, entry)) {
      return old;
    }
    changes.upserts.push(entry);
    return entry;
  });
}
