// What a storm of ARP requests for other hosts' addresses costs the speaker, and how fast it and the kernel answer one.

import { setTimeout as sleep } from 'node:timers/promises';
import { compileFlood, type FloodReport } from '@steelyard/testkit/flood';
import { readNumbers } from '../options.ts';
import { cpuSeconds, quiet, wakeUps } from '../process-figures.ts';
import { printResult, say } from '../result.ts';
import type { App } from '../stage/app.ts';
import { compileArpWatch } from '../stage/arp-watch.ts';
import { FOREIGN, type Host, poolAddress } from '../stage/network.ts';
import { announceWithoutController } from '../stage/services.ts';
import { openStage } from '../stage/stage.ts';
import { startSpeaker } from '../stage/steelyard.ts';
import { rounded } from '../statistics.ts';

/** Enough frames to know the rate of this machine. */
const CALIBRATION_FRAMES = 50_000;
/** Answers may still be on their way when the last request has left. */
const SETTLE_MS = 500;
/** The network that native/flood.c calls its own: the kernel answers only whom it has a route to. */
const FLOOD_NETWORK = '192.0.2.0/24';

type Flood = (first: string, last: string, count: number) => Promise<FloodReport>;

export async function measure(args: readonly string[]): Promise<void> {
  const options = readNumbers(args, { seconds: 5, most: 1_000 });
  await using stage = await openStage({ nodes: 1, api: 'memory' });
  const { network, api } = stage;
  const [node] = network.nodes;
  if (node === undefined) throw new Error('no node');
  await node.namespace.ip([`route add ${FLOOD_NETWORK} dev ${node.cable.ifname}`]);
  const { client } = network;
  const timeoutMs = 20_000 + options.seconds * 10_000;
  const start = compileFlood((program, words) => client.namespace.run(program, words, { timeoutMs }));
  const flood: Flood = (first, last, count) =>
    start({ interfaceName: client.cable.ifname, count, framesPerSecond: 0, first, last });
  const watch = await compileArpWatch().start(client);
  const speaker = stage.keep(startSpeaker(api, node));
  await speaker.ready();

  const figures: Record<string, unknown> = {};
  figures['kernelAsked'] = await storm(speaker, client, flood, node.address, node.address, options.seconds);
  let known = 0;
  for (const level of [1, 1_000].filter((each) => each <= options.most)) {
    await announceWithoutController(api.client, node.name, known, level);
    known = level;
    await watch.waitForCount(level);
    await quiet(speaker.process);
    const own = [poolAddress(0), poolAddress(level - 1)] as const;
    figures[`addresses${level}`] = {
      noStorm: await observe(speaker, client, () => sleep(options.seconds * 1_000)),
      foreignAsked: await storm(speaker, client, flood, FOREIGN.first, FOREIGN.last, options.seconds),
      ownAsked: await storm(speaker, client, flood, ...own, options.seconds),
    };
    say(`${level} address(es): ${JSON.stringify(figures[`addresses${level}`])}`);
  }
  await watch.close();
  printResult({ question: 'arp-storm', options, kubernetes: api.version, figures });
}

/** Floods for about so many seconds. */
async function storm(app: App, client: Host, flood: Flood, first: string, last: string, seconds: number) {
  const { framesPerSecond } = await flood(first, last, CALIBRATION_FRAMES);
  await quiet(app.process);
  let report: FloodReport | undefined;
  const observed = await observe(app, client, async () => {
    report = await flood(first, last, Math.round(framesPerSecond * seconds));
  });
  return { requestsPerSecond: report?.framesPerSecond, requests: report?.framesSent, ...observed };
}

/** What the speaker used, and what was answered, while something went on. */
async function observe({ process: { pid } }: App, client: Host, act: () => Promise<unknown>) {
  const before = { cpu: cpuSeconds(pid), wakeUps: wakeUps(pid), received: await received(client) };
  const beganMs = performance.now();
  await act();
  const seconds = (performance.now() - beganMs) / 1_000;
  await sleep(SETTLE_MS);
  const now = wakeUps(pid);
  const replies = (await received(client)) - before.received;
  const cpu = cpuSeconds(pid) - before.cpu;
  return {
    seconds: rounded(seconds, 2),
    cpuSeconds: rounded(cpu, 2),
    percentOfACore: rounded((100 * cpu) / seconds),
    wakeUpsOfTheWireThread: now.wireThread - before.wakeUps.wireThread,
    wakeUpsOfAllThreads: now.allThreads - before.wakeUps.allThreads,
    replies,
    repliesPerSecond: rounded(replies / seconds, 0),
  };
}

/** Frames that have reached a host: nothing but answers does, in a storm of its own requests. */
async function received({ namespace, cable }: Host): Promise<number> {
  const { stdout } = await namespace.run('ip', ['-json', '-statistics', 'link', 'show', 'dev', cable.ifname]);
  const [link] = JSON.parse(stdout) as { stats64: { rx: { packets: number } } }[];
  return link?.stats64.rx.packets ?? Number.NaN;
}
