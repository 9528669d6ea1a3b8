import { type MemoryApi, openMemoryApi } from '@steelyard/testkit';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import {
  createSingleWriter,
  type KubeClient,
  openKubeClient,
  type SingleWriter,
  type SingleWriterOptions,
} from '../src/index.ts';
import { until } from './scripted-api.ts';

vi.setConfig({ testTimeout: 60_000 }); // leases have to run out

let api: MemoryApi;
let client: KubeClient;
const writers: SingleWriter[] = [];
const NAMESPACE = 'metallb-system';
const LEASE = `/apis/coordination.k8s.io/v1/namespaces/${NAMESPACE}/leases/steelyard-controller`;
const STATE = `/apis/metallb.io/v1beta1/namespaces/${NAMESPACE}/configurationstates/controller`;

beforeEach(async () => {
  api = await openMemoryApi();
  client = await openKubeClient({ kubeconfigPath: api.kubeconfigPath, env: {} });
  await client.request('POST', '/api/v1/namespaces', {
    body: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } },
  });
  api.clearRequests();
});
afterEach(async () => {
  for (const writer of writers.splice(0)) await writer.stop();
  await client.close();
  await api.close();
});

async function createPod(name: string, image = 'example.com/steelyard:1'): Promise<void> {
  await client.request('POST', `/api/v1/namespaces/${NAMESPACE}/pods`, {
    body: {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, labels: { app: 'metallb', component: 'controller', 'pod-template-hash': name } },
      spec: { containers: [{ name: 'controller', image }] },
    },
  });
}
const deletePod = (name: string): Promise<unknown> =>
  client.request('DELETE', `/api/v1/namespaces/${NAMESPACE}/pods/${name}?gracePeriodSeconds=0`);

/** A controller's writer, with everything twenty times as fast. */
function start(podName: string, more: Partial<SingleWriterOptions> = {}) {
  const told: string[] = [];
  const logged: unknown[] = [];
  const log = (pairs: Readonly<Record<string, unknown>>): void => {
    const what = pairs['remedy'] ?? pairs['pods'];
    if (what !== undefined) logged.push(what);
  };
  const writer = createSingleWriter({
    client,
    namespace: NAMESPACE,
    podName,
    catchUp: () => Promise.resolve(),
    onTookOver: (predecessor) => told.push(`took over from ${predecessor.split('_')[0]}`),
    onStoodDown: () => told.push('stood down'),
    logger: { debug: () => undefined, info: log, warn: log, error: log },
    timing: {
      leaseDurationSeconds: 1,
      requestTimeoutMs: 300,
      graceMs: 100,
      strangersPollMs: 50,
      strangersMaxMs: 1_500,
      standbyPollMs: 100,
      minReadGapMs: 10,
      retryMinMs: 5,
      retryMaxMs: 100,
    },
    ...more,
  });
  writers.push(writer);
  return { writer, told, logged };
}

const holder = async (path: string): Promise<unknown> => {
  const { body } = await client.request('GET', path);
  const { spec, metadata } = body as { spec?: { holderIdentity?: string }; metadata: { annotations?: object } };
  if (spec !== undefined) return spec.holderIdentity;
  const text: unknown = Reflect.get(metadata.annotations ?? {}, 'steelyard.io/writer');
  return (JSON.parse(String(text)) as { holderIdentity?: string }).holderIdentity;
};

test('one alone takes a Lease with one write, and writes it again only when there is something to write', async () => {
  const { writer, told } = start('', { timing: { leaseDurationSeconds: 3, requestTimeoutMs: 300 } });
  await until(() => writer.standing === 'holder');
  expect(told).toEqual(['took over from ']);
  expect(await holder(LEASE)).toBe(writer.identity);
  await new Promise((resolve) => setTimeout(resolve, 3_100));
  expect(api.writes).toHaveLength(1);
  expect(writer.beforeWrite()).toBe(false);
  const answers = await Promise.all([writer.mayWrite(), writer.mayWrite(), writer.mayWrite()]);
  expect(answers).toEqual(['yes', 'yes', 'yes']);
  expect(writer.beforeWrite()).toBe(true);
  expect(writer.leaveByMs).toBeGreaterThan(performance.now());
  expect(api.writes).toHaveLength(2);
});

