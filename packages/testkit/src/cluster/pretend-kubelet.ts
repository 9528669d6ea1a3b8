/**
 * What kubelets show of themselves to the API, without running anything: Nodes
 * that stay Ready, Pods that become Running with an address and go when they
 * are deleted. Works with any API; a scheduler may or may not be there.
 */

import { arch, release } from 'node:os';
import { listAt, objectAt, textAt } from '../memory-api/json-value.ts';
import { type KubeObject, timestamp } from '../memory-api/kube-object.ts';
import { type ApiClient, ApiError, isSettled } from './api-client.ts';
import { type Copies, type LevelLoop, startLevelLoop } from './level-loop.ts';
import { createPodAddresses, type PodAddresses } from './pod-addresses.ts';

const NODES = '/api/v1/nodes';
const PODS = '/api/v1/pods';
const LEASES = '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases';

export interface PretendNode {
  readonly name: string;
  /** The node's own addresses, as `status.addresses` has them. */
  readonly addresses: readonly string[];
  /** One range per family: `10.42.0.0/24`, `fd00:42::/64`. */
  readonly podCidrs: readonly string[];
  readonly labels?: Readonly<Record<string, string>>;
}

/** A pod that was given a node and addresses. */
export interface PretendPod {
  readonly namespace: string;
  readonly name: string;
  readonly nodeName: string;
  readonly addresses: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
}

export interface PretendKubeletOptions {
  readonly client: ApiClient;
  readonly nodes: readonly PretendNode[];
  /** Gives pods without a node one of these: where no scheduler runs. */
  readonly bindPods: boolean;
  /** Before a pod is shown as running: the time to start what answers at its addresses. */
  readonly onPodRunning?: (pod: PretendPod) => Promise<void> | void;
  /** After a pod was told to end, before it is gone. */
  readonly onPodGone?: (pod: PretendPod) => Promise<void> | void;
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
      await convergePod(options, node, ofNode, pod).catch((error: unknown) => failures.push(error));
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

/** The Node and its status. A patch, since other controllers write the same object. */
async function ensureNode(client: ApiClient, node: PretendNode, kubeletVersion: string): Promise<void> {
  const labels = {
    'kubernetes.io/hostname': node.name,
    'kubernetes.io/os': 'linux',
    'kubernetes.io/arch': goArchitecture(),
    ...node.labels,
  };
  const spec = { podCIDR: node.podCidrs[0], podCIDRs: node.podCidrs };
  try {
    await client.create(NODES, { metadata: { name: node.name, labels }, spec });
  } catch (error) {
    if (!(error instanceof ApiError && error.code === 409)) throw error;
    await client.patch(`${NODES}/${node.name}`, { metadata: { labels } });
  }
  const resources = { cpu: '4', memory: '8Gi', pods: '110' };
  await client.patch(`${NODES}/${node.name}/status`, {
    status: {
      addresses: [
        ...node.addresses.map((address) => ({ type: 'InternalIP', address })),
        { type: 'Hostname', address: node.name },
      ],
      capacity: resources,
      allocatable: resources,
      conditions: nodeConditions(),
      nodeInfo: {
        kubeletVersion,
        osImage: 'Steelyard test node',
        kernelVersion: release(),
        containerRuntimeVersion: 'pretend://1.0.0',
        architecture: goArchitecture(),
        operatingSystem: 'linux',
        machineID: '',
        systemUUID: '',
        bootID: '',
        kubeProxyVersion: '',
      },
    },
  });
}

function goArchitecture(): string {
  return arch() === 'x64' ? 'amd64' : arch();
}

function nodeConditions(): object[] {
  const now = timestamp(Date.now());
  const times = { lastHeartbeatTime: now, lastTransitionTime: now };
  const pressure = (type: string, resource: string): object => ({
    type,
    status: 'False',
    reason: `KubeletHasSufficient${resource}`,
    message: `kubelet has sufficient ${resource} available`,
    ...times,
  });
  return [
    pressure('MemoryPressure', 'Memory'),
    pressure('DiskPressure', 'Disk'),
    pressure('PIDPressure', 'PID'),
    { type: 'Ready', status: 'True', reason: 'KubeletReady', message: 'kubelet is posting ready status', ...times },
  ];
}

/** node-lifecycle-controller marks a silent node; the kubelet takes that back once it speaks again. */
async function keepReady(client: ApiClient, node: KubeObject, isMine: (name: string) => boolean): Promise<void> {
  const { name } = node.metadata;
  if (!isMine(name)) return;
  const ready = listAt(node, 'status', 'conditions').find((one) => textAt(one, 'type') === 'Ready');
  if (textAt(ready, 'status') === 'True') return;
  await client.patch(`${NODES}/${name}/status`, { status: { conditions: nodeConditions() } });
}

async function renewLease(client: ApiClient, name: string): Promise<void> {
  const renewTime = new Date().toISOString().replace('Z', '000Z');
  const spec = { holderIdentity: name, leaseDurationSeconds: 40, renewTime };
  try {
    await client.patch(`${LEASES}/${name}`, { spec });
  } catch (error) {
    if (!(error instanceof ApiError && error.code === 404)) throw error;
    await client.create(LEASES, { metadata: { name }, spec });
  }
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

async function convergePod(
  options: PretendKubeletOptions,
  node: PretendNode,
  ofNode: PodAddresses,
  pod: KubeObject,
): Promise<void> {
  const { client } = options;
  const { name, namespace = '', uid, labels = {}, deletionTimestamp } = pod.metadata;
  const path = `/api/v1/namespaces/${namespace}/pods/${name}`;
  const shown = podIps(pod);
  if (deletionTimestamp !== undefined) {
    await options.onPodGone?.({ namespace, name, nodeName: node.name, addresses: shown, labels });
    ofNode.release(shown);
    await unlessSettled(client.delete(path, { gracePeriodSeconds: 0, preconditions: { uid } }));
    return;
  }
  if (textAt(pod, 'status', 'phase') !== 'Pending') return;
  const addresses = shown.length > 0 ? shown : ofNode.next();
  await options.onPodRunning?.({ namespace, name, nodeName: node.name, addresses, labels });
  await unlessSettled(client.patch(`${path}/status`, { status: runningStatus(node, pod, addresses) }));
}

function podIps(pod: KubeObject): string[] {
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

async function setPodReady(client: ApiClient, namespace: string, name: string, isReady: boolean): Promise<void> {
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

async function unlessSettled(call: Promise<unknown>): Promise<void> {
  try {
    await call;
  } catch (error) {
    if (!isSettled(error)) throw error;
  }
}
