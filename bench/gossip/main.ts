// What a gossip costs and how fast it notices a crash, beside hashicorp/memberlist in the version that MetalLB has.

import { setTimeout as sleep } from 'node:timers/promises';
import { type Namespace, openLab } from '@steelyard/testkit';
import { readNumbers } from '../options.ts';
import { cpuSeconds, memory } from '../process-figures.ts';
import { printResult, say } from '../result.ts';
import { rounded, type Summary, summarize } from '../statistics.ts';
import { crashOne, type Detection, startCluster } from './clusters.ts';
import { buildGo, type Host, type Kind, startHost } from './host.ts';

const KINDS: readonly Kind[] = ['go', 'steelyard'];
const MICROS_PER_SECOND = 1e6;
/** A probe round of everybody: a crash comes at any moment of it. */
const SPREAD_MS = 2_000;

export async function measure(args: readonly string[]): Promise<void> {
  const options = readNumbers(args, { members: 100, seconds: 60, trials: 10, rounds: 2 });
  const { path, version } = buildGo();
  await using lab = await openLab();
  const inNewHost = async <T>(kind: Kind, work: (host: Host, namespace: Namespace) => Promise<T>): Promise<T> => {
    const namespace = await lab.namespace(kind);
    const host = await startHost(kind, path, namespace);
    try {
      return await work(host, namespace);
    } finally {
      host.process.kill('SIGKILL');
      await namespace.close();
    }
  };

  const cost: Record<string, unknown> = {};
  for (const kind of KINDS) {
    cost[kind] = await inNewHost(kind, (host, namespace) => costOf(host, namespace, options));
    say(`${options.members} members, ${kind}: ${JSON.stringify(cost[kind])}`);
  }
  const figures: Record<string, unknown> = { [`costOf${options.members}`]: cost };
  for (const members of [3, 10]) {
    // Both kinds at the same time: whatever else this machine does, it does to both.
    const rounds = await Promise.all(
      KINDS.map((kind) => inNewHost(kind, (host) => detections(host, members, options.trials, options.rounds))),
    );
    const detection = Object.fromEntries(KINDS.map((kind, index) => [kind, summarized(rounds[index] ?? [])]));
    figures[`crashAmong${members}Ms`] = detection;
    say(`a crash among ${members}: ${JSON.stringify(detection)}`);
  }
  printResult({ question: 'gossip', options: { ...options, memberlist: version }, figures });
}

interface Cost {
  readonly packetsPerMemberSecond: number;
  /** As the network carries them, with the headers of IP and UDP; what TCP carries is among it. */
  readonly octetsPerMemberSecond: number;
  readonly cpuMicrosPerMemberSecond: number;
  readonly rssMib: number;
}

/** At rest: all know each other, and probe each other once a second. */
async function costOf(
  host: Host,
  namespace: Namespace,
  { members, seconds }: { readonly members: number; readonly seconds: number },
): Promise<Cost> {
  await startCluster(host, 0, members);
  await sleep(10_000); // what the joins had to tell is told
  const look = async (): Promise<readonly [number, number, number, number]> => {
    const { stdout: snmp } = await namespace.run('cat', ['/proc/net/snmp']);
    const { stdout: devices } = await namespace.run('cat', ['/proc/net/dev']);
    const sent = Number(/^Udp: \d+ \d+ \d+ (\d+)/m.exec(snmp)?.[1]);
    const octets = Number(/^\s*lo:\s*(\d+)/m.exec(devices)?.[1]);
    return [performance.now(), sent, octets, cpuSeconds(host.process.pid)];
  };
  const before = await look();
  await sleep(seconds * 1_000);
  const after = await look();
  const [ms, packets, octets, cpu] = after.map((value, index) => value - (before[index] ?? 0)) as [
    number,
    number,
    number,
    number,
  ];
  const memberSeconds = (members * ms) / 1_000;
  return {
    packetsPerMemberSecond: rounded(packets / memberSeconds, 2),
    octetsPerMemberSecond: rounded(octets / memberSeconds, 0),
    cpuMicrosPerMemberSecond: rounded((cpu * MICROS_PER_SECOND) / memberSeconds, 0),
    rssMib: memory(host.process.pid).rssMib,
  };
}

/** Gossips of their own in one process, so that many crash in the time of one. */
async function detections(host: Host, members: number, trials: number, rounds: number): Promise<Detection[]> {
  const found: Detection[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const clusters = [];
    for (let trial = 0; trial < trials; trial += 1) {
      clusters.push(await startCluster(host, round * trials + trial, members));
    }
    found.push(...(await Promise.all(clusters.map((each) => crashOne(host, each, Math.random() * SPREAD_MS)))));
    for (const { names } of clusters) for (const name of names.slice(1)) await host.order('shutdown', { name });
  }
  return found;
}

function summarized(found: readonly Detection[]): { first: Summary | undefined; last: Summary | undefined } {
  return {
    first: summarize(
      found.map(({ firstMs }) => firstMs),
      0,
    ),
    last: summarize(
      found.map(({ lastMs }) => lastMs),
      0,
    ),
  };
}
