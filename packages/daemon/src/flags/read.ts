import type { Logger } from '../log/logger.ts';
import type { FlagDefinitions } from './definition.ts';
import { type ParsedFlags, parseGoFlags } from './parse.ts';
import { formatGoUsage } from './usage.ts';

/** A command line that can be run with. */
export type GivenFlags<Definitions extends FlagDefinitions> = Extract<ParsedFlags<Definitions>, { outcome: 'values' }>;

/** Where the command line comes from and where what is printed goes; the process by default. */
export interface FlagSource {
  readonly program: string;
  readonly argv?: readonly string[];
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly printOutput?: (text: string) => void;
  readonly printError?: (text: string) => void;
  readonly exit?: (code: number) => never;
}

/** Mistakes that Go's `flag` does not find. */
const KNOWN_TO_THE_PROGRAM: ReadonlySet<string> = new Set(['ERR_DAEMON_FLAG_NOT_ALLOWED', 'ERR_DAEMON_FLAG_MISSING']);

/**
 * Reads the command line, or prints and exits: 0 after `-h`, 2 after a mistake that Go's `flag` finds, and 1 after one that
 * only the program can know of, such as a word that is none of a few.
 */
export function readGoFlags<const Definitions extends FlagDefinitions>(
  definitions: Definitions,
  source: FlagSource,
): GivenFlags<Definitions> {
  const exit: (code: number) => never = source.exit ?? ((code) => process.exit(code));
  const parsed = parseGoFlags(definitions, source.argv ?? process.argv.slice(2), source.env ?? process.env);
  if (parsed.outcome === 'values') return parsed;
  if (parsed.outcome === 'help') {
    (source.printOutput ?? ((text) => process.stdout.write(text)))(formatGoUsage(source.program, definitions));
    return exit(0);
  }
  // Go prints the whole usage after a mistake; thirty flags then hide the one line that matters.
  const text = `${parsed.failure.message}\nRun '${source.program} -h' for all flags.\n`;
  (source.printError ?? ((line) => process.stderr.write(line)))(text);
  return exit(KNOWN_TO_THE_PROGRAM.has(parsed.failure.code) ? 1 : 2);
}

/** Says at the start what of the command line has no effect, so that nobody waits for it. */
export function logFlagsWithoutEffect(
  given: Pick<GivenFlags<FlagDefinitions>, 'notYet' | 'positionals'>,
  logger: Logger,
): void {
  for (const { flag, feature } of given.notYet) {
    logger.info({ op: 'startup', flag, feature }, 'flag accepted, without effect until its feature exists');
  }
  if (given.positionals.length > 0) {
    const words = given.positionals.slice(0, 10);
    logger.warn(
      { op: 'startup', arguments: words },
      'arguments after the flags are ignored, flags among them too; write -flag=false to switch a boolean off',
    );
  }
}
