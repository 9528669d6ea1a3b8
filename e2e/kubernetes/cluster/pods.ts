import type { ApiClient } from '@steelyard/testkit';

const PODS = '/api/v1/namespaces/metallb-system/pods';

/** Creates the Pod that a process says it is in, as MetalLB's Deployment makes it, and shows it as running. */
export async function createControllerPod(kube: ApiClient, name: string, address: string): Promise<void> {
  await kube.create(PODS, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, labels: { app: 'metallb', component: 'controller' } },
    // On no Node: nobody waits for a kubelet, neither to run it nor to end it.
    spec: { serviceAccountName: 'controller', containers: [{ name: 'controller', image: 'a-process-of-the-test' }] },
  });
  await showPod(kube, name, address, false);
}

/** Says what a kubelet would say of a Pod whose container runs. */
export async function showPod(kube: ApiClient, name: string, address: string, ready: boolean): Promise<void> {
  const status = ready ? 'True' : 'False';
  await kube.patch(`${PODS}/${name}/status`, {
    status: {
      phase: 'Running',
      podIP: address,
      podIPs: [{ ip: address }],
      conditions: ['Ready', 'ContainersReady'].map((type) => ({ type, status })),
    },
  });
}

export async function deletePod(kube: ApiClient, name: string): Promise<void> {
  await kube.delete(`${PODS}/${name}`, { gracePeriodSeconds: 0 });
}
