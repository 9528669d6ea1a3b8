import { afterEach, expect, test, vi } from 'vitest';

afterEach(() => {
  vi.restoreAllMocks();
});

test('the example of the README prints what it says', async () => {
  const log = vi.spyOn(console, 'log').mockReturnValue();
  await import('../examples/parse.ts');
  expect(log.mock.calls).toEqual([
    [expect.stringContaining('invalid IP range "198.51.100.9-198.51.100.1"'), '-', expect.any(String)],
    ['good'],
    [true],
  ]);
});

test('the example of a review prints what it says', async () => {
  const log = vi.spyOn(console, 'log').mockReturnValue();
  await import('../examples/review.ts');
  expect(log.mock.calls).toEqual([
    [['bgpPeers', 'nodes']],
    ['BGPPeer/tor spec.holdTime: parsing peer tor invalid BGPPeer timers: invalid hold time "2s": must be 0 or >=3s'],
  ]);
});
