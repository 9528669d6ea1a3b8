import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';

const text = (path: string): Promise<string> => readFile(new URL(path, import.meta.url), 'utf8');

test('the README shows the example that the tests run', async () => {
  const words = (code: string | undefined): string[] => code?.match(/[\w$]+|'[^']*'|[^\s\w,]/g) ?? [];
  const shown = /```ts\n([\s\S]*?)```/.exec(await text('../README.md'))?.[1];
  expect(words(shown)).toEqual(words(await text('../examples/daemon.ts')));
});

test('the README lists exactly the error codes of the sources', async () => {
  const sources = await Promise.all(
    ['parse.ts', '../health/health-server.ts'].map((name) => text(`../src/flags/${name}`)),
  );
  const codes = (source: string): Set<string> => new Set(source.match(/ERR_DAEMON_[A-Z_]+/g));
  expect(codes(await text('../README.md'))).toEqual(codes(sources.join('\n')));
});
