import fc from 'fast-check';
import { type History, histories } from './history/actions.ts';
import { play } from './history/play.ts';

export interface HistoriesAsked {
  readonly seed: number;
  readonly count: number;
  /** Whether a history that fails is made as short as it can be. */
  readonly shrink: boolean;
}

export interface HistoriesChecked {
  readonly failed: boolean;
  /** How many were played until the first that failed, or all. */
  readonly played: number;
  readonly failure: string;
  readonly history: History | undefined;
}

/** Shrinking goes on for as long as it finds something; what it has found by then will do. */
const MAX_SHRINKING_MS = 30_000;

/** Plays random histories until one fails. The same seed gives the same ones. */
export function checkHistories({ seed, count, shrink }: HistoriesAsked): HistoriesChecked {
  const property = fc.property(histories, play);
  const checked = fc.check(property, { seed, numRuns: count, endOnFailure: true });
  const found =
    checked.failed && shrink
      ? fc.check(property, {
          seed,
          numRuns: checked.numRuns,
          skipEqualValues: true,
          interruptAfterTimeLimit: MAX_SHRINKING_MS,
          markInterruptAsFailure: false,
          path: checked.counterexamplePath ?? '',
        })
      : checked;
  const shown = found.failed ? found : checked;
  return {
    failed: checked.failed,
    played: checked.numRuns,
    failure: shown.errorInstance instanceof Error ? shown.errorInstance.message : String(shown.errorInstance ?? ''),
    history: shown.counterexample?.[0],
  };
}

/** A history as one reads it. */
export function formatHistory(history: History): string {
  const { actions, ...start } = history;
  const lines = actions.map(({ afterMs, action }) => `  after ${afterMs} ms ${JSON.stringify(action)}`);
  return [JSON.stringify(start), ...lines].join('\n');
}
