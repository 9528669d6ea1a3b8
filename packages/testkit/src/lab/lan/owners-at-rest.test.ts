import { expect, test } from 'vitest';
import { ownersNow } from './owners-at-rest.ts';

const rounds = Array.from({ length: 20 }, (_, round) => ({ round, atMs: 1_000 + 20 * round }));
const answersOf = (mac: string, from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => {
    const round = from + index;
    return { atMs: 1_001 + 20 * round, address: '192.0.2.1', mac, round };
  });

test('who owns an address now is who has answered lately', () => {
  const answers = [...answersOf('old', 0, 15), ...answersOf('new', 15, 20)];
  expect(ownersNow({ rounds, answers }, 60)).toEqual(new Map([['192.0.2.1', new Set(['new'])]]));
  expect(ownersNow({ rounds, answers }, 200)).toEqual(new Map([['192.0.2.1', new Set(['old', 'new'])]]));
  expect(ownersNow({ rounds: [], answers: [] }, 60)).toEqual(new Map());
});
