/** EndpointSlices from the selectors of Services and the readiness of Pods, for an API that has no controllers of its own. */

import { isDeepStrictEqual } from 'node:util';
import { isJsonObject, listAt, numberAt, textAt, textMapAt, valueAt } from '../memory-api/json-value.ts';
import type { KubeObject } from '../memory-api/kube-object.ts';
import { matchesAllLabels } from '../memory-api/store/selectors.ts';
import { type ApiClient, isSettled } from './api-client.ts';
import { type Copies, type LevelLoop, startLevelLoop } from './level-loop.ts';

const SERVICES = '/api/v1/services';
const PODS = '/api/v1/pods';
const SLICES = '/apis/discovery.k8s.io/v1/endpointslices';
const SERVICE_NAME = 'kubernetes.io/service-name';
const MANAGED_BY = 'endpointslice.kubernetes.io/managed-by';
const MANAGER = 'endpointslice-controller.k8s.io';

export async function startEndpointSliceController(
  client: ApiClient,
  onError?: (error: unknown) => void,
): Promise<LevelLoop> {
  return startLevelLoop({
    client,
    paths: [SERVICES, PODS, SLICES],
    onError,
    pass: (copies) => converge(client, copies),
  });
}

async function converge(client: ApiClient, copies: Copies): Promise<void> {
  const slices = new Map<string, KubeObject>();
  for (const slice of copies.list(SLICES)) {
    const { namespace = '', labels = {} } = slice.metadata;
    if (labels[MANAGED_BY] === MANAGER)
      slices.set(`${namespace}/${labels[SERVICE_NAME]}/${textAt(slice, 'addressType')}`, slice);
  }
  const pods = copies.list(PODS);
  for (const service of copies.list(SERVICES)) {
    const selector = textMapAt(service, 'spec', 'selector');
    if (Object.keys(selector).length === 0 || textAt(service, 'spec', 'type') === 'ExternalName') continue;
    const { name, namespace = '' } = service.metadata;
    const selected = pods.filter(
      (pod) => pod.metadata.namespace === namespace && matchesAllLabels(selector, pod.metadata.labels ?? {}),
    );
    for (const family of listAt(service, 'spec', 'ipFamilies').map(String)) {
      const current = slices.get(`${namespace}/${name}/${family}`);
      copies.put(SLICES, await writeSlice(client, service, family, selected, current));
    }
  }
}

async function writeSlice(
  client: ApiClient,
  service: KubeObject,
  family: string,
  pods: readonly KubeObject[],
  current: KubeObject | undefined,
): Promise<KubeObject | undefined> {
  const endpoints = pods.flatMap((pod) => endpointOf(service, family, pod));
  const ports = endpoints.length === 0 ? [] : listAt(service, 'spec', 'ports').map((port) => slicePort(port, pods));
  const isSame =
    current !== undefined &&
    isDeepStrictEqual(listAt(current, 'endpoints'), endpoints) &&
    isDeepStrictEqual(listAt(current, 'ports'), ports);
  if (isSame) return undefined;
  const { name, namespace = '', uid } = service.metadata;
  const path = `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices`;
  try {
    if (current !== undefined) {
      return await client.patch(`${path}/${current.metadata.name}`, { endpoints, ports });
    }
    return await client.create(path, {
      metadata: {
        generateName: `${name}-`,
        labels: { ...service.metadata.labels, [SERVICE_NAME]: name, [MANAGED_BY]: MANAGER },
        ownerReferences: [{ apiVersion: 'v1', kind: 'Service', name, uid, controller: true, blockOwnerDeletion: true }],
      },
      addressType: family,
      endpoints,
      ports,
    });
  } catch (error) {
    if (!isSettled(error)) throw error;
    return undefined;
  }
}

/** @see {@link https://kubernetes.io/docs/concepts/services-networking/endpoint-slices/#conditions | EndpointSlices, "Conditions"} */
function endpointOf(service: KubeObject, family: string, pod: KubeObject): object[] {
  const phase = textAt(pod, 'status', 'phase');
  if (phase === 'Failed' || phase === 'Succeeded') return [];
  const wantsColon = family === 'IPv6';
  const address = listAt(pod, 'status', 'podIPs')
    .map((one) => textAt(one, 'ip'))
    .find((ip) => ip !== '' && ip.includes(':') === wantsColon);
  if (address === undefined) return [];
  const ready = listAt(pod, 'status', 'conditions').find((one) => textAt(one, 'type') === 'Ready');
  const serving = textAt(ready, 'status') === 'True' || valueAt(service, 'spec', 'publishNotReadyAddresses') === true;
  const terminating = pod.metadata.deletionTimestamp !== undefined;
  const { name, namespace, uid } = pod.metadata;
  return [
    {
      addresses: [address],
      conditions: { ready: serving && !terminating, serving, terminating },
      nodeName: textAt(pod, 'spec', 'nodeName'),
      targetRef: { kind: 'Pod', name, namespace, uid },
    },
  ];
}

/** A named target port is looked up in the pods; a number, or nothing, stands for itself. */
function slicePort(port: unknown, pods: readonly KubeObject[]): object {
  const target = valueAt(port, 'targetPort');
  const number = typeof target === 'string' ? namedPort(target, pods) : Number(target ?? numberAt(port, 'port'));
  return { name: textAt(port, 'name'), port: number, protocol: textAt(port, 'protocol') };
}

function namedPort(name: string, pods: readonly KubeObject[]): number {
  for (const pod of pods) {
    for (const container of listAt(pod, 'spec', 'containers')) {
      const port = listAt(container, 'ports').find((one) => isJsonObject(one) && one['name'] === name);
      if (port !== undefined) return numberAt(port, 'containerPort');
    }
  }
  return 0;
}
