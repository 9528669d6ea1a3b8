import { expect, test, vi } from 'vitest';

test('the example of the README prints what it says', async () => {
  const log = vi.spyOn(console, 'log').mockReturnValue();
  await import('../examples/parse.ts');
  expect(log.mock.calls).toEqual([
    [expect.stringContaining('invalid IP range "198.51.100.9-198.51.100.1"'), '-', expect.any(String)],
    ['good'],
    [true],
  ]);
});
