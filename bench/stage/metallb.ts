import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { spawnBound } from '@steelyard/testkit';
import { say } from '../result.ts';
import { type App, freePort, runningApp, STEELYARD_NAMESPACE } from './app.ts';
import type { ClusterApi } from './cluster-api.ts';

const MODULE = fileURLToPath(new URL('../metallb', import.meta.url));
const PACKAGE = 'go.universe.tf/metallb/controller';
const POD_NAME = 'metallb-controller';

/** MetalLB's own controller, built from the release that `bench/metallb/go.mod` names. */
export interface MetalLb {
  readonly version: string;
  startController(api: ClusterApi): Promise<App>;
}

/**
 * Builds it with the machine's Go, which takes a minute or two at the first time.
 *
 * @throws Error where there is no Go, or no way to its modules.
 */
export function buildMetalLb(): MetalLb {
  const folder = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'steelyard', 'metallb');
  mkdirSync(folder, { recursive: true });
  const go = (...args: string[]): string =>
    execFileSync('go', args, {
      cwd: MODULE,
      encoding: 'utf8',
      env: { ...process.env, CGO_ENABLED: '0', GOWORK: 'off' },
    });
  const version = go('list', '-m', '-f', '{{.Version}}', 'go.universe.tf/metallb').trim();
  const program = join(folder, `controller-${version}`);
  say(`building MetalLB's controller ${version}`);
  go('build', '-trimpath', '-buildvcs=false', '-ldflags=-s -w', '-o', program, PACKAGE);
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
