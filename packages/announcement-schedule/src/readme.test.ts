import { readFileSync } from 'node:fs';
import { expect, test, vi } from 'vitest';

const root = new URL('../', import.meta.url);

test('the README shows the example as it is', () => {
  expect(readFileSync(new URL('README.md', root), 'utf8')).toContain(
    readFileSync(new URL('examples/announce.ts', root), 'utf8'),
  );
});

test('the example announces twice', async () => {
  const log = vi.spyOn(console, 'log').mockReturnValue();
  await import('../examples/announce.ts');
  await vi.waitFor(() => expect(log.mock.calls.flat()).toContain('announced 192.0.2.1, round 2'));
  log.mockRestore();
});
