import { expect, test, vi } from 'vitest';

test('the example of the README prints what it says', async () => {
  const log = vi.spyOn(console, 'log').mockReturnValue();
  await import('../examples/announce.ts');
  expect(log.mock.calls).toEqual([['complete', '192.0.2.10', ['eth0']], ['NoServingEndpoint']]);
});
