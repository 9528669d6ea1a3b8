import { expect, test } from 'vitest';
import type { MemberStatus } from '../../messages/message.ts';
import { createMemberTable, insertMember, type MemberEntry, reapAndShuffle, updateMember } from './member-table.ts';

function tableOf(...members: readonly (readonly [node: string, status: MemberStatus, changedAtMs: number])[]): {
  readonly table: ReturnType<typeof createMemberTable>;
  readonly entries: Map<string, MemberEntry>;
} {
  const table = createMemberTable();
  const entries = new Map<string, MemberEntry>();
  for (const [node, status, changedAtMs] of members) {
    const member = {
      node,
      address: Uint8Array.of(192, 0, 2, 1),
      port: 7946,
      incarnation: 1,
      meta: new Uint8Array(),
      versions: new Uint8Array(),
      status,
    };
    entries.set(node, insertMember(table, member, { self: node === 'self', nowMs: changedAtMs, random: () => 0.5 }));
  }
  return { table, entries };
}

test('the dead and the gone are forgotten after the time, this member never', () => {
  const { table } = tableOf(
    ['self', 'left', 0],
    ['dead-long', 'dead', 0],
    ['dead-lately', 'dead', 15_000],
    ['left-long', 'left', 4_999],
    ['left-lately', 'left', 5_000],
    ['suspect', 'suspect', 0],
    ['alive', 'alive', 0],
  );
  reapAndShuffle(table, { nowMs: 20_000, olderThanMs: 15_000, random: () => 0.3 });
  const kept = ['self', 'dead-lately', 'left-lately', 'suspect', 'alive'];
  expect(new Set(table.probeList.map((entry) => entry.member.node))).toEqual(new Set(kept));
  expect(new Set(table.byName.keys())).toEqual(new Set(kept));
  expect(table.recentlyDead.map((entry) => entry.member.node)).toEqual(['dead-lately']);
});

test('a member is in the pool of its status', () => {
  const { table, entries } = tableOf(['self', 'alive', 0], ['a', 'alive', 0], ['b', 'suspect', 0], ['c', 'dead', 0]);
  const names = (pool: readonly MemberEntry[]): string[] => pool.map((entry) => entry.member.node).sort();
  expect(names(table.reachable)).toEqual(['a', 'b']);
  expect(names(table.recentlyDead)).toEqual(['c']);
  const change = (node: string, status: MemberStatus): void => {
    const entry = entries.get(node);
    if (entry !== undefined) updateMember(table, entry, { ...entry.member, status }, 7);
  };
  change('a', 'dead');
  change('b', 'left');
  change('c', 'alive');
  expect(names(table.reachable)).toEqual(['c']);
  expect(names(table.recentlyDead)).toEqual(['a']);
});

test('the time of a change is that of the status, not of what else is known', () => {
  const { table, entries } = tableOf(['a', 'alive', 3]);
  const entry = entries.get('a');
  if (entry === undefined) throw new Error('no entry');
  updateMember(table, entry, { ...entry.member, incarnation: 2 }, 9);
  expect(entry.changedAtMs).toBe(3);
  updateMember(table, entry, { ...entry.member, status: 'suspect' }, 9);
  expect(entry.changedAtMs).toBe(9);
});
