import { buildMetalLbSpeaker } from './metallb.ts';
import type { SpeakerContender } from './speakers.ts';
import { STEELYARD_SPEAKER } from './steelyard.ts';

const ONLY = '--only=';

/**
 * Takes `--only=steelyard` or `--only=metallb` out of the arguments. Without it both speakers are measured, MetalLB's first.
 *
 * @throws RangeError for another.
 */
export function readContenders(args: readonly string[]): {
  readonly contenders: readonly SpeakerContender[];
  readonly rest: readonly string[];
} {
  const only = args.find((argument) => argument.startsWith(ONLY))?.slice(ONLY.length);
  return { contenders: contendersOf(only), rest: args.filter((argument) => !argument.startsWith(ONLY)) };
}

function contendersOf(only: string | undefined): readonly SpeakerContender[] {
  if (only === 'steelyard') return [STEELYARD_SPEAKER];
  if (only === 'metallb') return [buildMetalLbSpeaker()];
  if (only !== undefined) throw new RangeError(`--only is steelyard or metallb, not ${JSON.stringify(only)}`);
  return [buildMetalLbSpeaker(), STEELYARD_SPEAKER];
}
