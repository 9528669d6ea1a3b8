import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ApiClient, openApiClient, openPcap, type PcapCapture, relayInto } from '@steelyard/testkit';
import type { DemoOptions } from '../options.ts';
import { type ClusterApi, openClusterApi } from './api.ts';
import { type Client, createClient } from './client.ts';
import { type HomeNetwork, layNetwork } from './network.ts';
import { startPods } from './pods.ts';
import { type Router, startRouter } from './router.ts';
import { createSpeakerPods } from './speaker-pods.ts';
import { type App, STEELYARD_NAMESPACE, type Steelyard, startSteelyard } from './steelyard.ts';

/** Everything that the story plays on. */
export interface Stage {
  readonly network: HomeNetwork;
  readonly api: ClusterApi;
  readonly client: ApiClient;
  readonly steelyard: Steelyard;
  readonly laptop: Client;
  readonly router: Router;
  readonly pcap: PcapCapture | undefined;
}

/** Takes down what has been set up, also when the setting up itself failed. */
export interface Scenery {
  /** The logs of the apps and of the scenery. */
  readonly logFolder: string;
  /** The apps that were started. */
  readonly apps: readonly App[];
  /** Resolves when the apps have been started. */
  setUp(options: DemoOptions): Promise<Stage>;
  /** Waits for a setting up that is under way, so that nothing is left behind. */
  takeDown(keepLogs: boolean): Promise<void>;
}

export function createScenery(): Scenery {
  const logFolder = mkdtempSync(join(tmpdir(), 'steelyard-demo-'));
  const sceneryLog = join(logFolder, 'scenery.log');
  const complain = (what: string, error: unknown): void =>
    appendFileSync(sceneryLog, `${what}: ${error instanceof Error ? error.message : String(error)}\n`);
  /** In the order of setting up; taken down in reverse. */
  const undo: (() => Promise<unknown> | unknown)[] = [];
  let steelyard: Steelyard | undefined;
  const apps = (): readonly App[] => (steelyard === undefined ? [] : [steelyard.controller, ...steelyard.speakers]);
  let settled: Promise<void> | undefined;

  const setUp = async (options: DemoOptions): Promise<Stage> => {
    const network = await layNetwork();
    undo.push(() => network.lab.close());
    const api = await openClusterApi(options.kubernetes, logFolder);
    undo.push(() => api.close());
    const client = await openApiClient(api.kubeconfigPath);
    undo.push(() => client.close());
    const pcap = options.pcap === undefined ? undefined : await openPcap(network.laptop.cable, options.pcap);
    const inside = [network.controlPlane, ...network.nodes.map(({ namespace }) => namespace)];
    const relays = await Promise.all(inside.map((namespace) => relayInto(namespace, api.url)));
    undo.push(() => Promise.all(relays.map((relay) => relay.close())));
    await client.create('/api/v1/namespaces', { metadata: { name: STEELYARD_NAMESPACE } });
    undo.push(await startPods(client, network, api.hasControllers, complain));
    await createSpeakerPods(client, STEELYARD_NAMESPACE);
    steelyard = startSteelyard(network, api.kubeconfigPath, logFolder);
    undo.push(() => Promise.all(apps().map(({ process: running }) => running.stop())));
    const router = await startRouter(network.router, join(logFolder, 'router.log'));
    undo.push(() => router.stop());
    return { network, api, client, steelyard, laptop: createClient(network.laptop), router, pcap };
  };
  return {
    logFolder,
    get apps() {
      return apps();
    },
    setUp(options) {
      const setting = setUp(options);
      settled = setting.then(
        () => {},
        () => {}, // whoever called setUp is told
      );
      return setting;
    },
    async takeDown(keepLogs) {
      await settled;
      for (const step of undo.splice(0).reverse()) {
        try {
          await step();
        } catch (error) {
          complain('taking down', error);
        }
      }
      if (!keepLogs) rmSync(logFolder, { recursive: true, force: true });
    },
  };
}
