import type { MemberEntry } from './member-table.ts';

/**
 * Picks distinct members at random, each with the same chance. It ends early only where there are no more to pick.
 *
 * Go's library guesses at most three times as often as there are members, and may come back with fewer than there are.
 *
 * @param pools - Taken as one list.
 * @param accepts - Who may be picked; asked at most once for each.
 * @see hashicorp/memberlist `util.go`, `kRandomNodes`
 */
export function pickMembers(
  count: number,
  pools: readonly (readonly MemberEntry[])[],
  random: () => number,
  accepts: (entry: MemberEntry) => boolean,
): readonly MemberEntry[] {
  let total = 0;
  for (const pool of pools) total += pool.length;
  const picked: MemberEntry[] = [];
  // The first places of a Fisher–Yates shuffle, of which only the moved ones are written down.
  const moved = new Map<number, number>();
  for (let index = 0; index < total && picked.length < count; index += 1) {
    const drawn = index + Math.floor(random() * (total - index));
    const place = moved.get(drawn) ?? drawn;
    moved.set(drawn, moved.get(index) ?? index);
    const entry = at(pools, place);
    if (entry !== undefined && accepts(entry)) picked.push(entry);
  }
  return picked;
}

function at(pools: readonly (readonly MemberEntry[])[], place: number): MemberEntry | undefined {
  let rest = place;
  for (const pool of pools) {
    if (rest < pool.length) return pool[rest];
    rest -= pool.length;
  }
  return undefined;
}
