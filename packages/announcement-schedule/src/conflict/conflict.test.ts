import { describe, expect, test } from 'vitest';
import { type ConflictState, macToNumber, stepConflict } from './conflict.ts';

test('a MAC address keeps all its 48 bits as a number', () => {
  expect(macToNumber(Uint8Array.of(255, 255, 255, 255, 255, 254))).toBe(0xffff_ffff_fffe);
  expect(macToNumber(Uint8Array.of(9, 0x80, 0, 0x80, 0, 0, 1), 1)).toBe(0x8000_8000_0001);
});

/** Replays conflicts and says what each led to. */
function replay(
  config: { readonly defend: boolean },
  seen: readonly (readonly [claimant: number, nowMs: number])[],
): string[] {
  let state: ConflictState | undefined;
  return seen.map(([claimant, nowMs]) => {
    const step = stepConflict(state, { claimant, nowMs }, config);
    state = step.state;
    return `${step.effects.report ? 'report' : '-'} ${step.effects.defend ? 'defend' : '-'}`;
  });
}

describe('RFC 5227, section 2.4 (c): the address is kept', () => {
  test('one defence and one report for a claimant within DEFEND_INTERVAL, however often it claims', () => {
    const claims = [0, 10, 5_000, 9_999, 10_000, 19_999, 20_000].map((nowMs): [number, number] => [1, nowMs]);
    expect(replay({ defend: true }, claims)).toEqual([
      'report defend',
      '- -',
      '- -',
      '- -',
      'report defend',
      '- -',
      'report defend',
    ]);
  });

  test('another claimant is reported soon, and one that changes its MAC all the time is reported once a second', () => {
    const claims: [number, number][] = [
      [1, 0],
      [2, 500],
      [2, 1_000],
      [3, 1_001],
      [4, 1_002],
      [5, 2_000],
    ];
    expect(replay({ defend: true }, claims)).toEqual(['report defend', '- -', 'report -', '- -', '- -', 'report -']);
  });

  test('without the wish to defend, it only reports', () => {
    expect(
      replay({ defend: false }, [
        [1, 0],
        [1, 10_000],
      ]),
    ).toEqual(['report -', 'report -']);
  });
});
