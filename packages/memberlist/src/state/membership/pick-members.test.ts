import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createMemberTable, insertMember, type MemberEntry } from './member-table.ts';
import { pickMembers } from './pick-members.ts';

function entries(count: number, prefix: string): MemberEntry[] {
  const table = createMemberTable();
  return Array.from({ length: count }, (_, index) =>
    insertMember(
      table,
      {
        node: `${prefix}${index}`,
        address: Uint8Array.of(192, 0, 2, 1),
        port: 7946,
        incarnation: 1,
        meta: new Uint8Array(),
        versions: new Uint8Array(),
        status: 'alive',
      },
      { self: false, nowMs: 0, random: () => 0 },
    ),
  );
}

test('as many distinct members as there are, of those that are accepted, and each is asked once', () => {
  const random = fc.float({ min: 0, max: Math.fround(0.999), noNaN: true });
  const property = fc.property(
    fc.nat(12),
    fc.nat(12),
    fc.nat(14),
    fc.array(random, { minLength: 1 }),
    (ones, others, count, draws) => {
      const pools = [entries(ones, 'a'), entries(others, 'b')];
      const asked: MemberEntry[] = [];
      let drawn = 0;
      const picked = pickMembers(
        count,
        pools,
        () => draws[drawn++ % draws.length] ?? 0,
        (entry) => {
          asked.push(entry);
          return !entry.member.node.endsWith('3');
        },
      );
      const acceptable = pools.flat().filter((entry) => !entry.member.node.endsWith('3')).length;
      expect(picked).toHaveLength(Math.min(count, acceptable));
      expect(new Set(picked).size).toBe(picked.length);
      expect(new Set(asked).size).toBe(asked.length);
    },
  );
  void fc.assert(property);
});

test('each has the same chance', () => {
  const pool = entries(6, 'a');
  const counts = new Map<MemberEntry, number>();
  let state = 1;
  const random = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  for (let round = 0; round < 6_000; round += 1) {
    for (const entry of pickMembers(2, [pool], random, () => true)) counts.set(entry, (counts.get(entry) ?? 0) + 1);
  }
  for (const entry of pool) expect(Math.abs((counts.get(entry) ?? 0) - 2_000)).toBeLessThan(200);
});
