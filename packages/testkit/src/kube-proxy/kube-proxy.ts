import { type ApiClient, watchList } from '../api-client/index.ts';
import type { Namespace } from '../lab/index.ts';
import type { ProxiedEndpointSlice, ProxiedService, ProxyNode } from './objects.ts';
import { kubeProxyRuleset } from './ruleset.ts';

/** A node and the namespace that stands for it. */
export interface ProxiedNode extends ProxyNode {
  readonly namespace: Namespace;
}

/** Keeps the nodes' rules equal to the API. */
export interface KubeProxy extends AsyncDisposable {
  close(): Promise<void>;
}

/** What is done, and who hears of failures. */
export interface KubeProxyOptions {
  readonly api: ApiClient;
  readonly nodes: readonly ProxiedNode[];
  onError?(error: Error): void;
}

/**
 * Does on each node what kube-proxy would: nftables rules from Services and
 * EndpointSlices. One process serves all nodes, so that a demo costs little.
 */
export function startKubeProxy(options: KubeProxyOptions): KubeProxy {
  const { api, nodes, onError = () => {} } = options;
  let services: readonly ProxiedService[] | undefined;
  let slices: readonly ProxiedEndpointSlice[] | undefined;
  const writers = nodes.map((node) => createRuleWriter(node, onError));
  const update = (): void => {
    if (services === undefined || slices === undefined) return; // rules from half of the state would break the rest
    for (const writer of writers) writer.want(services, slices);
  };
  const watches = [
    watchList<ProxiedService>(api, '/api/v1/services', (objects) => {
      services = objects;
      update();
    }),
    watchList<ProxiedEndpointSlice>(api, '/apis/discovery.k8s.io/v1/endpointslices', (objects) => {
      slices = objects;
      update();
    }),
  ];
  const close = async (): Promise<void> => {
    await Promise.all(watches.map((watch) => watch.close()));
    await Promise.all(writers.map((writer) => writer.settled()));
  };
  return { close, [Symbol.asyncDispose]: close };
}

interface RuleWriter {
  want(services: readonly ProxiedService[], slices: readonly ProxiedEndpointSlice[]): void;
  settled(): Promise<void>;
}

/** Runs one `nft` at a time; what changes meanwhile is written by the next, and what is in force not again. */
function createRuleWriter(node: ProxiedNode, onError: (error: Error) => void): RuleWriter {
  let wanted = '';
  let inForce = '';
  let writing: Promise<void> | undefined;
  const write = async (): Promise<void> => {
    while (wanted !== inForce) {
      const ruleset = wanted;
      try {
        await node.namespace.run('nft', ['-f', '-'], { input: ruleset });
      } catch (error) {
        onError(error as Error);
      }
      inForce = ruleset; // also after a failure: the same text would fail again
    }
    writing = undefined;
  };
  return {
    want(services, slices) {
      wanted = kubeProxyRuleset(node, services, slices);
      writing ??= write();
    },
    async settled() {
      await writing;
    },
  };
}
