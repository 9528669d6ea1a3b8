import { describe, expect, test } from 'vitest';
import { pushPullIntervalMs, retransmitLimit, suspicionTimeoutMs } from './cluster-scaling.ts';

describe('hashicorp/memberlist util.go', () => {
  test.for([
    [4, 1, 4],
    [4, 9, 4],
    [4, 10, 8],
    [4, 99, 8],
    [4, 100, 12],
    [4, 999, 12],
    [4, 1000, 16],
    [3, 0, 0],
    [3, 1, 3],
    [3, 99, 6],
  ] as const)('retransmitLimit(%d, %d) is %d', ([mult, members, limit]) => {
    expect(retransmitLimit(mult, members)).toBe(limit);
  });

  test.for([
    [4, 1, 4_000],
    [4, 10, 4_000],
    [4, 11, 4_164],
    [4, 20, 5_204],
    [4, 50, 6_792],
    [4, 100, 8_000],
    [4, 500, 10_792],
    [3, 5, 3_000],
    [3, 50, 5_094],
    [3, 1000, 9_000],
    [4, 0, 4_000],
  ] as const)('suspicionTimeout(%d, %d, 1 s) is %d ms', ([mult, members, timeoutMs]) => {
    expect(suspicionTimeoutMs(mult, members, 1_000)).toBe(timeoutMs);
  });

  test.for([
    [0, 30],
    [32, 30],
    [33, 60],
    [50, 60],
    [64, 60],
    [65, 90],
    [100, 90],
    [128, 90],
    [500, 150],
  ] as const)('a push/pull among %d members every %d s', ([members, seconds]) => {
    expect(pushPullIntervalMs(30_000, members)).toBe(seconds * 1_000);
  });
});
