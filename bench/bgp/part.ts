/** Daemons alone, or whole speakers of Kubernetes. */
export type Part = 'daemons' | 'speakers';

const PART = '--part=';
const ONLY = '--only=';

/**
 * Takes `--part=` out of the arguments, without which both parts are measured, and `--only=`, which is for speakers.
 *
 * @throws RangeError for another part.
 */
export function readPart(args: readonly string[]): {
  readonly part: Part | 'both';
  readonly only: readonly string[];
  readonly rest: readonly string[];
} {
  const part = args.find((argument) => argument.startsWith(PART))?.slice(PART.length) ?? 'both';
  if (part !== 'both' && part !== 'daemons' && part !== 'speakers')
    throw new RangeError(`--part is daemons or speakers, not ${JSON.stringify(part)}`);
  return {
    part,
    only: args.filter((argument) => argument.startsWith(ONLY)),
    rest: args.filter((argument) => !argument.startsWith(PART) && !argument.startsWith(ONLY)),
  };
}