test('before writing begins, what the one before wrote is waited for, again and again if need be', async () => {
  let tries = 0;
  const { writer } = start('', {
    catchUp: () => {
      tries++;
      return tries < 3 ? Promise.reject(new Error('not yet')) : Promise.resolve();
    },
  });
  expect(await writer.mayWrite()).toBe('stood-down');
  await until(() => writer.standing === 'holder');
  expect(tries).toBe(3);
});

test('the next one stands by, and takes over at once when the first lets go', async () => {
  await createPod('a');
  await createPod('b');
  const a = start('a');
  await until(() => a.writer.standing === 'holder');
  const b = start('b');
  await until(() => b.writer.standing === 'standby');
  expect(await b.writer.mayWrite()).toBe('stood-down');
  await a.writer.release();
  expect(a.told).toEqual(['took over from ']);
  await until(() => b.writer.standing === 'holder');
  expect(await b.writer.mayWrite()).toBe('yes');
  expect(await a.writer.mayWrite()).toBe('stood-down');
});

test('one whose Pod is gone is succeeded at once, one that is silent when something is wanted', async () => {
  await createPod('a');
  await createPod('b');
  await createPod('c');
  const a = start('a');
  await until(() => a.writer.standing === 'holder');
  const b = start('b');
  await until(() => b.writer.standing === 'standby');
  await a.writer.stop();
  await deletePod('a');
  await until(() => b.writer.standing === 'holder');
  expect(b.told).toEqual(['took over from a']);

  const c = start('c');
  await until(() => c.writer.standing === 'standby');
  await b.writer.stop();
  await new Promise((resolve) => setTimeout(resolve, 1_300));
  expect(c.writer.standing).toBe('standby'); // nothing is wanted
  c.writer.wanted();
  await until(() => c.writer.standing === 'holder');
  expect(c.told).toEqual(['took over from b']);
});

test('one that was succeeded while it could not know is told when it wants to write', async () => {
  await createPod('a');
  await createPod('b');
  const a = start('a');
  await until(() => a.writer.standing === 'holder');
  await new Promise((resolve) => setTimeout(resolve, 1_100));
  const { body } = await client.request('GET', LEASE);
  const lease = body as { spec: object };
  await client.request('PUT', LEASE, {
    body: { ...lease, spec: { ...lease.spec, holderIdentity: 'b_1', leaseTransitions: 9 } },
  });
  expect(await a.writer.mayWrite()).toBe('stood-down');
  expect(a.told).toEqual(['took over from ', 'stood down']);
});

test('a container that was started anew takes the record of the one before at once', async () => {
  await createPod('a');
  const first = start('a');
  await until(() => first.writer.standing === 'holder');
  await first.writer.stop();
  const second = start('a');
  await until(() => second.writer.standing === 'holder');
  expect(second.told).toEqual(['took over from a']);
});

test('two that start together do not wait for each other as for strangers', async () => {
  await createPod('a');
  await createPod('b');
  const both = [start('a'), start('b')];
  await until(() => both.some(({ writer }) => writer.standing === 'holder'));
  await until(() => both.some(({ writer }) => writer.standing === 'standby'));
});

test('beside MetalLB’s controller nothing is taken until it ends', async () => {
  await createPod('controller-of-metallb', 'quay.io/metallb/controller:v0.16.1');
  await createPod('a');
  const a = start('a', { timing: { strangersPollMs: 20, retryMinMs: 5 } });
  await until(() => a.logged.length > 0);
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(a.writer.standing).toBe('waiting');
  expect(a.logged).toEqual([['controller-of-metallb']]);
  await deletePod('controller-of-metallb');
  await until(() => a.writer.standing === 'holder');
});

test('beside one that does not end it goes on after a while, with a warning', async () => {
  await createPod('controller-of-metallb', 'quay.io/metallb/controller:v0.16.1');
  await createPod('a');
  const a = start('a', { timing: { strangersPollMs: 20, strangersMaxMs: 150 } });
  await until(() => a.writer.standing === 'holder');
  expect(a.logged).toEqual([['controller-of-metallb'], ['controller-of-metallb']]);
});

