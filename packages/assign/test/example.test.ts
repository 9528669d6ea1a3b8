import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { example } from '../examples/one-service.ts';

test('the example in the README says what its comments say, and is quoted as it is', () => {
  expect(example()).toEqual(['write default/web 192.0.2.10', 'Assigned IP ["192.0.2.10"]']);
  const root = new URL('../', import.meta.url);
  const text = readFileSync(new URL('examples/one-service.ts', root), 'utf8');
  expect(readFileSync(new URL('README.md', root), 'utf8')).toContain(text.trim());
});

test('the README names every reason', () => {
  const root = new URL('../', import.meta.url);
  const source = readFileSync(new URL('src/converge/convergence.ts', root), 'utf8');
  const codes = source.slice(source.indexOf('BecauseCode ='), source.indexOf('/** A reason')).match(/'\w+'/g) ?? [];
  const readme = readFileSync(new URL('README.md', root), 'utf8');
  expect(codes.length).toBeGreaterThan(5);
  expect(codes.filter((code) => !readme.includes(`\`${code.slice(1, -1)}\``))).toEqual([]);
});
