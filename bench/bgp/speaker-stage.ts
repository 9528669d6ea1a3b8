import type { ApiClient } from '@steelyard/testkit';
import { quiet } from '../process-figures.ts';
import { say } from '../result.ts';
import type { App } from '../stage/app.ts';
import { STEELYARD_NAMESPACE } from '../stage/app.ts';
import { type Host, POOL } from '../stage/network.ts';
import { createSpeakerPods, type SpeakerContender } from '../stage/speakers.ts';
import { openStage, type Stage } from '../stage/stage.ts';

const V1BETA1 = `/apis/metallb.io/v1beta1/namespaces/${STEELYARD_NAMESPACE}`;
const PEERS = `/apis/metallb.io/v1beta2/namespaces/${STEELYARD_NAMESPACE}/bgppeers`;

export const NODE_ASN = 64_501;
export const ROUTER_ASN = 64_502;

/** A node and routers beside it; the pool is announced by BGP alone. */
export interface BgpStage extends AsyncDisposable {
  readonly stage: Stage;
  readonly node: Host;
}

/** Opens it, with the in-memory API and no peer yet. */
export async function openBgpStage(): Promise<BgpStage> {
  const stage = await openStage({ nodes: 1, api: 'memory' });
  try {
    const [node] = stage.network.nodes;
    if (node === undefined) throw new Error('no node');
    const { client } = stage.api;
    await createSpeakerPods(client, [node]);
    await client.delete(`${V1BETA1}/l2advertisements/all`);
    // MetalLB's native mode refuses a pool of IPv6 as a whole.
    await client.patch(`${V1BETA1}/ipaddresspools/all`, { spec: { addresses: [POOL] } });
    await createAdvertisement(client);
    return { stage, node, [Symbol.asyncDispose]: () => stage[Symbol.asyncDispose]() };
  } catch (error) {
    await stage[Symbol.asyncDispose]();
    throw error;
  }
}

/** Announces everything, to every peer. */
export async function createAdvertisement(client: ApiClient): Promise<void> {
  await client.create(`${V1BETA1}/bgpadvertisements`, {
    apiVersion: 'metallb.io/v1beta1',
    kind: 'BGPAdvertisement',
    metadata: { name: 'all' },
    spec: {},
  });
}

export async function deleteAdvertisement(client: ApiClient): Promise<void> {
  await client.delete(`${V1BETA1}/bgpadvertisements/all`);
}

/** Writes a BGPPeer. */
export async function createPeer(client: ApiClient, name: string, peerAddress: string): Promise<void> {
  await client.create(PEERS, {
    apiVersion: 'metallb.io/v1beta2',
    kind: 'BGPPeer',
    metadata: { name },
    spec: { myASN: NODE_ASN, peerASN: ROUTER_ASN, peerAddress, holdTime: '90s' },
  });
}

export async function deletePeer(client: ApiClient, name: string): Promise<void> {
  await client.delete(`${PEERS}/${name}`);
}

/** Starts a speaker, and waits until it has read everything. */
export async function startContender({ stage, node }: BgpStage, contender: SpeakerContender): Promise<App> {
  const app = contender.start(stage.api, node);
  await app.ready();
  return app;
}

/** One that is still busy then is measured as it is. */
const QUIET_TIMEOUT_MS = 30_000;

/**
 * Waits until a speaker is quiet, but not for ever: MetalLB's is busy for minutes with many Services and peers.
 *
 * @returns Whether it is.
 */
export async function settled(app: App): Promise<boolean> {
  try {
    await quiet(app.process, QUIET_TIMEOUT_MS);
    return true;
  } catch (error) {
    if (app.process.end !== undefined) throw error;
    say(`${app.name} is still busy after ${QUIET_TIMEOUT_MS} ms`);
    return false;
  }
}
