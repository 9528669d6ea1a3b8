import pc from 'picocolors';
import { StepFailed } from './narrator.ts';
import type { Scenery } from './stage/stage.ts';

/** Log lines shown of each app. */
const SHOWN_LINES = 12;

/** What went wrong, the last words of each app, and where the rest is. */
export function explainFailure(error: unknown, scenery: Scenery): string {
  const message = error instanceof Error ? error.message : String(error);
  // A step that does not come true is a result; anything else is a fault of the demo, whose place is worth knowing.
  const trace = error instanceof StepFailed || !(error instanceof Error) ? '' : `${pc.dim(error.stack ?? '')}\n`;
  const logs = scenery.apps.map(({ name, process: running }) => {
    const { end } = running;
    const state = end === undefined ? 'running' : `ended with ${end.signal ?? end.code}`;
    const lines = running.lines.slice(-SHOWN_LINES).map((line) => `  ${line.slice(0, 400)}\n`);
    return `${pc.bold(name)} (${state}), last lines:\n${lines.join('')}`;
  });
  return `\n${pc.red(`✗ ${message}`)}\n${trace}\n${logs.join('')}\nWhole logs: ${scenery.logFolder}\n`;
}
