import { expect, test } from 'vitest';
import { createRejoin } from './rejoin.ts';

const NOBODY: ReadonlySet<string> = new Set();

test('every peer but the speaker itself is tried at once, then ever more seldom, and once a member not at all', () => {
  const rejoin = createRejoin('10.0.0.1');
  rejoin.setPeers(['10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.0.2']);
  expect(rejoin.due(NOBODY, 0)).toEqual(['10.0.0.2', '10.0.0.3']);
  const members = new Set(['10.0.0.3']);
  const triedAt = Array.from({ length: 90 }, (_, second) => second * 1_000).filter(
    (nowMs) => rejoin.due(members, nowMs).length > 0,
  );
  expect(triedAt).toEqual([2_000, 6_000, 14_000, 30_000, 46_000, 62_000, 78_000]);
});

test('a member that is lost is tried at once, and so is everybody after a hint', () => {
  const rejoin = createRejoin('10.0.0.1');
  rejoin.setPeers(['10.0.0.2']);
  expect(rejoin.due(new Set(['10.0.0.2']), 0)).toEqual([]);
  expect(rejoin.due(NOBODY, 1_000)).toEqual(['10.0.0.2']);
  expect(rejoin.due(NOBODY, 1_001)).toEqual([]);
  rejoin.hurry();
  expect(rejoin.due(NOBODY, 1_002)).toEqual(['10.0.0.2']);
  rejoin.setPeers([]);
  expect(rejoin.due(NOBODY, 90_000)).toEqual([]);
});
