// One route more: until its UPDATE is on the wire, and until the router would use it. Of libraries and daemons, and of whole
// speakers, from a Service's status on.

import { readNumbers } from '../options.ts';
import { printResult } from '../result.ts';
import { readContenders } from '../stage/contenders.ts';
import { readSenders } from '../bgp/senders/index.ts';
import { BIRD } from '../bgp/senders/bird.ts';
import { FRR } from '../bgp/senders/frr.ts';
import { GOBGP } from '../bgp/senders/gobgp.ts';
import { STEELYARD } from '../bgp/senders/steelyard.ts';
import { measureDaemon } from './daemons.ts';
import { measureSpeaker } from './speakers.ts';

const PARTS = '--part=';

export async function measure(args: readonly string[]): Promise<void> {
  const part = args.find((argument) => argument.startsWith(PARTS))?.slice(PARTS.length);
  if (part !== undefined && part !== 'daemons' && part !== 'speakers')
    throw new RangeError(`--part is daemons or speakers, not ${JSON.stringify(part)}`);
  const { senders, rest } = readSenders(
    args.filter((argument) => !argument.startsWith(PARTS)),
    [BIRD, FRR, GOBGP, STEELYARD],
  );
  const only = rest.filter((argument) => argument.startsWith('--only='));
  const options = readNumbers(
    rest.filter((argument) => !argument.startsWith('--only=')),
    { samples: 100, routes: 1_000, most: 10_000, peers: 5 },
  );
  const figures: Record<string, object> = {};
  if (part !== 'speakers') {
    const daemons: Record<string, object> = {};
    for (const sender of senders) daemons[sender.name] = await measureDaemon(sender, options);
    figures['daemons'] = daemons;
  }
  if (part !== 'daemons') figures['speakers'] = await measureSpeaker(readContenders(only).contenders, options);
  printResult({ question: 'bgp-change', options: { ...options, part: part ?? 'both' }, figures });
}
