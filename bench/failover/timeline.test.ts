import { expect, test } from 'vitest';
import { timelineOf } from './timeline.ts';

const ADDRESS = '192.0.2.1';
const rounds = Array.from({ length: 20 }, (_, round) => ({ round, atMs: 1_000 + 20 * round }));
const sign = (mac: string, round: number, address = ADDRESS) => ({ atMs: 1_001 + 20 * round, address, mac, round });
const answersOf = (mac: string, from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => sign(mac, from + index));

test('an address without an owner, then one with two, then with the next', () => {
  const answers = [...answersOf('old', 0, 5), ...answersOf('new', 10, 20), ...answersOf('old', 15, 17)];
  const announcements = [sign('old', 1), sign('new', 11), sign('new', 12)];
  expect(timelineOf(ADDRESS, { rounds, answers, announcements }, 1_050, 'old')).toEqual({
    ownerlessMs: 100,
    twoOwnersMs: 40,
    firstAnnouncementMs: 171,
    firstAnswerMs: 151,
  });
});

test('one late answer is no silence, and other addresses are not looked at', () => {
  const answers = [...answersOf('old', 0, 7), ...answersOf('old', 9, 20), sign('new', 8, '192.0.2.2')];
  expect(timelineOf(ADDRESS, { rounds, answers, announcements: [] }, 1_000, 'old')).toEqual({
    ownerlessMs: 0,
    twoOwnersMs: 0,
    firstAnnouncementMs: undefined,
    firstAnswerMs: undefined,
  });
});

test('an address that nobody answers for until the end was without an owner for the whole time', () => {
  const { ownerlessMs } = timelineOf(ADDRESS, { rounds, answers: [], announcements: [] }, 1_000, 'old');
  expect(ownerlessMs).toBe(19 * 20);
});
