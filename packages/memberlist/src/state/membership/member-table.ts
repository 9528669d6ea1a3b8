import type { Member } from '../protocol.ts';
import type { Deadline } from '../timing/deadlines.ts';
import type { Suspicion } from './suspicion.ts';

/** What is known of one member. */
export interface MemberEntry {
  /** Never changed, only replaced: whoever was handed one may keep it. */
  member: Member;
  /** When its status changed last. */
  changedAtMs: number;
  /** While it is suspected. */
  suspicion: Suspicion | undefined;
  readonly self: boolean;
  /** Runs while there is a suspicion. */
  suspicionDeadline: Deadline | undefined;
  /** Which of the two pools it is in, and where. */
  pool: MemberEntry[] | undefined;
  poolIndex: number;
}

/**
 * All members that are known. Those that may be picked for something are kept apart, so that picking among ten thousand
 * dead ones costs no more than among ten.
 */
export interface MemberTable {
  readonly byName: Map<string, MemberEntry>;
  /** In the order in which they are probed; everybody is in it, this member and the dead, too. */
  probeList: MemberEntry[];
  /** Others that are alive or suspect. */
  readonly reachable: MemberEntry[];
  /** Others that died lately: whoever is dead by mistake hears of it by gossip. */
  readonly recentlyDead: MemberEntry[];
}

export function createMemberTable(): MemberTable {
  return { byName: new Map(), probeList: [], reachable: [], recentlyDead: [] };
}

/**
 * Takes a member in, at a random place of the probe list: if all appended, all would come to probe a new one last.
 *
 * @see hashicorp/memberlist `state.go`, `aliveNode`
 */
export function insertMember(
  table: MemberTable,
  member: Member,
  origin: { readonly self: boolean; readonly nowMs: number; readonly random: () => number },
): MemberEntry {
  const entry: MemberEntry = {
    member,
    changedAtMs: origin.nowMs,
    suspicion: undefined,
    self: origin.self,
    suspicionDeadline: undefined,
    pool: undefined,
    poolIndex: -1,
  };
  table.byName.set(member.node, entry);
  const offset = Math.floor(origin.random() * table.probeList.length);
  const displaced = table.probeList[offset];
  if (displaced === undefined) {
    table.probeList.push(entry);
  } else {
    table.probeList.push(displaced);
    table.probeList[offset] = entry;
  }
  enterPool(table, entry);
  return entry;
}

/** Replaces what is known of a member. */
export function updateMember(table: MemberTable, entry: MemberEntry, member: Member, nowMs: number): void {
  const statusChanged = entry.member.status !== member.status;
  entry.member = member;
  if (!statusChanged) return;
  entry.changedAtMs = nowMs;
  leavePool(entry);
  enterPool(table, entry);
}

/** Takes it out of the pool it is in: nothing is sent to it any more unless its status changes. */
export function leavePool(entry: MemberEntry): void {
  const { pool, poolIndex } = entry;
  if (pool === undefined) return;
  entry.pool = undefined;
  const last = pool.pop();
  if (last === undefined || last === entry) return;
  pool[poolIndex] = last;
  last.poolIndex = poolIndex;
}

function enterPool(table: MemberTable, entry: MemberEntry): void {
  const pool = poolOf(table, entry);
  if (pool === undefined) return;
  entry.pool = pool;
  entry.poolIndex = pool.length;
  pool.push(entry);
}

function poolOf(table: MemberTable, entry: MemberEntry): MemberEntry[] | undefined {
  if (entry.self) return undefined;
  switch (entry.member.status) {
    case 'alive':
    case 'suspect':
      return table.reachable;
    case 'dead':
      return table.recentlyDead;
    case 'left':
      return undefined;
  }
}

/**
 * Forgets whoever has been dead or gone for longer than `olderThanMs`, and shuffles the rest.
 *
 * @see hashicorp/memberlist `state.go`, `resetNodes`
 */
export function reapAndShuffle(
  table: MemberTable,
  when: { readonly nowMs: number; readonly olderThanMs: number; readonly random: () => number },
): void {
  const kept: MemberEntry[] = [];
  for (const entry of table.probeList) {
    // A member that has left still is what others ask: it is not to forget itself.
    if (entry.self || !isGone(entry.member) || when.nowMs - entry.changedAtMs <= when.olderThanMs) {
      kept.push(entry);
    } else {
      leavePool(entry);
      table.byName.delete(entry.member.node);
    }
  }
  for (let index = kept.length - 1; index > 0; index -= 1) {
    const other = Math.floor(when.random() * (index + 1));
    const one = kept[index];
    const two = kept[other];
    if (one === undefined || two === undefined) continue;
    kept[index] = two;
    kept[other] = one;
  }
  table.probeList = kept;
}

/** Whether it is dead or has left. */
export function isGone(member: Member): boolean {
  return member.status === 'dead' || member.status === 'left';
}
