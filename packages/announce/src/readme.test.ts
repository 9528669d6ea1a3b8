import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');

test('the README shows the example that is run', () => {
  expect(read('../README.md')).toContain(read('../examples/announce.ts'));
});

test('the README lists every reason', () => {
  const union = /export type Layer2Refusal =([\s\S]*?);/.exec(read('./decide-layer2.ts'))?.[1] ?? '';
  const reasons = [...union.replaceAll(/\/\/.*/g, '').matchAll(/'(\w+)'/g)].map((match) => match[1]);
  expect(reasons.length).toBeGreaterThan(5);
  expect(reasons.filter((reason) => !read('../README.md').includes(`\`${reason}\``))).toEqual([]);
});
