import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openApiClient, openMemoryApi, openRealControlPlane, readManifests } from '@steelyard/testkit';
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

/**
 * Opens the in-memory API, or Kubernetes' own control plane.
 *
 * @param folder - For what kubectl remembers of an API server, which is not to mix with what the user's own does.
 */
export function openClusterApi(kind: 'memory' | 'real', folder: string): Promise<ClusterApi> {
  return kind === 'memory' ? openInMemory(folder) : openReal();
}

async function openInMemory(folder: string): Promise<ClusterApi> {
  const api = await openMemoryApi();
  await installOwnKinds(api.kubeconfigPath);
  const cache = join(folder, 'kubectl-cache');
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

/** The in-memory API knows MetalLB's kinds, not those that are Steelyard's alone. */
async function installOwnKinds(kubeconfigPath: string): Promise<void> {
  using client = await openApiClient(kubeconfigPath);
  for (const file of readdirSync(CRDS).filter((name) => name.startsWith('steelyard.io_'))) {
    for (const definition of await readManifests(join(CRDS, file))) {
      await client.create('/apis/apiextensions.k8s.io/v1/customresourcedefinitions', definition);
    }
  }
}

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
