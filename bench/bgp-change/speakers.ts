import { setTimeout as sleep } from 'node:timers/promises';
import { startCapture } from '../bgp/capture.ts';
import { msBetween, wallClockAheadNs } from '../bgp/clock.ts';
import { startReceiver } from '../bgp/receivers.ts';
import {
  type BgpStage,
  createAdvertisement,
  createPeer,
  deleteAdvertisement,
  deletePeer,
  NODE_ASN,
  openBgpStage,
  ROUTER_ASN,
  settled,
  startContender,
} from '../bgp/speaker-stage.ts';
import { waitFor } from '../bgp/wait-for.ts';
import { routesOnWire } from '../bgp/wire.ts';
import { cpuSeconds } from '../process-figures.ts';
import { say } from '../result.ts';
import { poolAddress } from '../stage/network.ts';
import {
  announceWithoutController,
  createSlice,
  forEachConcurrently,
  loadBalancer,
  SERVICES,
} from '../stage/services.ts';
import type { SpeakerContender } from '../stage/speakers.ts';
import { rounded, summarize } from '../statistics.ts';
import {
  type ChangeFigures,
  changeFigures,
  changeRatios,
  type Sample,
  waitForCount,
  waitForRoute,
  withdrawalOnWire,
} from './route-times.ts';

const LEVELS = [100, 1_000, 10_000];
const PEER = 'router';
const SESSION_TIMEOUT_MS = 30_000;
const ROUTES_TIMEOUT_MS = 60_000;
const WITHDRAWAL_TIMEOUT_MS = 60_000;
const PAUSE_MS = 30;
const JITTER_MS = 40;
const AFTER_MS = 300;
const SNAP_OCTETS = 65_535;
/** Service numbers above all levels; the pool has 16,384 addresses. */
const FIRST_NEW = 12_000;
/** FRR takes the next connection of a peer that has just gone a second later, whoever it is. */
const SETTLED_MS = 1_500;

interface Options {
  readonly samples: number;
  readonly most: number;
  readonly peers: number;
}

/** Each speaker by turns, at each number of Services that are there already. */
export async function measureSpeakers(contenders: readonly SpeakerContender[], options: Options): Promise<object> {
  await using bgp = await openBgpStage();
  const { stage, node } = bgp;
  const router = stage.network.client;
  const figures: Record<string, Record<string, unknown>> = {};
  const numbers = Array.from({ length: options.samples }, (_, index) => FIRST_NEW + index);
  await forEachConcurrently(numbers, async (number) => {
    await createSlice(stage.api.client, `new-${number}`, node.name);
    await stage.api.client.create(SERVICES, loadBalancer(`new-${number}`, { nodePort: false }));
  });
  let known = 0;
  for (const level of LEVELS.filter((each) => each <= options.most)) {
    say(`creating ${level} Services`);
    await announceWithoutController(stage.api.client, node.name, known, level);
    known = level;
    const changes: Record<string, ChangeFigures> = {};
    for (const contender of contenders) {
      await using receiver = await startReceiver('frr', router.namespace, {
        asn: ROUTER_ASN,
        routerId: router.address,
        neighbors: [{ address: node.address, asn: NODE_ASN }],
      });
      const told = await measureLevel(bgp, contender, receiver, level, numbers, options.peers).catch(
        (error: unknown) => ({ failed: String(error), statusToRoute: undefined }),
      );
      say(`${contender.name}, ${level} Services: ${JSON.stringify(told)}`);
      figures[contender.name] = { version: contender.version, ...figures[contender.name], [`services${level}`]: told };
      if (told.statusToRoute !== undefined) changes[contender.name] = told.statusToRoute;
    }
    figures['timesSteelyards'] = { ...figures['timesSteelyards'], [`services${level}`]: changeRatios(changes) };
  }
  return figures;
}

type Router = Awaited<ReturnType<typeof startReceiver>>;

