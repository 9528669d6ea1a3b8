import type { LargeCommunity } from '../route.ts';

/** Sorted, each once: the same set always has the same octets. */
export function distinctCommunities(communities: readonly number[] | undefined): readonly number[] {
  if (communities === undefined || communities.length < 2) return communities ?? [];
  return [...new Set(communities)].sort((a, b) => a - b);
}

function compareOctets(a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < Math.min(a.length, b.length); i += 1) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** RFC 4360. */
export function distinctExtendedCommunities(communities: readonly Uint8Array[] | undefined): readonly Uint8Array[] {
  if (communities === undefined || communities.length < 2) return communities ?? [];
  return distinct([...communities].sort(compareOctets), compareOctets);
}

function compareLarge(a: LargeCommunity, b: LargeCommunity): number {
  return a.globalAdministrator - b.globalAdministrator || a.localData1 - b.localData1 || a.localData2 - b.localData2;
}

/** RFC 8092, section 5: duplicates are not sent. */
export function distinctLargeCommunities(
  communities: readonly LargeCommunity[] | undefined,
): readonly LargeCommunity[] {
  if (communities === undefined || communities.length < 2) return communities ?? [];
  return distinct([...communities].sort(compareLarge), compareLarge);
}

function distinct<T>(sorted: readonly T[], compare: (a: T, b: T) => number): readonly T[] {
  return sorted.filter((value, i) => {
    const before = sorted[i - 1];
    return before === undefined || compare(before, value) !== 0;
  });
}
