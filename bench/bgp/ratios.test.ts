import { expect, test } from 'vitest';
import { readPart } from './part.ts';
import { communityOf, prefixOf } from './prefixes.ts';
import { timesSteelyards } from './ratios.ts';

const figureOf = ({ ms }: { readonly ms?: number }): number | undefined => ms;

test('others are told as multiples of Steelyard, those without a figure not at all', () => {
  expect(timesSteelyards({ bird: { ms: 30 }, frr: {}, steelyard: { ms: 20 } }, figureOf)).toEqual({ bird: 1.5 });
  expect(timesSteelyards({ bird: { ms: 30 } }, figureOf)).toEqual({});
  expect(timesSteelyards({ bird: { ms: 30 }, steelyard: {} }, figureOf)).toEqual({});
});

test('nothing is divided by what cannot be told from zero', () => {
  expect(timesSteelyards({ bird: { ms: 0 }, steelyard: { ms: 0 } }, figureOf, 2)).toEqual({ bird: 1 });
});

test('each number has a prefix and a community of its own', () => {
  expect([0, 256, 99_999].map(prefixOf)).toEqual(['198.18.0.0/32', '198.18.1.0/32', '198.19.134.159/32']);
  expect(communityOf(65_537)).toEqual([64_513, 1]);
  expect(() => prefixOf(131_072)).toThrow(RangeError);
});

test('the part and the speakers are taken out of the arguments', () => {
  expect(readPart(['--part=speakers', '--only=metallb', '--most=100'])).toEqual({
    part: 'speakers',
    only: ['--only=metallb'],
    rest: ['--most=100'],
  });
  expect(readPart([]).part).toBe('both');
  expect(() => readPart(['--part=all'])).toThrow(RangeError);
});
