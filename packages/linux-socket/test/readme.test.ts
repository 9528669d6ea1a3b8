import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const folder = new URL('../', import.meta.url);
const readme = read('README.md');

function read(path: string): string {
  return readFileSync(new URL(path, folder), 'utf8');
}

test.for(readdirSync(new URL('examples', folder)))('the README quotes %s, which is compiled and run', (name) => {
  const example = read(`examples/${name}`).split('\n').slice(1).join('\n').trim();
  expect(readme).toContain(`\`\`\`ts\n${example}\n\`\`\``);
});

test('the README lists exactly the error codes of the sources', () => {
  const sources = readdirSync(new URL('src', folder), { recursive: true })
    .map(String)
    .filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts'))
    .map((path) => read(`src/${path}`))
    .join('\n');
  const codes = (text: string) =>
    [...new Set(text.match(/ERR_LINUX_SOCKET_[A-Z_]+/gu))].sort((a, b) => (a < b ? -1 : 1));
  expect(codes(readme)).toEqual(codes(sources));
});
