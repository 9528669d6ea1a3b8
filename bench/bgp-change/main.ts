// One route more: until its UPDATE is on the wire, and until the router would use it. Of libraries and daemons, and of whole
// speakers, from a Service's status on.

import { readPart } from '../bgp/part.ts';
import { BIRD } from '../bgp/senders/bird.ts';
import { FRR } from '../bgp/senders/frr.ts';
import { GOBGP } from '../bgp/senders/gobgp.ts';
import { readSenders } from '../bgp/senders/index.ts';
import { STEELYARD } from '../bgp/senders/steelyard.ts';
import { readNumbers } from '../options.ts';
import { printResult } from '../result.ts';
import { readContenders } from '../stage/contenders.ts';
import { measureDaemons } from './daemons.ts';
import { measureSpeakers } from './speakers.ts';

export async function measure(args: readonly string[]): Promise<void> {
  const { part, only, rest } = readPart(args);
  const { senders, rest: numbers } = readSenders(rest, [BIRD, FRR, GOBGP, STEELYARD]);
  const options = readNumbers(numbers, { samples: 100, routes: 1_000, most: 10_000, peers: 3 });
  const figures: Record<string, object> = {};
  if (part !== 'speakers') figures['daemons'] = await measureDaemons(senders, options);
  if (part !== 'daemons') figures['speakers'] = await measureSpeakers(readContenders(only).contenders, options);
  printResult({ question: 'bgp-change', options: { ...options, part }, figures });
}
