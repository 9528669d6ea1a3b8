import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger } from '@steelyard/daemon';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readExcludedInterfaces } from './excluded-interfaces.ts';

let path: string;
let lines: Record<string, unknown>[];
const logger = createLogger({ level: 'all', write: (line) => lines.push(JSON.parse(line)) });

beforeEach(async () => {
  path = join(await mkdtemp(join(tmpdir(), 'steelyard-exclude-')), 'excludel2.yaml');
  lines = [];
});
afterEach(() => rm(join(path, '..'), { recursive: true, force: true }));

test('without the file, or without its folder, no interface is left alone', async () => {
  expect((await readExcludedInterfaces(logger, path))('eth0')).toBe(false);
  expect((await readExcludedInterfaces(logger, join(path, 'deeper')))('eth0')).toBe(false);
});

test('its expressions say which are, and a misspelt key is told', async () => {
  await writeFile(path, 'announcedInterfacesToExclude: ["^veth"]\nexcluded: [eth0]\n');
  const isExcluded = await readExcludedInterfaces(logger, path);
  expect([isExcluded('veth12'), isExcluded('eth0')]).toEqual([true, false]);
  expect(lines).toMatchObject([{ level: 'warn', path, key: 'excluded' }]);
});

test.for<[what: string, prepare: () => Promise<unknown>, message: RegExp]>([
  [
    'a wrong expression',
    () => writeFile(path, 'announcedInterfacesToExclude: ["a["]'),
    /excludel2\.yaml: .*\[0\], "a\["/,
  ],
  ['a folder in its place', () => mkdir(path), /cannot read .*excludel2\.yaml: .*EISDIR.*; mend the mount/],
])('%s ends the start, with the file and the remedy', async ([, prepare, message]) => {
  await prepare();
  await expect(readExcludedInterfaces(logger, path)).rejects.toThrow(message);
});
