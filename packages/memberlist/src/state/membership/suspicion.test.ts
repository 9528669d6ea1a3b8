import { describe, expect, test } from 'vitest';
import {
  confirmations,
  confirmSuspicion,
  startSuspicion,
  suspicionDurationMs,
  suspicionEndsAtMs,
} from './suspicion.ts';

describe('hashicorp/memberlist suspicion.go', () => {
  test.for([
    { c: 0, k: 3, elapsedMs: 0, minMs: 2_000, maxMs: 30_000, remainingMs: 30_000 },
    { c: 1, k: 3, elapsedMs: 2_000, minMs: 2_000, maxMs: 30_000, remainingMs: 14_000 },
    { c: 2, k: 3, elapsedMs: 3_000, minMs: 2_000, maxMs: 30_000, remainingMs: 4_810 },
    { c: 3, k: 3, elapsedMs: 4_000, minMs: 2_000, maxMs: 30_000, remainingMs: -2_000 },
    { c: 4, k: 3, elapsedMs: 5_000, minMs: 2_000, maxMs: 30_000, remainingMs: -3_000 },
    { c: 5, k: 3, elapsedMs: 10_000, minMs: 2_000, maxMs: 30_000, remainingMs: -8_000 },
    { c: 0, k: 2, elapsedMs: 0, minMs: 4_000, maxMs: 24_000, remainingMs: 24_000 },
    { c: 1, k: 2, elapsedMs: 0, minMs: 4_000, maxMs: 24_000, remainingMs: 11_381 },
    { c: 2, k: 2, elapsedMs: 0, minMs: 4_000, maxMs: 24_000, remainingMs: 4_000 },
    { c: 0, k: 0, elapsedMs: 0, minMs: 4_000, maxMs: 24_000, remainingMs: 4_000 },
  ])(
    '$c of $k confirmations after $elapsedMs ms leave $remainingMs ms',
    ({ c, k, elapsedMs, minMs, maxMs, remainingMs }) => {
      expect(suspicionDurationMs(c, { minMs, maxMs, expectedConfirmations: k }) - elapsedMs).toBe(remainingMs);
    },
  );

  test.for<[from: [name: string, isNew: boolean][], endsAtMs: number]>([
    [[], 2_000],
    [
      [
        ['me', false],
        ['foo', true],
      ],
      1_250,
    ],
    [
      [
        ['me', false],
        ['foo', true],
        ['foo', false],
        ['foo', false],
      ],
      1_250,
    ],
    [
      [
        ['me', false],
        ['foo', true],
        ['bar', true],
      ],
      811,
    ],
    [
      [
        ['me', false],
        ['foo', true],
        ['bar', true],
        ['baz', true],
      ],
      500,
    ],
    [
      [
        ['me', false],
        ['foo', true],
        ['bar', true],
        ['baz', true],
        ['zoo', false],
      ],
      500,
    ],
  ])('confirmed by %j it ends after %d ms', ([from, endsAtMs]) => {
    const suspicion = startSuspicion('me', { minMs: 500, maxMs: 2_000, expectedConfirmations: 3 }, 100);
    for (const [name, isNew] of from) expect(confirmSuspicion(suspicion, name)).toBe(isNew);
    expect(suspicionEndsAtMs(suspicion)).toBe(100 + endsAtMs);
    expect(confirmations(suspicion)).toBe(from.filter(([, isNew]) => isNew).length);
  });

  test('where no confirmation is waited for, none is one', () => {
    const suspicion = startSuspicion('me', { minMs: 25, maxMs: 30_000, expectedConfirmations: 0 }, 0);
    expect(confirmSuspicion(suspicion, 'foo')).toBe(false);
    expect(suspicionEndsAtMs(suspicion)).toBe(25);
  });
});
