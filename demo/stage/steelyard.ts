import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type LabProcess, type Namespace, waitUntil } from '@steelyard/testkit';
import type { NodeHost } from './cast.ts';
import type { HomeNetwork, PluggedHost } from './network.ts';
import { gossipEnvironment, mountGossipKey, speakerPodName } from './speaker-pods.ts';

/** The namespace of Steelyard's own objects: MetalLB's name. */
export const STEELYARD_NAMESPACE = 'metallb-system';
/** Where /readyz is, in each process's own network namespace: MetalLB's default. */
const HEALTH_PROBE_PORT = 17_472;
const READY_TIMEOUT_MS = 30_000;

const APPS = fileURLToPath(new URL('../../apps', import.meta.url));

/** A running app. */
export interface App {
  readonly name: string;
  readonly process: LabProcess;
  readonly namespace: Namespace;
  readonly logFile: string;
}

/** What is under test: one controller, and a speaker on each node. */
export interface Steelyard {
  readonly controller: App;
  /** As the nodes are in order. */
  readonly speakers: readonly App[];
  /** Starts the speaker of a node again after its end, as kubelet does. */
  restartSpeaker(node: PluggedHost<NodeHost>): App;
}

/** Starts the bundled apps as they are started in a Pod. */
export function startSteelyard(network: HomeNetwork, kubeconfigPath: string, logFolder: string): Steelyard {
  const start = (app: 'controller' | 'speaker', name: string, namespace: Namespace, env: NodeJS.ProcessEnv): App => {
    const logFile = join(logFolder, `${name}.log`);
    const main = join(APPS, app, 'dist/main.js');
    const flags = [
      `--kubeconfig=${kubeconfigPath}`,
      `--namespace=${STEELYARD_NAMESPACE}`,
      `--health-probe-port=${HEALTH_PROBE_PORT}`,
      '--port=0',
    ];
    const started = namespace.spawn(process.execPath, [main, ...flags], { name, env, logFile });
    return { name, process: started, namespace, logFile };
  };
  const keyFolder = mountGossipKey(logFolder);
  const startSpeaker = ({ host, namespace }: PluggedHost<NodeHost>): App =>
    start('speaker', speakerPodName(host), namespace, {
      METALLB_NODE_NAME: host.name,
      METALLB_HOST: host.address,
      METALLB_POD_NAME: speakerPodName(host),
      ...gossipEnvironment(host, keyFolder),
    });
  const speakers = network.nodes.map(startSpeaker);
  return {
    controller: start('controller', 'controller', network.controlPlane, { METALLB_POD_NAME: 'controller' }),
    speakers,
    restartSpeaker(node) {
      const started = startSpeaker(node);
      speakers[network.nodes.indexOf(node)] = started;
      return started;
    },
  };
}

/** Waits until an app says that it has read what it needs. */
export async function waitUntilReady({ name, process: running, namespace }: App): Promise<void> {
  const url = `http://127.0.0.1:${HEALTH_PROBE_PORT}/readyz`;
  const ready = async (): Promise<boolean> => {
    if (running.end !== undefined) return true;
    return (await namespace.run('curl', ['-sf', '--max-time', '2', url], { allowFailure: true })).code === 0;
  };
  await waitUntil(`${name} to be ready`, ready, { timeoutMs: READY_TIMEOUT_MS, intervalMs: 100 });
  const { end } = running;
  if (end !== undefined) throw new Error(`${name} ended with ${end.signal ?? end.code}`);
}
