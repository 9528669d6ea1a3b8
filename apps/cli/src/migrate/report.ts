import type { MigrationProblem } from '@steelyard/config';
import { createColors } from 'picocolors';
import { oneLine } from '../failure.ts';
import type { Surroundings } from '../surroundings.ts';

/**
 * Problems for a person: where, what, the value found, and what to do about it. `NO_COLOR` and `TERM=dumb` leave the
 * colours out, and so does whatever is no terminal.
 *
 * @param label - What was read: the name of the file.
 * @see https://no-color.org
 */
export function formatProblems(
  problems: readonly MigrationProblem[],
  label: string,
  { stderr, env }: Surroundings,
): string {
  const colors = createColors(stderr.isTTY === true && !env['NO_COLOR'] && env['TERM'] !== 'dumb');
  const errors = problems.filter(({ severity }) => severity === 'error').length;
  const lines = problems.flatMap(({ severity, field, position, value, message, remedy }) => {
    const at = position === undefined ? label : `${label}:${position.line}:${position.column}`;
    const word = severity === 'error' ? colors.red('error') : colors.yellow('warning');
    const part = field === '' ? '' : `${oneLine(field)}: `;
    const found = value === '' ? '' : `found ${oneLine(value)}; `;
    return [
      `${oneLine(at)}: ${word}: ${part}${message.split('\n').map(oneLine).join(': ')}`,
      `  ${found}${oneLine(remedy)}`,
    ];
  });
  if (errors > 0) {
    lines.push(`${errors === 1 ? '1 error' : `${errors} errors`}: nothing is written`);
  }
  return `${lines.join('\n')}\n`;
}
