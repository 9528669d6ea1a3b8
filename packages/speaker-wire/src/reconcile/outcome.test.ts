import { expect, test } from 'vitest';
import { hasNewcomer, type Members } from './outcome.ts';

test.for<[what: string, before: Members, now: Members, expected: boolean]>([
  ['one that joins others', 'joining', new Set(['a', 'b']), true],
  ['one that finds nobody', 'joining', new Set(['a']), false],
  ['one that somebody joins', new Set(['a', 'b']), new Set(['a', 'b', 'c']), true],
  ['one that somebody leaves', new Set(['a', 'b']), new Set(['a']), false],
  ['one that still asks', 'unknown', 'joining', false],
])('%s', ([, before, now, expected]) => {
  expect(hasNewcomer(before, now, 'a')).toBe(expected);
});
