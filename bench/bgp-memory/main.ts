// What a BGP speaker holds with eight peers: libraries and daemons alone, and whole speakers of Kubernetes.

import { setTimeout as sleep } from 'node:timers/promises';
import { type Lab, type Namespace, openLab, type Switch } from '@steelyard/testkit';
import { SENDER } from '../bgp/pair.ts';
import { readPart } from '../bgp/part.ts';
import { timesSteelyards } from '../bgp/ratios.ts';
import { type Receiver, startReceiver } from '../bgp/receivers.ts';
import { readSenders } from '../bgp/senders/index.ts';
import type { SenderKind } from '../bgp/senders/sender.ts';
import {
  createPeer,
  deletePeer,
  NODE_ASN,
  openBgpStage,
  ROUTER_ASN,
  settled,
  startContender,
} from '../bgp/speaker-stage.ts';
import { waitFor } from '../bgp/wait-for.ts';
import { readNumbers } from '../options.ts';
import { cpuSeconds, memory } from '../process-figures.ts';
import { printResult, say } from '../result.ts';
import { readContenders } from '../stage/contenders.ts';
import { announceWithoutController } from '../stage/services.ts';
import type { SpeakerContender } from '../stage/speakers.ts';
import { rounded } from '../statistics.ts';

const LEVELS = [1_000, 10_000];
const TIMEOUT_MS = 60_000;
/** All routes are there. ExaBGP is never quiet: it looks for something to do some hundred times a second. */
const AFTER_MS = 3_000;

interface Options {
  readonly most: number;
  readonly peers: number;
}

export async function measure(args: readonly string[]): Promise<void> {
  const { part, only, rest } = readPart(args);
  const { senders, rest: numbers } = readSenders(rest);
  const options = readNumbers(numbers, { most: 10_000, peers: 8 });
  const figures: Record<string, object> = {};
  if (part !== 'speakers') figures['daemons'] = await measureDaemons(senders, options);
  if (part !== 'daemons') figures['speakers'] = await measureSpeakers(readContenders(only).contenders, options);
  printResult({ question: 'bgp-memory', options: { ...options, part }, figures });
}

async function measureDaemons(senders: readonly SenderKind[], { most, peers }: Options): Promise<object> {
  await using lab = await openLab();
  const hub = await lab.switch('switch');
  const sender = await lab.namespace('sender');
  await lab.attach(sender, hub, { addresses: [`${SENDER.address}/24`] });
  const addresses = Array.from({ length: peers }, (_, index) => `192.0.2.${101 + index}`);
  const sites = await laySites(lab, hub, addresses, 24);
  const figures: Record<string, Record<string, unknown>> = {};
  for (const level of LEVELS.filter((each) => each <= most)) {
    const rssMib: Record<string, number> = {};
    for (const kind of senders) {
      await using routers = await startRouters(sites, SENDER);
      await using started = await kind.start(sender, {
        ...SENDER,
        peers: addresses.map((address) => ({ address, asn: ROUTER_ASN })),
        count: level,
        profile: 'same',
        holdTimeSeconds: 90,
      });
      await routers.waitForAll(level);
      await sleep(AFTER_MS);
      const told = { ...memory(started.pid), cpuSecondsSinceStart: rounded(cpuSeconds(started.pid), 2) };
      say(`${kind.name}, ${peers} × ${level}: ${JSON.stringify(told)}`);
      figures[kind.name] = { ...figures[kind.name], [`routes${level}`]: told };
      rssMib[kind.name] = told.rssMib;
    }
    figures['timesSteelyards'] = { ...figures['timesSteelyards'], [`routes${level}`]: ratios(rssMib) };
  }
  return figures;
}

interface Site {
  readonly namespace: Namespace;
  readonly address: string;
}

async function laySites(lab: Lab, hub: Switch, addresses: readonly string[], prefixLength: number): Promise<Site[]> {
  const sites: Site[] = [];
  for (const address of addresses) {
    const namespace = await lab.namespace(`router${sites.length + 1}`);
    await lab.attach(namespace, hub, { addresses: [`${address}/${prefixLength}`] });
    sites.push({ namespace, address });
  }
  return sites;
}

interface Routers extends AsyncDisposable {
  waitForAll(count: number): Promise<void>;
}

/** New ones for each who is measured: BIRD keeps the routes of some that have gone, for a graceful restart. */
async function startRouters(
  sites: readonly Site[],
  neighbor: { readonly address: string; readonly asn: number },
): Promise<Routers> {
  await using stack = new AsyncDisposableStack();
  const routers: Receiver[] = [];
  for (const { namespace, address } of sites) {
    const options = { asn: ROUTER_ASN, routerId: address, neighbors: [neighbor] };
    routers.push(stack.use(await startReceiver('bird', namespace, options)));
  }
  const kept = stack.move();
  return {
    async waitForAll(count) {
      const what = `${count} routes at each router`;
      for (const router of routers) await waitFor(what, async () => (await router.count()) === count, TIMEOUT_MS);
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

async function measureSpeakers(contenders: readonly SpeakerContender[], { most, peers }: Options): Promise<object> {
  await using bgp = await openBgpStage();
  const { stage, node } = bgp;
  const { client } = stage.api;
  const addresses = Array.from({ length: peers }, (_, index) => `10.20.0.${201 + index}`);
  const sites = await laySites(stage.network.lab, stage.network.hub, addresses, 16);
  const figures: Record<string, Record<string, unknown>> = {};
  let known = 0;
  for (const level of LEVELS.filter((each) => each <= most)) {
    say(`creating ${level} Services`);
    await announceWithoutController(client, node.name, known, level);
    known = level;
    const rssMib: Record<string, number> = {};
    for (const contender of contenders) {
      await using routers = await startRouters(sites, { address: node.address, asn: NODE_ASN });
      const app = await startContender(bgp, contender);
      try {
        await settled(app);
        const noPeers = memory(app.process.pid);
        const before = cpuSeconds(app.process.pid);
        for (const address of addresses) await createPeer(client, `router-${address}`, address);
        await routers.waitForAll(level);
        const isQuiet = await settled(app);
        const used = cpuSeconds(app.process.pid) - before;
        const told = { noPeers, withPeers: memory(app.process.pid), cpuSecondsOfFeed: rounded(used, 2), isQuiet };
        say(`${contender.name}, ${peers} × ${level}: ${JSON.stringify(told)}`);
        figures[contender.name] = {
          version: contender.version,
          ...figures[contender.name],
          [`services${level}`]: told,
        };
        rssMib[contender.name] = told.withPeers.rssMib;
      } catch (error) {
        say(`${contender.name}, ${peers} × ${level}: ${String(error)}`);
        const failed = { failed: String(error) };
        figures[contender.name] = {
          version: contender.version,
          ...figures[contender.name],
          [`services${level}`]: failed,
        };
      } finally {
        await app.stop();
        for (const address of addresses) await deletePeer(client, `router-${address}`).catch(() => undefined);
      }
    }
    figures['timesSteelyards'] = { ...figures['timesSteelyards'], [`services${level}`]: ratios(rssMib) };
  }
  return figures;
}

function ratios(rssMib: Readonly<Record<string, number>>): object {
  return timesSteelyards(rssMib, (mib) => mib);
}
