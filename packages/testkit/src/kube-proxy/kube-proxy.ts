import type { ApiClient } from '../cluster/api-client.ts';
import { type Copies, startLevelLoop } from '../cluster/level-loop.ts';
import type { Namespace } from '../lab/index.ts';
import type { ProxiedEndpointSlice, ProxiedService, ProxyNode } from './objects.ts';
import { kubeProxyRuleset } from './ruleset.ts';

const SERVICES = '/api/v1/services';
const SLICES = '/apis/discovery.k8s.io/v1/endpointslices';

/** A node and the namespace that stands for it. */
export interface ProxiedNode extends ProxyNode {
  readonly namespace: Namespace;
}

/** Keeps the nodes' rules equal to the API. */
export interface KubeProxy extends AsyncDisposable {
  /** Stops following. The rules stay as they are. */
  close(): Promise<void>;
}

/** What is followed, and who hears of failures. */
export interface KubeProxyOptions {
  readonly client: ApiClient;
  readonly nodes: readonly ProxiedNode[];
  readonly onError?: (error: unknown) => void;
}

/**
 * Redirects are off, because Pods of a lab are reached by the same interface that clients come in by: each forwarded
 * packet would cause one, and they use up the budget of ICMP that a refusal needs.
 */
const FORWARD_SCRIPT = `cd /proc/sys/net/ipv4
echo 1 > ip_forward
for interface in conf/*; do echo 0 > $interface/send_redirects; done
[ ! -e ../ipv6/conf/all/forwarding ] || echo 1 > ../ipv6/conf/all/forwarding`;

/**
 * Does on each node what kube-proxy would: nftables rules from Services and
 * EndpointSlices. One process serves all nodes, so that a demo costs little.
 */
export async function startKubeProxy(options: KubeProxyOptions): Promise<KubeProxy> {
  const { client, nodes, onError } = options;
  await Promise.all(nodes.map(({ namespace }) => namespace.run('sh', ['-c', FORWARD_SCRIPT])));
  const inForce = new Map<ProxiedNode, string>();
  const write = async (node: ProxiedNode, copies: Copies): Promise<void> => {
    const services = copies.list(SERVICES) as readonly ProxiedService[];
    const ruleset = kubeProxyRuleset(node, services, copies.list(SLICES) as readonly ProxiedEndpointSlice[]);
    if (inForce.get(node) === ruleset) return;
    await node.namespace.run('nft', ['-f', '-'], { input: ruleset });
    inForce.set(node, ruleset);
  };
  return startLevelLoop({
    client,
    paths: [SERVICES, SLICES],
    onError,
    pass: async (copies) => {
      await Promise.all(nodes.map((node) => write(node, copies)));
    },
  });
}
