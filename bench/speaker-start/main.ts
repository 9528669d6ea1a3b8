// What a speaker's start costs with many Services, and what a new list of them all does: Steelyard's and MetalLB's.

import { setTimeout as sleep } from 'node:timers/promises';
import { readNumbers } from '../options.ts';
import { cpuSeconds, memory, quiet } from '../process-figures.ts';
import { printResult, say } from '../result.ts';
import { compileArpWatch } from '../stage/arp-watch.ts';
import type { ClusterApi } from '../stage/cluster-api.ts';
import { readContenders } from '../stage/contenders.ts';
import { announceWithoutController } from '../stage/services.ts';
import { createSpeakerPods, type SpeakerContender } from '../stage/speakers.ts';
import { openStage, type Stage } from '../stage/stage.ts';
import { rounded } from '../statistics.ts';

const DEFAULTS = { starts: 3, most: 10_000 };
const LEVELS = [1_000, 10_000];
const NS_PER_MS = 1e6;
const TIMEOUT_MS = 300_000;
/** An API server that is away so long has lost all its watches. */
const AWAY_MS = 500;

export async function measure(args: readonly string[]): Promise<void> {
  const { contenders, rest } = readContenders(args);
  const options = readNumbers(rest, DEFAULTS);
  await using stage = await openStage({ nodes: 1, api: 'memory' });
  const [node] = stage.network.nodes;
  if (node === undefined) throw new Error('no node');
  await createSpeakerPods(stage.api.client, [node]);
  const figures: Record<string, Record<string, unknown>> = {};
  let known = 0;
  for (const level of LEVELS.filter((each) => each <= options.most)) {
    say(`creating ${level} Services`);
    await announceWithoutController(stage.api.client, node.name, known, level);
    known = level;
    for (const contender of contenders) {
      const starts: object[] = [];
      for (let start = 0; start < options.starts; start += 1) {
        starts.push(await measureStart(stage, contender, level));
        say(`${contender.name}, ${level} Services: ${JSON.stringify(starts.at(-1))}`);
      }
      figures[contender.name] = {
        version: contender.version,
        ...figures[contender.name],
        [`services${level}`]: starts,
      };
    }
  }
  printResult({ question: 'speaker-start', options, kubernetes: stage.api.version, figures });
}

async function measureStart({ network, api }: Stage, contender: SpeakerContender, count: number) {
  const [node] = network.nodes;
  if (node === undefined) throw new Error('no node');
  const heard = await compileArpWatch().start(network.client);
  const speaker = contender.start(api, node);
  try {
    const lastNs = await heard.waitForCount(count, { timeoutMs: TIMEOUT_MS });
    const [firstNs = lastNs] = heard.firstHeardNs.values();
    const ms = (ns: bigint): number => rounded(Number(ns - speaker.startedNs) / NS_PER_MS, 0);
    const cpuSecondsUntilQuiet = rounded(await quiet(speaker.process, TIMEOUT_MS), 2);
    const held = memory(speaker.process.pid);
    const before = cpuSeconds(speaker.process.pid);
    await listAnew(api);
    const cpuSecondsOfRelist = rounded((await quiet(speaker.process, TIMEOUT_MS)) - before, 2);
    return {
      startToFirstAnnouncedMs: ms(firstNs),
      startToAllAnnouncedMs: ms(lastNs),
      cpuSecondsUntilQuiet,
      ...held,
      cpuSecondsOfRelist,
      afterRelist: memory(speaker.process.pid),
    };
  } finally {
    await heard.close();
    await speaker.stop();
  }
}

/** Breaks all watches, and refuses to resume any. */
async function listAnew({ outage }: ClusterApi): Promise<void> {
  if (outage === undefined) throw new Error('this API server cannot be away');
  await outage.stop();
  outage.expireHistory();
  await sleep(AWAY_MS);
  await outage.start();
}
