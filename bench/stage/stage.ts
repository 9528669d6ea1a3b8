import { relayInto, startPretendKubelet } from '@steelyard/testkit';
import { say } from '../result.ts';
import { type App, STEELYARD_NAMESPACE } from './app.ts';
import { type ApiKind, type ClusterApi, openClusterApi } from './cluster-api.ts';
import { layNetwork, type Network, POOL, POOL_IPV6 } from './network.ts';

/** A cluster with a pool and an L2Advertisement, on which apps are started. */
export interface Stage extends AsyncDisposable {
  readonly network: Network;
  readonly api: ClusterApi;
  /** Is stopped with the stage, if it still runs then. */
  keep(app: App): App;
}

/** Builds namespaces, opens an API, and writes the Nodes and the configuration. */
export async function openStage(options: { readonly nodes: number; readonly api: ApiKind }): Promise<Stage> {
  await using stack = new AsyncDisposableStack();
  say(`building ${options.nodes} node(s) and a client, opening the API (${options.api})`);
  const network = await layNetwork(options.nodes);
  stack.defer(() => network.lab.close());
  const api = await openClusterApi(options.api);
  stack.defer(() => api.close());
  for (const { namespace } of network.nodes) stack.use(await relayInto(namespace, api.url));
  const kubelet = await startPretendKubelet({
    client: api.client,
    nodes: network.nodes.map(({ name, ipv4, ipv6 }, index) => ({
      name,
      addresses: [ipv4, ipv6],
      podCidrs: [`10.244.${index}.0/24`],
    })),
    bindPods: false,
  });
  stack.defer(() => kubelet.close());
  await configure(api);
  const opened = stack.move();
  return {
    network,
    api,
    keep(app) {
      opened.defer(() => app.stop());
      return app;
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

async function configure({ client }: ClusterApi): Promise<void> {
  await client.create('/api/v1/namespaces', { metadata: { name: STEELYARD_NAMESPACE } });
  const folder = `/apis/metallb.io/v1beta1/namespaces/${STEELYARD_NAMESPACE}`;
  const object = (kind: string, spec: object): object => ({
    apiVersion: 'metallb.io/v1beta1',
    kind,
    metadata: { name: 'all', namespace: STEELYARD_NAMESPACE },
    spec,
  });
  await client.create(`${folder}/ipaddresspools`, object('IPAddressPool', { addresses: [POOL, POOL_IPV6] }));
  await client.create(`${folder}/l2advertisements`, object('L2Advertisement', {}));
}
