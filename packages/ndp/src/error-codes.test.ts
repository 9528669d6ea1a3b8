import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const root = new URL('../', import.meta.url);
const codesIn = (text: string): string[] => text.match(/ERR_NDP_[A-Z_]+/g) ?? [];

test('the README lists exactly the error codes that there are', () => {
  const sources = readdirSync(new URL('src', root), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
    .flatMap((name) => codesIn(readFileSync(new URL(`src/${name}`, root), 'utf8')));
  expect(new Set(codesIn(readFileSync(new URL('README.md', root), 'utf8')))).toEqual(new Set(sources));
});

test('the README shows the example as it is', () => {
  expect(readFileSync(new URL('README.md', root), 'utf8')).toContain(
    readFileSync(new URL('examples/answer.ts', root), 'utf8'),
  );
});
