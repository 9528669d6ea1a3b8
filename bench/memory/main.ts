// What controller and speaker hold and use with no Services and with many, and what a restart costs.

import { setTimeout as sleep } from 'node:timers/promises';
import { waitUntil } from '@steelyard/testkit';
import { readNumbers } from '../options.ts';
import { memory, quiet } from '../process-figures.ts';
import { printResult, say } from '../result.ts';
import type { App } from '../stage/app.ts';
import { type ArpWatch, type ArpWatchProgram, compileArpWatch } from '../stage/arp-watch.ts';
import { type ClusterApi, type Writes, writesBetween } from '../stage/cluster-api.ts';
import type { Host } from '../stage/network.ts';
import {
  addressOf,
  countServed,
  createSlice,
  forEachConcurrently,
  loadBalancer,
  SERVICES,
  serviceNames,
} from '../stage/services.ts';
import { openStage, type Stage } from '../stage/stage.ts';
import { startController, startSpeaker } from '../stage/steelyard.ts';
import { rounded } from '../statistics.ts';

const BURST_TIMEOUT_MS = 600_000;
/** Events wait for others to be written together, and Leases have their time too. */
const LAST_WRITES_MS = 3_000;
const NS_PER_MS = 1e6;

export async function measure(args: readonly string[]): Promise<void> {
  // The real API server takes minutes for 10,000 Services.
  const options = readNumbers(args, { services: 1_000, 'real-up-to': 1_000, restarts: 5 });
  const count = options.services;
  const api = count > options['real-up-to'] ? 'memory' : 'real';
  await using stage = await openStage({ nodes: 1, api });
  const [node] = stage.network.nodes;
  if (node === undefined) throw new Error('no node');
  const watch = compileArpWatch();

  const controller = stage.keep(await startController(stage.api));
  const speaker = stage.keep(startSpeaker(stage.api, node));
  await Promise.all([controller.ready(), speaker.ready()]);
  const idle = await bothQuiet(controller, speaker);
  say(`idle: ${JSON.stringify(idle)}`);

  const burst = await createBurst(stage, watch, node, count, api === 'real');
  const full = await bothQuiet(controller, speaker);
  say(`with ${count} Services: ${JSON.stringify({ burst, full })}`);

  let last: App = speaker;
  const speakerRestarts = [];
  for (let restart = 0; restart < options.restarts; restart += 1) {
    await last.stop();
    const heard = await watch.start(stage.network.client);
    last = stage.keep(startSpeaker(stage.api, node));
    speakerRestarts.push(await observeSpeaker(stage.api, heard, last, count));
    say(`speaker started anew: ${JSON.stringify(speakerRestarts.at(-1))}`);
  }

  last = controller;
  const controllerRestarts = [];
  for (let restart = 0; restart < options.restarts; restart += 1) {
    await last.stop();
    const name = `new-${restart}`;
    await createSlice(stage.api.client, name, node.name);
    await stage.api.client.create(SERVICES, loadBalancer(name));
    const before = await stage.api.writes();
    last = stage.keep(await startController(stage.api));
    controllerRestarts.push(await observeController(stage.api, last, name, before));
    say(`controller started anew: ${JSON.stringify(controllerRestarts.at(-1))}`);
  }

  printResult({
    question: 'memory',
    options: { ...options, api },
    kubernetes: stage.api.version,
    figures: { idle, [`services${count}`]: full, burst, speakerRestarts, controllerRestarts },
  });
}

/** What an app holds and has used, once it has nothing left to do. */
async function figuresOf({ process: running }: App) {
  const used = await quiet(running);
  return { ...memory(running.pid), cpuSecondsSinceStart: rounded(used, 2) };
}

async function bothQuiet(controller: App, speaker: App) {
  const [ofController, ofSpeaker] = await Promise.all([figuresOf(controller), figuresOf(speaker)]);
  return { controller: ofController, speaker: ofSpeaker };
}

/** Creates Services as fast as the API takes them. */
async function createBurst(
  { api, network }: Stage,
  program: ArpWatchProgram,
  node: Host,
  count: number,
  nodePort: boolean,
) {
  const names = serviceNames('web', 0, count);
  await forEachConcurrently(names, (name) => createSlice(api.client, name, node.name));
  const watch = await program.start(network.client);
  const before = await api.writes();
  const begunNs = process.hrtime.bigint();
  await forEachConcurrently(names, (name) => api.client.create(SERVICES, loadBalancer(name, { nodePort })));
  const createdNs = process.hrtime.bigint();
  const announcedNs = await watch.waitForCount(count, { timeoutMs: BURST_TIMEOUT_MS });
  await watch.close();
  const served = await countServed(api.client);
  await sleep(LAST_WRITES_MS);
  return {
    createCallsMs: ms(begunNs, createdNs),
    allAnnouncedMs: ms(begunNs, announcedNs),
    served,
    writes: writesBetween(before, await api.writes()),
  };
}

/** From a speaker's start until it has announced everything, and has nothing left to do. */
async function observeSpeaker(api: ClusterApi, watch: ArpWatch, speaker: App, count: number) {
  const before = await api.writes();
  const announcedNs = await watch.waitForCount(count);
  const [firstNs = announcedNs] = watch.firstHeardNs.values();
  await watch.close();
  const held = await figuresOf(speaker);
  return {
    startToFirstAnnouncedMs: ms(speaker.startedNs, firstNs),
    startToAllAnnouncedMs: ms(speaker.startedNs, announcedNs),
    untilQuiet: held,
    writes: await writesSince(api, before),
  };
}

/** A Service that was created while no controller ran is served by the next one, after all that were served before. */
async function observeController(api: ClusterApi, controller: App, name: string, before: Writes) {
  await waitUntil(`an address for ${name}`, async () => addressOf(await api.client.get(`${SERVICES}/${name}`)), {
    timeoutMs: 60_000,
    intervalMs: 10,
  });
  const servedNs = process.hrtime.bigint();
  const held = await figuresOf(controller);
  const writes = await writesSince(api, before);
  const { 'PUT services/status': statusWrites = 0 } = writes;
  return {
    startToNewOneServedMs: ms(controller.startedNs, servedNs),
    untilQuiet: held,
    writes,
    /** One is that of the new Service. */
    statusWritesForOthers: statusWrites - 1,
  };
}

async function writesSince(api: ClusterApi, before: Writes) {
  await sleep(LAST_WRITES_MS);
  return writesBetween(before, await api.writes());
}

function ms(fromNs: bigint, toNs: bigint): number {
  return rounded(Number(toNs - fromNs) / NS_PER_MS, 0);
}
