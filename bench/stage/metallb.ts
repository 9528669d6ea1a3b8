import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { spawnBound } from '@steelyard/testkit';
import { say } from '../result.ts';
import { type App, freePort, runningApp, STEELYARD_NAMESPACE } from './app.ts';
import type { ClusterApi } from './cluster-api.ts';
import type { Host } from './network.ts';
import { SPEAKER_HEALTH_PORT, type SpeakerContender, speakerPodName } from './speakers.ts';

const MODULE = fileURLToPath(new URL('../metallb', import.meta.url));
const POD_NAME = 'metallb-controller';

/** MetalLB's own controller, built from the release that `bench/metallb/go.mod` names. */
export interface MetalLb {
  readonly version: string;
  startController(api: ClusterApi): Promise<App>;
}

/**
 * Builds one of its programs with the machine's Go, which takes a minute or two at the first time.
 *
 * @throws Error where there is no Go, or no way to its modules.
 */
function build(name: 'controller' | 'speaker'): { readonly version: string; readonly program: string } {
  const folder = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'steelyard', 'metallb');
  mkdirSync(folder, { recursive: true });
  const go = (...args: string[]): string =>
    execFileSync('go', args, {
      cwd: MODULE,
      encoding: 'utf8',
      env: { ...process.env, CGO_ENABLED: '0', GOWORK: 'off' },
    });
  const version = go('list', '-m', '-f', '{{.Version}}', 'go.universe.tf/metallb').trim();
  const program = join(folder, `${name}-${version}`);
  say(`building MetalLB's ${name} ${version}`);
  go('build', '-trimpath', '-buildvcs=false', '-ldflags=-s -w', '-o', program, `go.universe.tf/metallb/${name}`);
  return { version, program };
}

/** Builds its controller. */
export function buildMetalLb(): MetalLb {
  const { version, program } = build('controller');
  return {
    version,
    async startController(api) {
      await createOwnPod(api);
      const [healthPort, metricsPort] = [await freePort(), await freePort()];
      const flags = [
        '--webhook-mode=disabled',
        '--disable-cert-rotation',
        `--health-probe-port=${healthPort}`,
        `--port=${metricsPort}`,
      ];
      const env = {
        KUBECONFIG: api.kubeconfigPath,
        METALLB_NAMESPACE: STEELYARD_NAMESPACE,
        METALLB_POD_NAME: POD_NAME,
        METALLB_BGP_TYPE: 'native',
      };
      const startedNs = process.hrtime.bigint();
      const started = spawnBound(program, flags, { name: 'metallb-controller', env });
      const url = `http://127.0.0.1:${healthPort}/readyz`;
      return runningApp('metallb-controller', started, startedNs, async () => (await fetch(url)).ok);
    },
  };
}

/** It ends at once where its own Pod is not there. */
async function createOwnPod({ client }: ClusterApi): Promise<void> {
  const pods = `/api/v1/namespaces/${STEELYARD_NAMESPACE}/pods`;
  const { items } = (await client.get(pods)) as { items: readonly { metadata: { name: string } }[] };
  if (items.some(({ metadata }) => metadata.name === POD_NAME)) return;
  await client.create(pods, {
    metadata: { name: POD_NAME },
    spec: { containers: [{ name: 'controller', image: 'none' }], terminationGracePeriodSeconds: 0 },
  });
}

/** Builds its speaker. The cluster must have the Pods of `createSpeakerPods`: it ends at once where its own is not there. */
export function buildMetalLbSpeaker(): SpeakerContender {
  const { version, program } = build('speaker');
  return {
    name: 'metallb',
    version,
    start(api, { name, namespace }: Host, env = {}) {
      const startedNs = process.hrtime.bigint();
      const started = namespace.spawn(program, [`--health-probe-port=${SPEAKER_HEALTH_PORT}`], {
        name: `speaker of ${name}`,
        env: {
          KUBECONFIG: api.kubeconfigPath,
          METALLB_NAMESPACE: STEELYARD_NAMESPACE,
          METALLB_NODE_NAME: name,
          METALLB_POD_NAME: speakerPodName(name),
          METALLB_BGP_TYPE: 'native',
          ...env,
        },
      });
      // Its /readyz is a constant: it is ready when it has taken its configuration.
      let isReady = false;
      started.onLine((line) => {
        isReady ||= line.includes('"event":"config reloaded"');
      });
      return runningApp(started.name, started, startedNs, async () => isReady);
    },
  };
}
