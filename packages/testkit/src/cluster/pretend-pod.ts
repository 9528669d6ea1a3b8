/** What a kubelet shows of a Pod: that it runs, at which addresses, whether it is ready, and that it is gone. */

import { listAt, objectAt, textAt, valueAt } from '../memory-api/json-value.ts';
import { type KubeObject, timestamp } from '../memory-api/kube-object.ts';
import { type ApiClient, unlessSettled } from './api-client.ts';
import type { PodAddresses } from './pod-addresses.ts';
import type { PretendNode } from './pretend-node.ts';

/** A pod that was given a node and addresses. */
export interface PretendPod {
  readonly namespace: string;
  readonly name: string;
  readonly nodeName: string;
  readonly addresses: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
}

/** What happens beside a pod, where somebody wants to know. */
export interface PodHooks {
  /** Before a pod is shown as running: the time to start what answers at its addresses. */
  readonly onPodRunning?: (pod: PretendPod) => Promise<void> | void;
  /** After a pod was told to end, before it is gone. */
  readonly onPodGone?: (pod: PretendPod) => Promise<void> | void;
}

/** Brings one pod of a node to where it should be. Resolves to the pod as it is then, 'gone', or undefined where nothing was to do. */
export async function convergePod(
  client: ApiClient,
  hooks: PodHooks,
  node: PretendNode,
  ofNode: PodAddresses,
  pod: KubeObject,
): Promise<KubeObject | 'gone' | undefined> {
  const { name, namespace = '', uid, labels = {}, deletionTimestamp } = pod.metadata;
  const path = `/api/v1/namespaces/${namespace}/pods/${name}`;
  const shown = podIps(pod);
  if (deletionTimestamp !== undefined) {
    await hooks.onPodGone?.({ namespace, name, nodeName: node.name, addresses: shown, labels });
    await unlessSettled(client.delete(path, { gracePeriodSeconds: 0, preconditions: { uid } }));
    ofNode.release(shown);
    return 'gone';
  }
  if (textAt(pod, 'status', 'phase') !== 'Pending') return undefined;
  const addresses = shown.length > 0 ? shown : addressesFor(pod, node, ofNode);
  await hooks.onPodRunning?.({ namespace, name, nodeName: node.name, addresses, labels });
  return unlessSettled(client.patch(`${path}/status`, { status: runningStatus(node, pod, addresses) }));
}

/** A pod on the host's network has the node's own addresses. */
function addressesFor(pod: KubeObject, node: PretendNode, ofNode: PodAddresses): readonly string[] {
  return valueAt(pod, 'spec', 'hostNetwork') === true ? node.addresses : ofNode.next();
}

export function podIps(pod: KubeObject): string[] {
  return listAt(pod, 'status', 'podIPs').map((one) => textAt(one, 'ip'));
}

function runningStatus(node: PretendNode, pod: KubeObject, addresses: readonly string[]): object {
  const now = timestamp(Date.now());
  return {
    phase: 'Running',
    podIP: addresses[0],
    podIPs: addresses.map((ip) => ({ ip })),
    hostIP: node.addresses[0],
    hostIPs: node.addresses.map((ip) => ({ ip })),
    startTime: now,
    conditions: ['PodReadyToStartContainers', 'Initialized', 'Ready', 'ContainersReady', 'PodScheduled'].map(
      (type) => ({
        type,
        status: 'True',
        lastProbeTime: null,
        lastTransitionTime: now,
      }),
    ),
    containerStatuses: listAt(pod, 'spec', 'containers').map((container) => ({
      name: textAt(container, 'name'),
      image: textAt(container, 'image'),
      imageID: '',
      containerID: `pretend://${pod.metadata.uid}`,
      ready: true,
      started: true,
      restartCount: 0,
      state: { running: { startedAt: now } },
      lastState: {},
    })),
  };
}

export async function setPodReady(client: ApiClient, namespace: string, name: string, isReady: boolean): Promise<void> {
  const path = `/api/v1/namespaces/${namespace}/pods/${name}`;
  const pod = await client.get(path);
  const now = timestamp(Date.now());
  const change = isReady
    ? { status: 'True', lastTransitionTime: now, reason: undefined, message: undefined }
    : {
        status: 'False',
        lastTransitionTime: now,
        reason: 'ContainersNotReady',
        message: 'containers with unready status',
      };
  const conditions = listAt(pod, 'status', 'conditions').map((condition) => {
    const type = textAt(condition, 'type');
    return type === 'Ready' || type === 'ContainersReady' ? { ...objectAt(condition), ...change } : condition;
  });
  const containerStatuses = listAt(pod, 'status', 'containerStatuses').map((one) => ({
    ...objectAt(one),
    ready: isReady,
  }));
  await client.patch(`${path}/status`, { status: { conditions, containerStatuses } });
}
