/** Plays histories on the mutant that `apply-mutant.ts`, imported before, has made, and prints the outcome as a line of JSON. */
import { checkHistories } from './check.ts';

const { STEELYARD_HISTORIES_SEED = '0', STEELYARD_HISTORIES_COUNT = '1000' } = process.env;
const checked = checkHistories({
  seed: Number(STEELYARD_HISTORIES_SEED),
  count: Number(STEELYARD_HISTORIES_COUNT),
  shrink: false,
});
process.stdout.write(`${JSON.stringify(checked)}\n`);
