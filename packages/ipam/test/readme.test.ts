import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const root = new URL('../', import.meta.url);

test('the README lists exactly the error codes of the source', () => {
  const codes = (text: string) => new Set(text.match(/ERR_IPAM_[A-Z_]+/g));
  const sources = readdirSync(new URL('src/', root), { recursive: true, encoding: 'utf8' }).filter(
    (name) => name.endsWith('.ts') && !name.endsWith('.test.ts'),
  );
  const source = sources.map((name) => readFileSync(new URL(`src/${name}`, root), 'utf8')).join('\n');
  const readme = readFileSync(new URL('README.md', root), 'utf8');
  const table = readme.slice(readme.indexOf('## Error codes'), readme.indexOf('## Stability'));
  expect(codes(table)).toEqual(codes(source));
});

test('the README quotes the example as it is', () => {
  const example = readFileSync(new URL('examples/two-holders.ts', root), 'utf8');
  expect(readFileSync(new URL('README.md', root), 'utf8')).toContain(example.trim());
});
