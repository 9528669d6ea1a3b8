/**
 * Plays histories on the mutant that STEELYARD_MUTANT names, and prints the outcome as a line of JSON; without one, on the
 * sources as they are. `apply-mutant.ts` must have been imported before.
 */
import { checkHistories } from './check.ts';

const { STEELYARD_HISTORIES_SEED = '0', STEELYARD_HISTORIES_COUNT = '1000' } = process.env;
const checked = checkHistories({
  seed: Number(STEELYARD_HISTORIES_SEED),
  count: Number(STEELYARD_HISTORIES_COUNT),
  shrink: false,
});
process.stdout.write(`${JSON.stringify(checked)}\n`);
