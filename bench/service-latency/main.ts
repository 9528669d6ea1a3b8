// From a Service's creation to the address in its status, and to its first announcement on the wire: one at a time.

import { setTimeout as sleep } from 'node:timers/promises';
import { waitUntil } from '@steelyard/testkit';
import { readNumbers } from '../options.ts';
import { cpuSeconds } from '../process-figures.ts';
import { printResult, say } from '../result.ts';
import { compileArpWatch } from '../stage/arp-watch.ts';
import { writesBetween } from '../stage/cluster-api.ts';
import { createSlice, forEachConcurrently, loadBalancer, SERVICES, serviceNames } from '../stage/services.ts';
import { openStage } from '../stage/stage.ts';
import { type StatusWatch, watchStatus } from '../stage/status-watch.ts';
import { startController, startSpeaker } from '../stage/steelyard.ts';
import { rounded, summarize } from '../statistics.ts';

const NODES = 3;
/** Created first and not counted: nobody asks how long the first one takes. */
const WARM_UP = 5;
/** After each: the Events have been written and nobody works any more. The next comes at no fixed distance. */
const PAUSE_MS = 150;
const JITTER_MS = 50;
/** Events wait for others to be written together. */
const LAST_WRITES_MS = 3_000;
const NS_PER_MS = 1e6;

interface Sample {
  readonly create: number;
  readonly createToStatus: number;
  readonly createdToStatus: number;
  readonly createToArp: number;
  readonly statusToArp: number;
}

export async function measure(args: readonly string[]): Promise<void> {
  const options = readNumbers(args, { samples: 200 });
  await using stage = await openStage({ nodes: NODES, api: 'real' });
  const { network, api } = stage;
  const names = serviceNames('web', 0, WARM_UP + options.samples);
  await forEachConcurrently(names, (name) => {
    const node = network.nodes[Number(name.slice(4)) % NODES];
    return createSlice(api.client, name, node?.name ?? '');
  });
  const controller = stage.keep(await startController(api));
  const speakers = network.nodes.map((node) => stage.keep(startSpeaker(api, node)));
  await Promise.all([controller, ...speakers].map((app) => app.ready()));
  say('the controller and the speakers are ready');

  const arp = await compileArpWatch().start(network.client);
  const statuses = await watchStatus(api.client);
  const one = async (name: string): Promise<Sample> => {
    const sample = await measureOne(name, api.client, statuses, arp);
    await sleep(PAUSE_MS + Math.random() * JITTER_MS);
    return sample;
  };
  for (const name of names.slice(0, WARM_UP)) await one(name);
  await sleep(LAST_WRITES_MS);

  const before = await api.writes();
  const cpuBefore = [controller, ...speakers].map(({ process: { pid } }) => cpuSeconds(pid));
  const samples: Sample[] = [];
  for (const name of names.slice(WARM_UP)) {
    samples.push(await one(name));
    if (samples.length % 20 === 0) say(`${samples.length} of ${options.samples}`);
  }
  await sleep(LAST_WRITES_MS);
  const cpu = [controller, ...speakers].map(({ process: { pid } }, index) => cpuSeconds(pid) - (cpuBefore[index] ?? 0));
  const writes = writesBetween(before, await api.writes());
  await statuses.close();
  await arp.close();

  const of = (name: keyof Sample) =>
    summarize(
      samples.map((sample) => sample[name]),
      2,
    );
  printResult({
    question: 'service-latency',
    options: { ...options, nodes: NODES },
    kubernetes: api.version,
    figures: {
      createCallMs: of('create'),
      createToStatusMs: of('createToStatus'),
      createCallEndedToStatusMs: of('createdToStatus'),
      createToFirstArpMs: of('createToArp'),
      statusSeenToFirstArpMs: of('statusToArp'),
      writesPerService: Object.fromEntries(
        Object.entries(writes).map(([what, count]) => [what, rounded(count / options.samples, 2)]),
      ),
      cpuMsPerService: {
        controller: rounded((1_000 * (cpu[0] ?? 0)) / options.samples),
        speaker: rounded((1_000 * cpu.slice(1).reduce((sum, each) => sum + each, 0)) / NODES / options.samples),
      },
    },
  });
}

async function measureOne(
  name: string,
  client: Parameters<typeof watchStatus>[0],
  statuses: StatusWatch,
  arp: { waitFor(address: string): Promise<bigint> },
): Promise<Sample> {
  const begunNs = process.hrtime.bigint();
  await client.create(SERVICES, loadBalancer(name));
  const createdNs = process.hrtime.bigint();
  const { address, seenNs } = await waitUntil(`an address for ${name}`, () => statuses.served.get(name), {
    intervalMs: 5,
  });
  const announcedNs = await arp.waitFor(address);
  const ms = (from: bigint, to: bigint): number => Number(to - from) / NS_PER_MS;
  return {
    create: ms(begunNs, createdNs),
    createToStatus: ms(begunNs, seenNs),
    createdToStatus: ms(createdNs, seenNs),
    createToArp: ms(begunNs, announcedNs),
    statusToArp: ms(seenNs, announcedNs),
  };
}
