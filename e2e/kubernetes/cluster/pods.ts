import { type ApiClient, type PretendKubelet, startPretendKubelet, waitUntil } from '@steelyard/testkit';

const NAMESPACE = 'metallb-system';
const PODS = `/api/v1/namespaces/${NAMESPACE}/pods`;
const NODE = { name: 'node-1', addresses: ['192.0.2.5'], podCidrs: ['10.42.0.0/24'] };

/** The Node that the controllers' Pods are on. An EndpointSlice names no Pod without one. */
export function startNode(client: ApiClient): Promise<PretendKubelet> {
  return startPretendKubelet({ client, nodes: [NODE], bindPods: false, onError: () => {} }); // tests take the API away
}

/**
 * Creates the Pod that a process says it is in, as MetalLB's Deployment makes it. Gives its address once it is shown as
 * running, not ready yet.
 */
export async function createControllerPod(
  kube: ApiClient,
  kubelet: PretendKubelet,
  { name, image }: { readonly name: string; readonly image: string },
): Promise<string> {
  await kube.create(PODS, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, labels: { app: 'metallb', component: 'controller' } },
    spec: {
      nodeName: NODE.name,
      serviceAccountName: 'controller',
      containers: [{ name: 'controller', image }],
    },
  });
  const address = await waitUntil(`an address of ${name}`, async () => {
    const { status } = (await kube.get(`${PODS}/${name}`)) as { status: { podIP?: string } };
    return status.podIP;
  });
  await kubelet.setPodReady(NAMESPACE, name, false);
  return address;
}

export function showReady(kubelet: PretendKubelet, name: string): Promise<void> {
  return kubelet.setPodReady(NAMESPACE, name, true);
}

/** Whoever deleted it, it is gone. */
export async function deletePod(kube: ApiClient, name: string): Promise<void> {
  try {
    await kube.delete(`${PODS}/${name}`, { gracePeriodSeconds: 0 });
  } catch (error) {
    if ((error as { code?: unknown }).code !== 404) throw error;
  }
}
