import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import type { HistoriesChecked } from './check.ts';
import { MUTANTS } from './mutants.ts';

/** As the histories that find mutants are always the same, this is how many the slowest to be found takes, and some more. */
const MAX_HISTORIES = 1_500;
const SEED = 20_260_101;
/** As many as there are cores to run them on. */
const AT_A_TIME = 2;
const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
const run = promisify(execFile);

async function playOn(mutant: string): Promise<HistoriesChecked> {
  const { stdout } = await run(
    process.execPath,
    ['--conditions=@steelyard/source', '--import', here('apply-mutant.ts'), here('run-mutant.ts')],
    {
      env: {
        ...process.env,
        NODE_OPTIONS: '',
        STEELYARD_MUTANT: mutant,
        STEELYARD_HISTORIES_SEED: String(SEED),
        STEELYARD_HISTORIES_COUNT: String(MAX_HISTORIES),
      },
      timeout: 300_000,
    },
  );
  return JSON.parse(stdout) as HistoriesChecked;
}

test.for(MUTANTS)('the place of a mutant is there, once: $name', async ({ also, ...first }) => {
  for (const { file, find, replace } of [first, ...(also === undefined ? [] : [also])]) {
    const source = await readFile(here(`../../${file}`), 'utf8');
    expect(source.split(find)).toHaveLength(2);
    expect(replace).not.toBe(find);
  }
});

describe('what the histories find', () => {
  const found = new Map<string, HistoriesChecked>();

  test('they end at the first that fails, on two cores at a time', { timeout: 600_000 }, async () => {
    const waiting = [...MUTANTS];
    const work = async (): Promise<void> => {
      for (let mutant = waiting.shift(); mutant !== undefined; mutant = waiting.shift()) {
        found.set(mutant.name, await playOn(mutant.name));
      }
    };
    await Promise.all(Array.from({ length: AT_A_TIME }, work));
    expect(found.size).toBe(MUTANTS.length);
  });

  test.for(MUTANTS)('$name: $why', ({ name }) => {
    expect(found.get(name)).toMatchObject({ failed: true });
    expect(found.get(name)?.failure).not.toBe('');
  });
});
