import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');

test('the README shows the example that is run', () => {
  expect(read('../README.md')).toContain(read('../examples/announce.ts'));
});

test.for<[name: string, path: string]>([
  ['ServiceRefusal', './place-service.ts'],
  ['Layer2Refusal', './decide-layer2.ts'],
  ['BgpRefusal', './bgp/decide-bgp.ts'],
])('the README lists every %s', ([name, path]) => {
  const union = new RegExp(`export type ${name} =([\\s\\S]*?);`).exec(read(path))?.[1] ?? '';
  const reasons = [...union.replaceAll(/\/\/.*/g, '').matchAll(/'(\w+)'/g)].map((match) => match[1]);
  expect(reasons.length).toBeGreaterThan(4);
  expect(reasons.filter((reason) => !read('../README.md').includes(`\`${reason}\``))).toEqual([]);
});
