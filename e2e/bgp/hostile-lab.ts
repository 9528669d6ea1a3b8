import {
  type FrrDaemon,
  type FrrOptions,
  type Lan,
  type LanHost,
  layLan,
  startFrr,
  waitUntil,
} from '@steelyard/testkit';
import { expect } from 'vitest';
import { type HostileSpeaker, startHostileSpeaker } from './hostile-speaker.ts';
import { listenScripted, type ScriptedRouter } from './scripted-peer.ts';

export const NODE_ASN = 65_001;
/** Of the routers that behave. */
export const ROUTER_ASN = 65_000;
/** Of the one that does not: 0xfc00. */
export const HOSTILE_ASN = 64_512;
/** A peer that fails is called again soon, so that tests need not wait. */
export const SOON = { idleHoldTimeMs: 5, maxIdleHoldTimeMs: 20, connectRetryTimeMs: 1_000 } as const;
const WITNESS_ROUTES = 50;

/** A speaker between FRR, which behaves, and somebody who does not. */
export interface HostileLab extends AsyncDisposable {
  readonly lan: Lan;
  readonly node: LanHost;
  readonly speaker: HostileSpeaker;
  readonly witness: FrrDaemon;
  /** At the address of `lan.client`, port 179. */
  readonly router: ScriptedRouter;
  readonly hostile: LanHost;
  /** Asserts that FRR has seen nothing of it all: one session, all routes, none lost meanwhile. */
  expectUndisturbed(): Promise<void>;
  close(): Promise<void>;
}

interface FrrNeighborRaw {
  readonly connectionsDropped?: number;
  readonly messageStats?: { readonly updatesRecv?: number };
}

export interface HostileLabOptions {
  /** Of the speaker, beside its AS number and identifier. */
  readonly speaker?: object;
  readonly witness?: Partial<FrrOptions>;
}

/** Whoever opens it closes it. */
export async function openHostileLab(options: HostileLabOptions = {}): Promise<HostileLab> {
  const lan = await layLan({ nodeCount: 2 });
  const [node, well] = lan.nodes;
  if (node === undefined || well === undefined) throw new Error('two nodes were wanted');
  try {
    const [witness, speaker, router] = await Promise.all([
      startFrr(well.namespace, {
        asn: ROUTER_ASN,
        routerId: well.ipv4,
        neighbors: [{ address: node.ipv4, asn: NODE_ASN }],
        holdTimeSeconds: 9,
        ...options.witness,
      }),
      startHostileSpeaker(node.namespace, { asn: NODE_ASN, routerId: node.ipv4, ...options.speaker }),
      listenScripted(lan.client.namespace, { host: lan.client.ipv4 }),
    ]);
    await speaker.addPeer({ address: well.ipv4, asn: ROUTER_ASN, name: 'witness', ...SOON });
    await speaker.tell({ do: 'announce', peer: 'witness', from: '10.9', count: WITNESS_ROUTES });
    const view = async () => await witness.neighbor(node.ipv4);
    await waitUntil('the routes at FRR', async () => (await view()).prefixesReceived === WITNESS_ROUTES);
    const drops = async (): Promise<number> => ((await view()).raw as FrrNeighborRaw).connectionsDropped ?? -1;
    const dropsBefore = await drops();
    const close = async (): Promise<void> => {
      await Promise.all([speaker.stop(), witness.stop(), router.close()]);
      await lan.lab.close();
    };
    return {
      lan,
      node,
      speaker,
      witness,
      router,
      hostile: lan.client,
      async expectUndisturbed() {
        const { state, prefixesReceived } = await view();
        const { counters } = await speaker.status('witness');
        const now = { state, routesLost: prefixesReceived < WITNESS_ROUTES, drops: await drops() };
        expect(now).toEqual({ state: 'Established', routesLost: false, drops: dropsBefore });
        expect(counters.established).toBe(1);
        expect(speaker.errors).toEqual([]);
      },
      close,
      [Symbol.asyncDispose]: close,
    };
  } catch (error) {
    await lan.lab.close();
    throw error;
  }
}
