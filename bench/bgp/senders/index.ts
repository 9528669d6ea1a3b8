import { BIRD } from './bird.ts';
import { EXABGP } from './exabgp.ts';
import { FRR } from './frr.ts';
import { GOBGP } from './gobgp.ts';
import type { SenderKind } from './sender.ts';
import { STEELYARD } from './steelyard.ts';

/** All that are compared, those to compare with first. */
const SENDERS: readonly SenderKind[] = [BIRD, FRR, GOBGP, EXABGP, STEELYARD];

/**
 * Takes `--senders=bird,steelyard` out of the arguments; without it, `from` are all.
 *
 * @throws RangeError for one that is not among them.
 */
export function readSenders(
  args: readonly string[],
  from: readonly SenderKind[] = SENDERS,
): { readonly senders: readonly SenderKind[]; readonly rest: readonly string[] } {
  const option = '--senders=';
  const words = args
    .find((argument) => argument.startsWith(option))
    ?.slice(option.length)
    .split(',');
  const unknown = words?.find((word) => !from.some(({ name }) => name === word));
  if (unknown !== undefined)
    throw new RangeError(`--senders are ${from.map(({ name }) => name).join(',')}, not ${JSON.stringify(unknown)}`);
  return {
    senders: words === undefined ? from : from.filter(({ name }) => words.includes(name)),
    rest: args.filter((argument) => !argument.startsWith(option)),
  };
}
