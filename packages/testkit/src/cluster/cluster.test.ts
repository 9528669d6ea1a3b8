import { afterEach, beforeEach, expect, test } from 'vitest';
import { listAt, textAt, valueAt } from '../memory-api/json-value.ts';
import { type MemoryApi, openMemoryApi } from '../memory-api/open-memory-api.ts';
import { type ApiClient, openApiClient } from './api-client.ts';
import { startDeploymentController } from './deployment-controller.ts';
import { startEndpointSliceController } from './endpoint-slice-controller.ts';
import { type PretendKubelet, startPretendKubelet } from './pretend-kubelet.ts';
import type { PretendPod } from './pretend-pod.ts';

const PODS = '/api/v1/namespaces/default/pods';
const SLICES = '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices';
const DEPLOYMENTS = '/apis/apps/v1/namespaces/default/deployments';

let running: AsyncDisposableStack;
let api: MemoryApi;
let client: ApiClient;
let kubelet: PretendKubelet;
let errors: unknown[];
let log: string[];

const nodes = [1, 2].map((number) => ({
  name: `node-${number}`,
  addresses: [`192.168.1.${number}`],
  podCidrs: [`10.42.${number}.0/24`, `fd00:42:${number}::/64`],
}));

beforeEach(async () => {
  running = new AsyncDisposableStack();
  errors = [];
  log = [];
  const onError = (error: unknown): void => {
    errors.push(error);
  };
  const note = (what: string) => (pod: PretendPod) => {
    log.push(`${what} ${pod.nodeName} ${pod.addresses.join(' ')}`);
  };
  api = running.use(await openMemoryApi());
  client = running.use(await openApiClient(api.kubeconfigPath));
  running.use(await startDeploymentController(client, onError));
  running.use(await startEndpointSliceController(client, onError));
  kubelet = running.use(
    await startPretendKubelet({
      client,
      nodes,
      bindPods: true,
      onError,
      onPodRunning: note('running'),
      onPodGone: note('gone'),
    }),
  );
});

afterEach(async () => {
  await running.disposeAsync();
});

async function deploy(replicas: number): Promise<void> {
  const labels = { app: 'nginx' };
  const template = {
    metadata: { labels },
    spec: { containers: [{ name: 'nginx', image: 'nginx', ports: [{ name: 'web', containerPort: 80 }] }] },
  };
  await client.create(DEPLOYMENTS, {
    metadata: { name: 'nginx' },
    spec: { replicas, selector: { matchLabels: labels }, template },
  });
  const spec = { selector: labels, ipFamilyPolicy: 'PreferDualStack', ports: [{ port: 8080, targetPort: 'web' }] };
  await client.create('/api/v1/namespaces/default/services', { metadata: { name: 'nginx' }, spec });
}

async function readyAddresses(addressType: string): Promise<string[]> {
  const slices = listAt(await client.get(SLICES), 'items').filter(
    (slice) => textAt(slice, 'addressType') === addressType,
  );
  return slices
    .flatMap((slice) => listAt(slice, 'endpoints'))
    .filter((endpoint) => valueAt(endpoint, 'conditions', 'ready') === true)
    .map((endpoint) => String(listAt(endpoint, 'addresses')[0]));
}

test('a Deployment becomes pods on the nodes, each told of once, and endpoints of both families', async () => {
  await deploy(4);
  await expect.poll(() => readyAddresses('IPv4')).toHaveLength(4);
  await expect.poll(() => readyAddresses('IPv6')).toHaveLength(4);
  expect([...log].sort((a, b) => a.localeCompare(b))).toEqual([
    'running node-1 10.42.1.2 fd00:42:1::2',
    'running node-1 10.42.1.3 fd00:42:1::3',
    'running node-2 10.42.2.2 fd00:42:2::2',
    'running node-2 10.42.2.3 fd00:42:2::3',
  ]);
  const [slice] = listAt(await client.get(SLICES), 'items');
  expect(listAt(slice, 'ports')).toEqual([{ name: '', port: 80, protocol: 'TCP' }]);
  expect(errors).toEqual([]);
});

test('fewer replicas are fewer pods, and none stays when the Deployment goes', async () => {
  await deploy(3);
  await expect.poll(() => readyAddresses('IPv4')).toHaveLength(3);
  await client.patch(`${DEPLOYMENTS}/nginx`, { spec: { replicas: 1 } });
  await expect.poll(() => readyAddresses('IPv4')).toHaveLength(1);
  await client.delete(`${DEPLOYMENTS}/nginx`);
  await expect.poll(async () => listAt(await client.get(PODS), 'items')).toEqual([]);
  await expect.poll(() => readyAddresses('IPv4')).toEqual([]);
  expect(log.filter((line) => line.startsWith('gone'))).toHaveLength(3);
  expect(errors).toEqual([]);
});

test('a pod that is not ready is no ready endpoint, until it is again', async () => {
  await deploy(2);
  await expect.poll(() => readyAddresses('IPv4')).toHaveLength(2);
  const name = textAt(listAt(await client.get(PODS), 'items')[0], 'metadata', 'name');
  await kubelet.setPodReady('default', name, false);
  await expect.poll(() => readyAddresses('IPv4')).toHaveLength(1);
  await kubelet.setPodReady('default', name, true);
  await expect.poll(() => readyAddresses('IPv4')).toHaveLength(2);
});

test('what is as it should be is not written again when something else changes', async () => {
  await deploy(2);
  await expect.poll(() => readyAddresses('IPv6')).toHaveLength(2);
  const first = listAt(await client.get(PODS), 'items').map((pod) => textAt(pod, 'metadata', 'name'));
  api.clearRequests();
  await client.patch(`${DEPLOYMENTS}/nginx`, { spec: { replicas: 3 } });
  await expect.poll(() => readyAddresses('IPv4')).toHaveLength(3);
  await expect.poll(() => readyAddresses('IPv6')).toHaveLength(3);
  const paths = api.writes.map(({ method, path }) => `${method} ${path}`);
  expect(paths.filter((path) => first.some((name) => path.includes(name)))).toEqual([]);
  expect(paths.filter((path) => path === `POST ${PODS}`)).toHaveLength(1);
  expect(paths.filter((path) => path.startsWith(`POST ${SLICES}`))).toEqual([]);
});

test('the loops survive a server that stops, and a history that expires', async () => {
  await deploy(1);
  await expect.poll(() => readyAddresses('IPv4')).toHaveLength(1);
  await api.stop();
  api.expireHistory();
  await api.start();
  await client.patch(`${DEPLOYMENTS}/nginx`, { spec: { replicas: 2 } });
  await expect.poll(() => readyAddresses('IPv4'), { timeout: 10_000 }).toHaveLength(2);
});
