// What a BGP speaker holds with eight peers: libraries and daemons alone, and whole speakers of Kubernetes.

import type { Namespace } from '@steelyard/testkit';
import { openLab } from '@steelyard/testkit';
import { SENDER } from '../bgp/pair.ts';
import { readPart } from '../bgp/part.ts';
import { type Receiver, startReceiver } from '../bgp/receivers.ts';
import { readSenders } from '../bgp/senders/index.ts';
import type { SenderKind } from '../bgp/senders/sender.ts';
import { createPeer, deletePeer, NODE_ASN, openBgpStage, ROUTER_ASN, startContender } from '../bgp/speaker-stage.ts';
import { waitFor } from '../bgp/wait-for.ts';
import { readNumbers } from '../options.ts';
import { cpuSeconds, memory, quiet } from '../process-figures.ts';
import { printResult, say } from '../result.ts';
import { readContenders } from '../stage/contenders.ts';
import { announceWithoutController } from '../stage/services.ts';
import type { SpeakerContender } from '../stage/speakers.ts';
import { rounded } from '../statistics.ts';

const LEVELS = [1_000, 10_000];
const TIMEOUT_MS = 180_000;

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
  const plug = async (name: string, address: string): Promise<Namespace> => {
    const namespace = await lab.namespace(name);
    await lab.attach(namespace, hub, { addresses: [`${address}/24`] });
    return namespace;
  };
  const sender = await plug('sender', SENDER.address);
  const addresses = Array.from({ length: peers }, (_, index) => `192.0.2.${101 + index}`);
  const namespaces = await Promise.all(addresses.map((address, index) => plug(`router${index + 1}`, address)));
  const routers = await Promise.all(
    namespaces.map((namespace, index) => startRouter(namespace, addresses[index] ?? '', SENDER)),
  );
  const figures: Record<string, Record<string, unknown>> = {};
  try {
    for (const level of LEVELS.filter((each) => each <= most)) {
      for (const kind of senders) {
        await using started = await kind.start(sender, {
          ...SENDER,
          peers: addresses.map((address) => ({ address, asn: ROUTER_ASN })),
          count: level,
          profile: 'same',
          holdTimeSeconds: 90,
        });
        await waitForAll(routers, level);
        const cpu = await quiet({ name: kind.name, pid: started.pid, lines: [] }, TIMEOUT_MS);
        const told = { ...memory(started.pid), cpuSecondsUntilQuiet: rounded(cpu, 2) };
        say(`${kind.name}, ${peers} × ${level}: ${JSON.stringify(told)}`);
        figures[kind.name] = { ...figures[kind.name], [`routes${level}`]: told };
        await started[Symbol.asyncDispose]();
        await waitForAll(routers, 0);
      }
    }
  } finally {
    for (const router of routers) await router[Symbol.asyncDispose]();
  }
  return figures;
}

function startRouter(
  namespace: Namespace,
  address: string,
  neighbor: { readonly address: string; readonly asn: number },
): Promise<Receiver> {
  return startReceiver('bird', namespace, { asn: ROUTER_ASN, routerId: address, neighbors: [neighbor] });
}

async function waitForAll(routers: readonly Receiver[], count: number): Promise<void> {
  for (const router of routers)
    await waitFor(`${count} routes at each router`, async () => (await router.count()) === count, TIMEOUT_MS);
}

async function measureSpeakers(contenders: readonly SpeakerContender[], { most, peers }: Options): Promise<object> {
  await using bgp = await openBgpStage();
  const { stage, node } = bgp;
  const { lab, hub } = stage.network;
  const addresses = Array.from({ length: peers }, (_, index) => `10.20.0.${201 + index}`);
  const routers: Receiver[] = [];
  const figures: Record<string, Record<string, unknown>> = {};
  let known = 0;
  try {
    for (const [index, address] of addresses.entries()) {
      const namespace = await lab.namespace(`router${index + 1}`);
      await lab.attach(namespace, hub, { addresses: [`${address}/16`] });
      routers.push(await startRouter(namespace, address, { address: node.address, asn: NODE_ASN }));
    }
    for (const level of LEVELS.filter((each) => each <= most)) {
      say(`creating ${level} Services`);
      await announceWithoutController(stage.api.client, node.name, known, level);
      known = level;
      for (const contender of contenders) {
        const app = await startContender(bgp, contender);
        try {
          await quiet(app.process, TIMEOUT_MS);
          const noPeers = memory(app.process.pid);
          const before = cpuSeconds(app.process.pid);
          for (const address of addresses) await createPeer(stage.api.client, `router-${address}`, address);
          await waitForAll(routers, level);
          const used = (await quiet(app.process, TIMEOUT_MS)) - before;
          const told = { noPeers, withPeers: memory(app.process.pid), cpuSecondsOfFeed: rounded(used, 2) };
          say(`${contender.name}, ${peers} × ${level}: ${JSON.stringify(told)}`);
          figures[contender.name] = {
            version: contender.version,
            ...figures[contender.name],
            [`services${level}`]: told,
          };
        } finally {
          await app.stop();
          for (const address of addresses)
            await deletePeer(stage.api.client, `router-${address}`).catch(() => undefined);
        }
        await waitForAll(routers, 0);
      }
    }
  } finally {
    for (const router of routers) await router[Symbol.asyncDispose]();
  }
  return figures;
}
