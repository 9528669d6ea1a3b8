// From a session's beginning until the router has all routes: Steelyard's library, BIRD, FRR, GoBGP and ExaBGP as senders.

import { setTimeout as sleep } from 'node:timers/promises';
import { startCapture } from '../bgp/capture.ts';
import { msBetween, wallClockAheadNs } from '../bgp/clock.ts';
import { layPair, RECEIVER, SENDER } from '../bgp/pair.ts';
import type { Profile } from '../bgp/prefixes.ts';
import { timesSteelyards } from '../bgp/ratios.ts';
import { RECEIVERS, type ReceiverKind, startReceiver } from '../bgp/receivers.ts';
import { readSenders } from '../bgp/senders/index.ts';
import type { SenderKind } from '../bgp/senders/sender.ts';
import { waitFor } from '../bgp/wait-for.ts';
import { routeSegments, sessionBegin, wireFigures } from '../bgp/wire.ts';
import { readNumbers } from '../options.ts';
import { cpuSeconds, memory } from '../process-figures.ts';
import { printResult, say } from '../result.ts';
import { percentile, rounded } from '../statistics.ts';

const LEVELS = [1_000, 10_000, 100_000];
/** Less than that between two questions to the router is chance. */
const POLL_MS = 1;
const TIMEOUT_MS = 60_000;
/** What is done after the last route: End-of-RIB, and garbage. */
const AFTER_MS = 500;
/** Of headers, and enough of the first message to know what it is. */
const SNAP_OCTETS = 96;

interface Run {
  /** From the sender's KEEPALIVE, with which the router has a session, by the kernel's clock. */
  readonly sessionToFirstSegmentMs: number;
  readonly sessionToAllMs: number;
  /** From the first segment with routes, by the kernel's clock. */
  readonly firstSegmentToAllMs: number;
  readonly wire: object | undefined;
  readonly sender: object;
  readonly receiverCpuSeconds: number;
}

export async function measure(args: readonly string[]): Promise<void> {
  const { senders, rest } = readSenders(args);
  const options = readNumbers(rest, { trials: 1, most: 100_000, 'most-unique': 100_000 });
  const figures: Record<string, Record<string, Record<string, object>>> = {};
  for (const profile of ['same', 'unique'] as const) {
    const most = profile === 'same' ? options.most : Math.min(options.most, options['most-unique']);
    for (const count of LEVELS.filter((level) => level <= most)) {
      for (const receiver of RECEIVERS) {
        const cell = `${profile}${count}`;
        const all: Record<string, object> = {};
        for (const sender of senders.filter(({ profiles }) => profiles.includes(profile))) {
          const runs: Run[] = [];
          for (let trial = 0; trial < options.trials; trial += 1) {
            const run = await runOnce(sender, receiver, count, profile).catch((error: unknown) => {
              say(`${sender.name} → ${receiver}, ${cell}: ${String(error)}`);
            });
            if (run !== undefined) runs.push(run);
          }
          all[sender.name] = middle(runs) ?? { failed: true };
          say(`${sender.name} → ${receiver}, ${cell}: ${JSON.stringify(all[sender.name])}`);
        }
        figures[receiver] = {
          ...figures[receiver],
          [cell]: { ...all, timesSteelyards: timesSteelyards(all, timeOf, POLL_MS) },
        };
      }
    }
  }
  printResult({
    question: 'bgp-originate',
    options: { ...options, senders: senders.map(({ name }) => name) },
    figures,
  });
}

async function runOnce(kind: SenderKind, receiverKind: ReceiverKind, count: number, profile: Profile): Promise<Run> {
  await using pair = await layPair({ plugged: false });
  await using sender = await kind.start(pair.sender, {
    ...SENDER,
    peers: [{ address: RECEIVER.address, asn: RECEIVER.asn }],
    count,
    profile,
    holdTimeSeconds: 90,
  });
  await using receiver = await startReceiver(receiverKind, pair.receiver, {
    asn: RECEIVER.asn,
    routerId: RECEIVER.address,
    neighbors: [SENDER],
  });
  await using capture = await startCapture(pair.receiver, pair.ifname, SNAP_OCTETS);
  const aheadNs = wallClockAheadNs();
  const cpuBefore = { sender: cpuSeconds(sender.pid), receiver: cpuSeconds(receiver.pid) };
  await pair.cable.restore();
  const allNs = await waitFor('all routes', async () => (await receiver.count()) >= count, TIMEOUT_MS);
  await sleep(AFTER_MS);
  await capture.stop();
  const captured = capture.segments();
  const segments = routeSegments(captured, SENDER.address);
  const wire = wireFigures(segments);
  const [first] = segments;
  const begin = first && sessionBegin(captured, first);
  if (first === undefined || begin === undefined) throw new Error('the capture has no session');
  const { rssMib, pssMib, peakRssMib } = memory(sender.pid);
  return {
    sessionToFirstSegmentMs: rounded(msBetween(begin.atNs, first.atNs)),
    sessionToAllMs: rounded(msBetween(begin.atNs - aheadNs, allNs)),
    firstSegmentToAllMs: rounded(msBetween(first.atNs - aheadNs, allNs)),
    wire: wire && { ...wire, firstToLastMs: rounded(wire.firstToLastMs) },
    sender: {
      cpuSeconds: rounded(cpuSeconds(sender.pid), 2),
      cpuSecondsOfFeed: rounded(cpuSeconds(sender.pid) - cpuBefore.sender, 2),
      ...{ rssMib, pssMib, peakRssMib },
    },
    receiverCpuSeconds: rounded(cpuSeconds(receiver.pid) - cpuBefore.receiver, 2),
  };
}

/** The run with the median of `sessionToAllMs`, and the values of all. */
function middle(runs: readonly Run[]): (Run & { readonly allOfThemMs: readonly number[] }) | undefined {
  const ascending = runs.toSorted((a, b) => a.sessionToAllMs - b.sessionToAllMs);
  const all = ascending.map(({ sessionToAllMs }) => sessionToAllMs);
  const run = all.length === 0 ? undefined : ascending[all.indexOf(percentile(all, 50))];
  return run && { ...run, allOfThemMs: all };
}

function timeOf(run: object): number | undefined {
  return (run as Partial<Run>).sessionToAllMs;
}
