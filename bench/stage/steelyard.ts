import { once } from 'node:events';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { type LabProcess, spawnBound, waitUntil } from '@steelyard/testkit';
import type { ClusterApi } from './cluster-api.ts';
import type { Host } from './network.ts';

/** The namespace of Steelyard's own objects: MetalLB's name. */
export const STEELYARD_NAMESPACE = 'metallb-system';
const SPEAKER_HEALTH_PORT = 17_472;
const READY_TIMEOUT_MS = 60_000;

/** A running app. */
export interface App {
  readonly name: string;
  readonly process: LabProcess;
  /** Just before it was started, by the monotonic clock. */
  readonly startedNs: bigint;
  /** Waits until it has read what it needs. */
  ready(): Promise<void>;
  stop(): Promise<void>;
}

const programOf = (app: 'controller' | 'speaker'): string =>
  fileURLToPath(new URL(`../../apps/${app}/dist/main.js`, import.meta.url));

const commonFlags = (api: ClusterApi, healthPort: number): string[] => [
  `--kubeconfig=${api.kubeconfigPath}`,
  `--namespace=${STEELYARD_NAMESPACE}`,
  `--health-probe-port=${healthPort}`,
  '--port=0',
];

/** Starts the bundled controller beside this process: it needs no network but the API. */
export async function startController(api: ClusterApi): Promise<App> {
  const healthPort = await freePort();
  const startedNs = process.hrtime.bigint();
  const started = spawnBound(process.execPath, [programOf('controller'), ...commonFlags(api, healthPort)], {
    name: 'controller',
    env: { METALLB_POD_NAME: 'controller' },
  });
  const url = `http://127.0.0.1:${healthPort}/readyz`;
  return app('controller', started, startedNs, async () => (await fetch(url)).ok);
}

/** Starts the bundled speaker of a node, which reaches the API by a relay of this process. */
export function startSpeaker(api: ClusterApi, { name, address, namespace }: Host): App {
  const startedNs = process.hrtime.bigint();
  const flags = [programOf('speaker'), ...commonFlags(api, SPEAKER_HEALTH_PORT)];
  const started = namespace.spawn(process.execPath, flags, {
    name: `speaker of ${name}`,
    env: { METALLB_NODE_NAME: name, METALLB_HOST: address, METALLB_POD_NAME: `speaker-${name}` },
  });
  const url = `http://127.0.0.1:${SPEAKER_HEALTH_PORT}/readyz`;
  return app(started.name, started, startedNs, async () => {
    const asked = await namespace.run('curl', ['-sf', '--max-time', '2', url], { allowFailure: true });
    return asked.code === 0;
  });
}

function app(name: string, started: LabProcess, startedNs: bigint, isReady: () => Promise<boolean>): App {
  return {
    name,
    process: started,
    startedNs,
    async ready() {
      const settled = (): Promise<boolean> | boolean => started.end !== undefined || isReady();
      const options = { timeoutMs: READY_TIMEOUT_MS, intervalMs: 100 };
      await waitUntil(`${name} to be ready`, settled, options).catch((error: unknown) => {
        throw new Error(`${name} did not get ready; it said:\n${tailOf(started)}`, { cause: error });
      });
      if (started.end !== undefined) throw new Error(`${name} ended; it said:\n${tailOf(started)}`);
    },
    async stop() {
      await started.stop();
    },
  };
}

function tailOf(started: LabProcess): string {
  return started.lines.slice(-20).join('\n');
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('a TCP server without a port');
  return address.port;
}
