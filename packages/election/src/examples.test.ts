import { expect, test, vi } from 'vitest';

test('the example of the README prints what it says', async () => {
  const log = vi.spyOn(console, 'log').mockReturnValue();
  await import('../examples/elect.ts');
  expect(log.mock.calls).toEqual([['node-2', ['node-2', 'node-3'], 'Hash']]);
});
