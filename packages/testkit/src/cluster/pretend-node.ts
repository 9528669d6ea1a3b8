/** What a kubelet shows of its Node: addresses, conditions, and a Lease that says it is alive. */

import { arch, release } from 'node:os';
import { listAt, textAt } from '../memory-api/json-value.ts';
import { type KubeObject, timestamp } from '../memory-api/kube-object.ts';
import { type ApiClient, ApiError } from './api-client.ts';

const NODES = '/api/v1/nodes';
const LEASES = '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases';

export interface PretendNode {
  readonly name: string;
  /** The node's own addresses, as `status.addresses` has them. */
  readonly addresses: readonly string[];
  /** One range per family: `10.42.0.0/24`, `fd00:42::/64`. */
  readonly podCidrs: readonly string[];
  readonly labels?: Readonly<Record<string, string>>;
}

/** The Node and its status. A patch, since other controllers write the same object. */
export async function ensureNode(client: ApiClient, node: PretendNode, kubeletVersion: string): Promise<void> {
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
export async function keepReady(client: ApiClient, node: KubeObject, isMine: (name: string) => boolean): Promise<void> {
  const { name } = node.metadata;
  if (!isMine(name)) return;
  const ready = listAt(node, 'status', 'conditions').find((one) => textAt(one, 'type') === 'Ready');
  if (textAt(ready, 'status') === 'True') return;
  await client.patch(`${NODES}/${name}/status`, { status: { conditions: nodeConditions() } });
}

export async function renewLease(client: ApiClient, name: string): Promise<void> {
  const renewTime = new Date().toISOString().replace('Z', '000Z');
  const spec = { holderIdentity: name, leaseDurationSeconds: 40, renewTime };
  try {
    await client.patch(`${LEASES}/${name}`, { spec });
  } catch (error) {
    if (!(error instanceof ApiError && error.code === 404)) throw error;
    await client.create(LEASES, { metadata: { name }, spec });
  }
}