async function measureLevel(
  bgp: BgpStage,
  contender: SpeakerContender,
  router: Router,
  level: number,
  numbers: readonly number[],
  peers: number,
) {
  const { stage, node } = bgp;
  const { client } = stage.api;
  const app = await startContender(bgp, contender);
  try {
    await settled(app);
    const peerWritten = await writePeers(bgp, router, level, peers);
    await createPeer(client, PEER, stage.network.client.address);
    await waitFor('a session', () => router.isEstablished(node.address), SESSION_TIMEOUT_MS);
    await waitFor(`${level} routes`, async () => (await router.count()) === level, ROUTES_TIMEOUT_MS);
    await settled(app);
    await using capture = await startCapture(
      stage.network.client.namespace,
      stage.network.client.cable.ifname,
      SNAP_OCTETS,
    );
    const aheadNs = wallClockAheadNs();
    const cpuBefore = cpuSeconds(app.process.pid);
    const samples: Sample[] = [];
    for (const number of numbers) {
      const prefix = `${poolAddress(number)}/32`;
      const status = { loadBalancer: { ingress: [{ ip: poolAddress(number) }] } };
      const begunNs = process.hrtime.bigint();
      const toldNs = client.patch(`${SERVICES}/new-${number}/status`, { status }).then(() => process.hrtime.bigint());
      const atRouterNs = await waitForRoute(router, prefix);
      samples.push({ prefix, begunNs, toldNs: await toldNs, atRouterNs });
      await sleep(PAUSE_MS + Math.random() * JITTER_MS);
    }
    const cpuMs = (1_000 * (cpuSeconds(app.process.pid) - cpuBefore)) / Math.max(1, samples.length);
    await clearStatuses(bgp, numbers);
    await waitForCount(router, level, WITHDRAWAL_TIMEOUT_MS);
    const begunNs = process.hrtime.bigint();
    await deleteAdvertisement(client);
    const goneNs = await waitForCount(router, 0, WITHDRAWAL_TIMEOUT_MS).catch(() => undefined);
    const leftAtRouter = await router.count();
    await sleep(AFTER_MS);
    await capture.stop();
    const onWire = routesOnWire(capture.segments(), node.address);
    return {
      peerWrittenToEstablishedMs: peerWritten.established,
      peerWrittenToAllRoutesMs: peerWritten.all,
      statusToRoute: changeFigures(samples, onWire, aheadNs),
      cpuMsPerService: rounded(cpuMs, 2),
      withdrawAll: {
        ...withdrawalOnWire(onWire, begunNs, aheadNs),
        ...(goneNs === undefined ? { leftAtRouter } : { goneAtRouterMs: rounded(msBetween(begunNs, goneNs), 1) }),
      },
    };
  } finally {
    await app.stop();
    await deletePeer(client, PEER).catch(() => undefined); // it may not be there
    await clearStatuses(bgp, numbers);
    await deleteAdvertisement(client).catch(() => undefined);
    await createAdvertisement(client);
  }
}

/** From just before a BGPPeer is written until the router has a session, and all routes; it is deleted after each. */
async function writePeers({ stage, node }: BgpStage, router: Router, level: number, count: number) {
  const { client } = stage.api;
  const established: number[] = [];
  const all: number[] = [];
  for (let trial = 0; trial < count; trial += 1) {
    const begunNs = process.hrtime.bigint();
    await createPeer(client, PEER, stage.network.client.address);
    const upNs = await waitFor('a session', () => router.isEstablished(node.address), SESSION_TIMEOUT_MS);
    const allNs = await waitFor(`${level} routes`, async () => (await router.count()) === level, ROUTES_TIMEOUT_MS);
    established.push(msBetween(begunNs, upNs));
    all.push(msBetween(begunNs, allNs));
    await deletePeer(client, PEER);
    await waitFor('no session', async () => !(await router.isEstablished(node.address)), SESSION_TIMEOUT_MS);
    await sleep(SETTLED_MS);
  }
  return { established: summarize(established), all: summarize(all) };
}

async function clearStatuses({ stage }: BgpStage, numbers: readonly number[]): Promise<void> {
  const status = { loadBalancer: { ingress: null } };
  await forEachConcurrently(numbers, (number) =>
    stage.api.client.patch(`${SERVICES}/new-${number}/status`, { status }),
  );
}
