import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const url = (path: string): URL => new URL(path, import.meta.url);
const text = (path: string): Promise<string> => readFile(url(path), 'utf8');

test('the README shows the example that the tests run', async () => {
  const words = (code: string | undefined): string[] => code?.match(/[\w$]+|'[^']*'|[^\s\w,]/g) ?? [];
  const shown = /```ts\n([\s\S]*?)```/.exec(await text('../README.md'))?.[1];
  expect(words(shown)).toEqual(words(await text('../examples/serve.ts')));
});

test('the README lists exactly the error codes of the sources', async () => {
  const names = (await readdir(url('../src'), { recursive: true })).filter((name) => /(?<!\.test)\.ts$/.test(name));
  const sources = await Promise.all(names.map((name) => text(`../src/${name}`)));
  const codes = (source: string): Set<string> => new Set(source.match(/ERR_SERVING_CERTIFICATES_[A-Z_]+/g));
  expect(codes(await text('../README.md'))).toEqual(codes(sources.join('\n')));
});

test('the example serves, judges and ends; what loads a library leaves no trace in Reflect', async () => {
  const example = fileURLToPath(url('../examples/serve.ts'));
  const program = `await import(${JSON.stringify(example)}); console.log(typeof Reflect.getMetadata)`;
  const flags = ['--conditions=@steelyard/source', '--no-warnings', '--input-type=module', '-e', program];
  const { stdout } = await promisify(execFile)(process.execPath, flags);
  expect(stdout).toMatch(/^good until \d{4}-.*\nundefined\n$/);
}, 30_000);
