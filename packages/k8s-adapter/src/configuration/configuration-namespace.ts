import type { KubeClient } from '../client/kube-client.ts';

/**
 * The namespace that configures: of the flag or its environment variable, else of the Pod's service account or the
 * kubeconfig's context.
 *
 * @throws Error if nothing names one.
 */
export function configurationNamespace(flag: string, client: Pick<KubeClient, 'namespace'>): string {
  const namespace = flag || client.namespace;
  if (namespace === undefined || namespace === '') {
    throw new Error('no namespace: give --namespace or METALLB_NAMESPACE (MetalLB’s own is metallb-system)');
  }
  return namespace;
}
