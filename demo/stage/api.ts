import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openMemoryApi, openRealControlPlane } from '@steelyard/testkit';
import { createHttpKubectl } from './http-kubectl.ts';
import { createRealKubectl, type Kubectl } from './kubectl.ts';

/** The cluster's API server, and how the admin talks to it. */
export interface ClusterApi {
  readonly url: string;
  readonly kubeconfigPath: string;
  /** Whether Deployments become Pods, and Pods EndpointSlices, without our help. */
  readonly hasControllers: boolean;
  readonly kubectl: Kubectl;
  readonly description: string;
  close(): Promise<void>;
}

/** Opens the in-memory API, or Kubernetes' own control plane. */
export function openClusterApi(kind: 'memory' | 'real'): Promise<ClusterApi> {
  return kind === 'memory' ? openInMemory() : openReal();
}

async function openInMemory(): Promise<ClusterApi> {
  const api = await openMemoryApi();
  const cache = mkdtempSync(join(tmpdir(), 'steelyard-demo-kubectl-'));
  const real = createRealKubectl('kubectl', { KUBECONFIG: api.kubeconfigPath, KUBECACHEDIR: cache });
  const installed = spawnSync('kubectl', ['version', '--client'], { stdio: 'ignore' }).status === 0;
  return {
    url: api.url,
    kubeconfigPath: api.kubeconfigPath,
    hasControllers: false,
    kubectl: installed ? real : createHttpKubectl(api.url, api.token),
    description: `an in-memory Kubernetes API at ${api.url}${installed ? '' : ' (no kubectl is installed: the demo makes its calls)'}`,
    async close() {
      await api.close();
      rmSync(cache, { recursive: true, force: true });
    },
  };
}

const CRDS = fileURLToPath(new URL('../../deploy/crds', import.meta.url));

async function openReal(): Promise<ClusterApi> {
  const controlPlane = await openRealControlPlane();
  const kubectl = createRealKubectl(controlPlane.kubectlPath, controlPlane.environment);
  if (existsSync(CRDS)) {
    await controlPlane.kubectl(['apply', '-f', CRDS]);
    await controlPlane.kubectl(['wait', '--for=condition=established', '--timeout=10s', '-f', CRDS]);
  }
  return {
    url: controlPlane.url,
    kubeconfigPath: controlPlane.kubeconfigPath,
    hasControllers: true,
    kubectl,
    description: `Kubernetes' own API server at ${controlPlane.url}`,
    close: () => controlPlane.stop(),
  };
}
