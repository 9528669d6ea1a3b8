import { expect, test } from 'vitest';
import { checkHistories, formatHistory } from './check.ts';

const { STEELYARD_HISTORIES_SEED, STEELYARD_HISTORIES_COUNT } = process.env;
/** The same in each run, so that a change is judged by what it changes; `random` goes where nobody has been yet. */
const seed = STEELYARD_HISTORIES_SEED === 'random' ? Date.now() % 2 ** 31 : Number(STEELYARD_HISTORIES_SEED ?? 7);
const count = Number(STEELYARD_HISTORIES_COUNT ?? 2_000);

test('whatever happens, no address is given twice or outside its pool, nobody loses one that is valid or waits in vain', {
  timeout: 600_000,
}, () => {
  const again = `STEELYARD_HISTORIES_SEED=${seed} STEELYARD_HISTORIES_COUNT=${count}`;
  process.stdout.write(`${count} histories of a cluster; to repeat them: ${again}\n`);
  const { failed, played, failure, history } = checkHistories({ seed, count, shrink: true });
  const told = history === undefined ? '' : formatHistory(history);
  expect(failed, `history ${played} (${again}): ${failure}\n${told}`).toBe(false);
  expect(played).toBe(count);
});
