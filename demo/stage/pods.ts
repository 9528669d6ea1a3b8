import {
  type ApiClient,
  type LabProcess,
  type PretendPod,
  startDeploymentController,
  startEndpointSliceController,
  startKubeProxy,
  startPretendKubelet,
  startWebServer,
} from '@steelyard/testkit';
import { NODES } from './cast.ts';
import type { HomeNetwork } from './network.ts';
import { STEELYARD_NAMESPACE } from './steelyard.ts';

/** Who hears of what goes wrong in the scenery. */
export type Complain = (what: string, error: unknown) => void;

/**
 * What makes three namespaces a cluster: kubelets that run a web server for
 * each Pod, kube-proxy's rules, and where the API has none, the controllers
 * that turn Deployments into Pods and Pods into EndpointSlices.
 */
export async function startPods(
  client: ApiClient,
  network: HomeNetwork,
  hasControllers: boolean,
  complain: Complain,
): Promise<() => Promise<void>> {
  const servers = new Map<string, { readonly podIp: string; readonly process: LabProcess }>();
  const keyOf = (pod: PretendPod): string => `${pod.namespace}/${pod.name}`;
  const namespaceOf = new Map(network.nodes.map(({ host, namespace }) => [host.name as string, namespace]));

  const kubelet = await startPretendKubelet({
    client,
    nodes: NODES.map(({ name, address, podCidr }) => ({ name, addresses: [address], podCidrs: [podCidr] })),
    bindPods: true,
    async onPodRunning(pod) {
      if (pod.namespace === STEELYARD_NAMESPACE) return; // those are processes of their own
      const namespace = namespaceOf.get(pod.nodeName);
      const podIp = pod.addresses.find((address) => !address.includes(':'));
      const serving = servers.get(keyOf(pod));
      if (namespace === undefined || podIp === undefined || serving?.podIp === podIp) return;
      await serving?.process.stop();
      const started = await startWebServer(namespace, { podIp, node: pod.nodeName, pod: pod.name });
      servers.set(keyOf(pod), { podIp, process: started });
    },
    async onPodGone(pod) {
      await servers.get(keyOf(pod))?.process.stop();
      servers.delete(keyOf(pod));
    },
    onError: (error) => complain('kubelet', error),
  });
  const proxied = network.nodes.map(({ host, namespace }) => ({
    name: host.name,
    addresses: [host.address],
    namespace,
  }));
  const loops = await Promise.all([
    startKubeProxy({ client, nodes: proxied, onError: (error) => complain('kube-proxy', error) }),
    ...(hasControllers
      ? []
      : [
          startDeploymentController(client, (error) => complain('deployment controller', error)),
          startEndpointSliceController(client, (error) => complain('endpointslice controller', error)),
        ]),
  ]);
  return async () => {
    await Promise.all(loops.map((loop) => loop.close()));
    await kubelet.close();
  };
}
