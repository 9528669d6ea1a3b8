import { expect, test } from 'vitest';
import { createRivals } from './rivals.ts';
import type { AnnouncementStatus } from './status-object.ts';

const object = (uid: string): AnnouncementStatus => ({
  uid,
  name: uid,
  resourceVersion: '1',
  node: 'node-2',
  serviceKey: 'a/b',
  own: undefined,
});

test('what was there before goes at once; what appears later goes after a while, each time a longer one', () => {
  const rivals = createRivals();
  expect(rivals.isOverdue(object('before'), 0)).toBe(true);
  for (const [uid, atMs, graceMs] of [
    ['a', 0, 30_000],
    ['b', 100_000, 60_000],
    ['c', 200_000, 120_000],
  ] as const) {
    rivals.appeared(uid, atMs);
    expect(rivals.isOverdue(object(uid), atMs + graceMs - 1)).toBe(false);
    expect(rivals.nextInMs([object('before'), object(uid)], atMs)).toBe(graceMs);
    expect(rivals.isOverdue(object(uid), atMs + graceMs)).toBe(true);
    rivals.disappeared(uid);
    expect(rivals.nextInMs([object(uid)], atMs)).toBeUndefined();
  }
  for (let i = 0; i < 20; i++) rivals.appeared(`x${i}`, 0);
  expect(rivals.isOverdue(object('x19'), 600_000)).toBe(true);
});
