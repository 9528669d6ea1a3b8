// A BGP speaker of the published package, in a process of its own. It reads what to do from the file that its argument
// names, then commands from standard input, one JSON object a line. Types are stripped and it is run by `node -e`, so that
// no compiler is in its memory: it imports nothing of the benchmark.

import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Route, RouteAttributes } from '@steelyard/bgp';
import { openBgpSpeaker } from '@steelyard/bgp/node';

interface Spec {
  readonly asn: number;
  readonly routerId: string;
  readonly holdTimeSeconds: number;
  readonly peers: readonly { readonly address: string; readonly asn: number }[];
  readonly routes: readonly { readonly prefix: string; readonly community?: number }[];
}

const spec = JSON.parse(readFileSync(process.argv[1] ?? '', 'utf8')) as Spec;
const say = (...words: readonly string[]): void => void process.stdout.write(`${words.join(' ')}\n`);
const now = (): string => String(process.hrtime.bigint());

const SAME: RouteAttributes = {};
const speaker = await openBgpSpeaker({ asn: spec.asn, routerId: spec.routerId });
const routes: Route[] = spec.routes.map(({ prefix, community }) => ({
  prefix,
  attributes: community === undefined ? SAME : { communities: [community] },
}));
const peers = spec.peers.map(({ address, asn }) => {
  const peer = speaker.addPeer({
    address,
    asn,
    holdTimeSeconds: spec.holdTimeSeconds,
    connectRetryTimeMs: 1_000,
    idleHoldTimeMs: 100,
    maxIdleHoldTimeMs: 1_000,
    onEvent(event) {
      if (event.type === 'established') say('established', address, now());
      if (event.type === 'down') say('down', address, now(), event.message);
    },
  });
  void peer.routes.set(routes);
  return peer;
});
say('loaded', String(routes.length));

interface Command {
  readonly add?: readonly string[];
  readonly remove?: readonly string[];
}

for await (const line of createInterface({ input: process.stdin })) {
  const { add = [], remove = [] } = JSON.parse(line) as Command;
  const patch = { add: add.map((prefix) => ({ prefix, attributes: SAME })), remove };
  for (const peer of peers) void peer.routes.patch(patch);
}