test('one that gives addresses makes way for MetalLB’s controller, and goes on when that has ended', async () => {
  await createPod('a');
  const a = start('a');
  await until(() => a.writer.standing === 'holder');
  await createPod('next-of-ours');
  await createPod('controller-of-metallb', 'quay.io/metallb/controller:v0.16.1');
  await until(() => !a.writer.beforeWrite() && a.writer.standing === 'waiting');
  expect(a.told).toEqual(['took over from ', 'stood down']);
  await deletePod('controller-of-metallb');
  await deletePod('next-of-ours');
  await until(() => a.writer.standing === 'holder');
  expect(await a.writer.mayWrite()).toBe('yes');
});

test('without the rule for Leases the record is an annotation of the ConfigurationState, and that is said once', async () => {
  const forbidden = { kind: 'status', code: 403 } as const;
  api.inject({ path: /leases/, times: 1_000, fault: forbidden });
  await createPod('a');
  await createPod('b');
  const a = start('a');
  await until(() => a.writer.standing === 'holder');
  expect(await holder(STATE)).toBe(a.writer.identity);
  expect(a.logged[0]).toMatch(/leases \(coordination\.k8s\.io\)/);
  // Whatever else is written to the object is none of the record's business.
  await client.request('PATCH', `${STATE}/status`, { body: { status: { result: 'Valid' } } });
  const b = start('b');
  await until(() => b.writer.standing === 'standby');
  await new Promise((resolve) => setTimeout(resolve, 1_100));
  expect(await a.writer.mayWrite()).toBe('yes');
  await a.writer.release();
  await until(() => b.writer.standing === 'holder');
  expect(await holder(STATE)).toBe(b.writer.identity);
});

test('where no record can be kept it is said, and one controller works', async () => {
  api.inject({ path: /leases|configurationstates|pods/, times: 1_000, fault: { kind: 'status', code: 403 } });
  const a = start('a');
  await until(() => a.writer.standing === 'holder');
  expect(await a.writer.mayWrite()).toBe('yes');
  expect(a.logged.length).toBeGreaterThanOrEqual(3);
});

test('refusals of an API server that has just started, and knows neither roles nor kinds yet, are passing', async () => {
  const a = start('');
  await until(() => a.writer.standing === 'holder');
  await new Promise((resolve) => setTimeout(resolve, 1_100));
  api.inject({ path: /leases/, times: 3, fault: { kind: 'status', code: 403 } });
  api.inject({ path: /leases/, times: 3, fault: { kind: 'status', code: 404, message: '404 page not found' } });
  expect(await a.writer.mayWrite()).toBe('yes');
  expect(a.told).toEqual(['took over from ']);
  expect(a.logged).toEqual([]);
});

test('an answer that is lost is found out by reading', async () => {
  api.inject({ method: 'POST', path: /leases/, fault: { kind: 'lostAnswer' } });
  const a = start('');
  await until(() => a.writer.standing === 'holder');
  await new Promise((resolve) => setTimeout(resolve, 1_100));
  api.inject({ method: 'PUT', path: /leases/, fault: { kind: 'lostAnswer' } });
  expect(await a.writer.mayWrite()).toBe('yes');
  expect(a.told).toEqual(['took over from ']);
});

test('while the API server is away nobody may write, and afterwards the same one goes on', async () => {
  const a = start('');
  await until(() => a.writer.standing === 'holder');
  await api.stop();
  await new Promise((resolve) => setTimeout(resolve, 1_100));
  const answer = a.writer.mayWrite();
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(a.writer.beforeWrite()).toBe(false);
  await api.start();
  expect(await answer).toBe('yes');
});

test('a deleted record is made anew by who held it', async () => {
  const a = start('');
  await until(() => a.writer.standing === 'holder');
  await new Promise((resolve) => setTimeout(resolve, 1_100));
  await client.request('DELETE', LEASE);
  expect(await a.writer.mayWrite()).toBe('stood-down');
  await until(() => a.writer.standing === 'holder');
  expect(await holder(LEASE)).toBe(a.writer.identity);
});
