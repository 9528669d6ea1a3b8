/**
 * What kubelets show of themselves to the API, without running anything: Nodes
 * that stay Ready, Pods that become Running with an address and go when they
 * are deleted. Works with any API; a scheduler may or may not be there.
 */

import { objectAt, textAt } from '../memory-api/json-value.ts';
import { type ApiClient, unlessSettled } from './api-client.ts';
import { type Copies, type LevelLoop, startLevelLoop } from './level-loop.ts';
import { createPodAddresses } from './pod-addresses.ts';
import { ensureNode, keepReady, type PretendNode, renewLease } from './pretend-node.ts';
import { convergePod, type PodHooks, podIps, setPodReady } from './pretend-pod.ts';

const NODES = '/api/v1/nodes';
const PODS = '/api/v1/pods';

export interface PretendKubeletOptions extends PodHooks {
  readonly client: ApiClient;
  readonly nodes: readonly PretendNode[];
  /** Gives pods without a node one of these: where no scheduler runs. */
  readonly bindPods: boolean;
  /** 2 s unless given: node-lifecycle-controller of tests waits for 6. */
  readonly leaseIntervalMs?: number;
  readonly kubeletVersion?: string;
  readonly onError?: (error: unknown) => void;
}

export interface PretendKubelet extends AsyncDisposable {
  /** The node falls silent: no lease is renewed and none of its pods changes. */
  pauseNode(name: string): void;
  resumeNode(name: string): void;
  /** Shows a running pod as ready or not, as its readiness probe would. */
  setPodReady(namespace: string, name: string, isReady: boolean): Promise<void>;
  close(): Promise<void>;
}

/** Resolves once the Nodes are there and Ready. */
export async function startPretendKubelet(options: PretendKubeletOptions): Promise<PretendKubelet> {
  const { client, nodes, leaseIntervalMs = 2000, kubeletVersion = 'v1.37.2+k3s1' } = options;
  const paused = new Set<string>();
  const addresses = new Map(nodes.map((node) => [node.name, createPodAddresses(node.podCidrs)]));
  for (const node of nodes) {
    await ensureNode(client, node, kubeletVersion);
    await renewLease(client, node.name);
  }

  const isMine = (nodeName: string): boolean => addresses.has(nodeName) && !paused.has(nodeName);
  const pass = async (copies: Copies): Promise<void> => {
    const pods = copies.list(PODS);
    for (const pod of pods) addresses.get(textAt(pod, 'spec', 'nodeName'))?.take(podIps(pod));
    for (const node of copies.list(NODES)) await keepReady(client, node, isMine);
    if (options.bindPods) await bindPods(client, copies, isMine);
    const failures: unknown[] = [];
    for (const pod of pods) {
      const nodeName = textAt(pod, 'spec', 'nodeName');
      const ofNode = addresses.get(nodeName);
      const node = nodes.find(({ name }) => name === nodeName);
      if (!node || !ofNode || !isMine(nodeName)) continue;
      // One pod that cannot be helped does not hold up the others.
      try {
        const changed = await convergePod(client, options, node, ofNode, pod);
        if (changed === 'gone') copies.remove(PODS, pod);
        else copies.put(PODS, changed);
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  };
  const loop: LevelLoop = await startLevelLoop({ client, paths: [NODES, PODS], pass, onError: options.onError });

  const renewAll = (): void => {
    for (const { name } of nodes.filter((node) => !paused.has(node.name))) {
      renewLease(client, name).catch((error: unknown) => options.onError?.(error));
    }
  };
  const timer = setInterval(renewAll, leaseIntervalMs);
  const close = async (): Promise<void> => {
    clearInterval(timer);
    await loop.close();
  };
  return {
    pauseNode: (name) => {
      paused.add(name);
    },
    resumeNode: (name) => {
      paused.delete(name);
      renewAll();
      loop.poke();
    },
    setPodReady: (namespace, name, isReady) => setPodReady(client, namespace, name, isReady),
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** To the node with the fewest pods; of equals the first. */
async function bindPods(client: ApiClient, copies: Copies, isMine: (name: string) => boolean): Promise<void> {
  const pods = copies.list(PODS);
  const load = new Map<string, number>();
  for (const { metadata, ...node } of copies.list(NODES)) {
    if (isMine(metadata.name) && objectAt(node, 'spec')['unschedulable'] !== true) load.set(metadata.name, 0);
  }
  for (const pod of pods) {
    const nodeName = textAt(pod, 'spec', 'nodeName');
    if (load.has(nodeName)) load.set(nodeName, (load.get(nodeName) ?? 0) + 1);
  }
  const waiting = pods.filter(
    (pod) => !textAt(pod, 'spec', 'nodeName') && pod.metadata.deletionTimestamp === undefined,
  );
  for (const { metadata } of waiting) {
    const [nodeName] = [...load].sort(([nameA, a], [nameB, b]) => a - b || (nameA < nameB ? -1 : 1))[0] ?? [];
    if (nodeName === undefined) return;
    load.set(nodeName, (load.get(nodeName) ?? 0) + 1);
    const target = { apiVersion: 'v1', kind: 'Node', name: nodeName };
    const path = `/api/v1/namespaces/${metadata.namespace}/pods/${metadata.name}/binding`;
    await unlessSettled(
      client.create(path, { apiVersion: 'v1', kind: 'Binding', metadata: { name: metadata.name }, target }),
    );
  }
}
