import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');
const codes = (text: string) => [...new Set(text.match(/ERR_CONFIG_[A-Z_]+/g))].toSorted((a, b) => (a < b ? -1 : 1));

test('the README lists exactly the codes that the sources know', () => {
  const sources = readdirSync(new URL('.', import.meta.url), { recursive: true, encoding: 'utf8' }).filter(
    (name) => name.endsWith('.ts') && !name.endsWith('.test.ts'),
  );
  expect(codes(read('../README.md'))).toEqual(codes(sources.map((name) => read(`./${name}`)).join('\n')));
});

test.for(['parse.ts', 'review.ts'])('the README shows the example %s that is run', (name) => {
  expect(read('../README.md')).toContain(read(`../examples/${name}`));
});
