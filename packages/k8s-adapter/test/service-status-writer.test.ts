import { type ApiClient, type MemoryApi, openApiClient, openMemoryApi } from '@steelyard/testkit';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  createServiceStatusWriter,
  type KubeClient,
  openKubeClient,
  projectWritableMetadata,
  type ServiceStatusWrite,
} from '../src/index.ts';

let api: MemoryApi;
let admin: ApiClient;
let client: KubeClient;
/** What the watch of a controller would have in its cache. */
const cache = new Map<string, ServiceStatusWrite>();
const KEY = 'default/web';
const PATH = '/api/v1/namespaces/default/services/web';

async function watchSees(): Promise<ServiceStatusWrite> {
  const metadata = projectWritableMetadata(await admin.get(PATH));
  if (metadata === undefined) throw new Error('the Service has no metadata');
  const seen = { metadata, status: { loadBalancer: {} } };
  cache.set(KEY, seen);
  return seen;
}
const ingressOf = async (): Promise<unknown> =>
  ((await admin.get(PATH)) as { status: { loadBalancer: { ingress?: unknown } } }).status.loadBalancer.ingress;

beforeEach(async () => {
  cache.clear();
  api = await openMemoryApi();
  admin = await openApiClient(api.kubeconfigPath);
  client = await openKubeClient({ kubeconfigPath: api.kubeconfigPath });
  await admin.create('/api/v1/namespaces/default/services', {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web', annotations: { note: 'kept', old: 'x' } },
    spec: { type: 'LoadBalancer', ports: [{ port: 80 }] },
  });
});
afterEach(async () => {
  await client.close();
  await api.close();
});

test('a status is written with the annotations that others made', async () => {
  const { metadata } = await watchSees();
  const writer = createServiceStatusWriter(client, (key) => cache.get(key));
  const change = { ingress: [{ ip: '192.0.2.1' }], annotations: { pool: 'a', old: null } };
  const answer = await writer.write({ key: KEY, resourceVersion: metadata.resourceVersion, ...change });
  expect(answer.outcome).toBe('written');
  expect(await ingressOf()).toMatchObject([{ ip: '192.0.2.1' }]);
  expect((await admin.get(PATH)) as object).toMatchObject({ metadata: { annotations: { note: 'kept', pool: 'a' } } });
  expect(((await admin.get(PATH)) as { metadata: { annotations: object } }).metadata.annotations).not.toHaveProperty(
    'old',
  );
});

test('a second write goes on top of the first before the watch has brought it', async () => {
  const { metadata } = await watchSees();
  const writer = createServiceStatusWriter(client, (key) => cache.get(key));
  const first = await writer.write({
    key: KEY,
    resourceVersion: metadata.resourceVersion,
    ingress: [{ ip: '192.0.2.1' }],
    annotations: { pool: 'a' },
  });
  if (first.outcome !== 'written') throw new Error(first.outcome);
  const second = await writer.write({
    key: KEY,
    resourceVersion: first.metadata.resourceVersion,
    ingress: [{ ip: '192.0.2.2' }],
    annotations: {},
  });
  expect(second.outcome).toBe('written');
  expect(await ingressOf()).toMatchObject([{ ip: '192.0.2.2' }]);
});

test('what was decided on an older version is not sent at all', async () => {
  const { metadata } = await watchSees();
  const writer = createServiceStatusWriter(client, (key) => cache.get(key));
  await admin.patch(PATH, { metadata: { labels: { a: 'b' } } });
  await watchSees();
  api.clearRequests();
  const answer = await writer.write({
    key: KEY,
    resourceVersion: metadata.resourceVersion,
    ingress: [],
    annotations: {},
  });
  expect(answer.outcome).toBe('conflict');
  expect(api.writes).toHaveLength(0);
});

test('a version that the watch has not brought yet is a conflict that the server finds', async () => {
  const { metadata } = await watchSees();
  const writer = createServiceStatusWriter(client, (key) => cache.get(key));
  await admin.patch(PATH, { metadata: { labels: { a: 'b' } } });
  const change = { key: KEY, resourceVersion: metadata.resourceVersion, ingress: [], annotations: {} };
  expect((await writer.write(change)).outcome).toBe('conflict');
});

test('a Service that is gone is no error', async () => {
  const { metadata } = await watchSees();
  const writer = createServiceStatusWriter(client, (key) => cache.get(key));
  const change = { key: KEY, resourceVersion: metadata.resourceVersion, ingress: [], annotations: {} };
  await admin.delete(PATH);
  expect((await writer.write(change)).outcome).toBe('gone');
  cache.clear();
  writer.observed(KEY);
  expect((await writer.write(change)).outcome).toBe('gone');
});
