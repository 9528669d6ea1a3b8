import { type MemoryApi, openMemoryApi } from '@steelyard/testkit';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  createPoolStatusWriter,
  ensureMemberlistSecret,
  type KubeClient,
  openKubeClient,
  type PoolCounters,
  type PoolStatusWriter,
  type PoolStatusWriterOptions,
  readOwnPod,
} from '../src/index.ts';
import { until } from './scripted-api.ts';

vi.setConfig({ testTimeout: 60_000 });

let api: MemoryApi;
let client: KubeClient;
const closing: (() => Promise<unknown>)[] = [];
beforeEach(async () => {
  api = await openMemoryApi();
  client = await openKubeClient({ kubeconfigPath: api.kubeconfigPath, env: {} });
  await post('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'metallb-system' } });
  api.clearRequests();
});
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
  await client.close();
  await api.close();
});

const post = async (path: string, body: unknown): Promise<unknown> =>
  (await client.request('POST', path, { body })).body;
const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

describe('the status of pools', () => {
  const pools = '/apis/metallb.io/v1beta1/namespaces/metallb-system/ipaddresspools';
  const counted = new Map<string, PoolCounters>();
  const count = (pool: string, assigned: number, total = 256): void =>
    void counted.set(pool, {
      assignedIPv4: BigInt(assigned),
      assignedIPv6: 0n,
      availableIPv4: BigInt(total - assigned),
      availableIPv6: 0n,
    });
  const createPool = (name: string): Promise<unknown> =>
    post(pools, {
      apiVersion: 'metallb.io/v1beta1',
      kind: 'IPAddressPool',
      metadata: { name },
      spec: { addresses: [] },
    });
  const statusOf = async (name: string): Promise<unknown> =>
    Reflect.get((await client.request('GET', `${pools}/${name}`)).body as object, 'status');
  const puts = (): string[] => api.writes.filter(({ method }) => method === 'PUT').map(({ path }) => path);
  beforeEach(() => counted.clear());

  function start(options: Partial<PoolStatusWriterOptions> = {}): PoolStatusWriter {
    const writer = createPoolStatusWriter({
      client,
      namespace: 'metallb-system',
      counters: (pool) => counted.get(pool),
      logger: silent,
      minIntervalMs: 20,
      timing: { retryMinMs: 1, retryMaxMs: 4, random: () => 0.5 },
      ...options,
    });
    closing.push(() => writer.stop());
    return writer;
  }

  async function shows(name: string, assigned: number, total = 256): Promise<void> {
    for (;;) {
      const status = await statusOf(name);
      if (status !== undefined && Reflect.get(status as object, 'assignedIPv4') === assigned) break;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect(await statusOf(name)).toEqual({
      assignedIPv4: assigned,
      assignedIPv6: 0,
      availableIPv4: total - assigned,
      availableIPv6: 0,
    });
  }

  test('is written once where it differs, and a second look writes nothing', async () => {
    await createPool('a');
    await createPool('unknown');
    count('a', 0);
    const writer = start();
    await shows('a', 0);
    for (let i = 0; i < 5; i++) {
      writer.changed();
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    expect(puts()).toHaveLength(1);
    expect(await statusOf('unknown')).toBeUndefined();
  });

  test('a burst of changes is two writes', async () => {
    await createPool('a');
    count('a', 0);
    const writer = start({ minIntervalMs: 200 });
    await shows('a', 0);
    api.clearRequests();
    await new Promise((resolve) => setTimeout(resolve, 200));
    for (let assigned = 1; assigned <= 100; assigned++) {
      count('a', assigned);
      writer.changed('a');
      if (assigned % 10 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    await shows('a', 100);
    expect(puts()).toHaveLength(2);
  });

  test('what somebody edits is put right, a pool made again is written again', async () => {
    await createPool('a');
    count('a', 3);
    start();
    await shows('a', 3);
    await client.request('PATCH', `${pools}/a/status`, { body: { status: { assignedIPv4: 77 } } });
    await shows('a', 3);
    await client.request('DELETE', `${pools}/a`);
    await createPool('a');
    await shows('a', 3);
  });

  test('a conflict is answered with the fresh version; an error with another try', async () => {
    await createPool('a');
    count('a', 1);
    api.inject({ method: 'PUT', path: /status/, fault: { kind: 'status', code: 409 } });
    api.inject({ method: 'PUT', path: /status/, fault: { kind: 'status', code: 500 } });
    start();
    await shows('a', 1);
    expect(puts()).toHaveLength(3);
  });

  test('whoever may not write writes nothing, and all of it once it may', async () => {
    await createPool('a');
    await createPool('b');
    count('a', 1);
    count('b', 2);
    let holder = false;
    const asked: boolean[] = [];
    const writer = start({
      mayWrite: () => {
        asked.push(holder);
        return Promise.resolve(holder);
      },
    });
    await until(() => asked.length === 2);
    expect(puts()).toEqual([]);
    holder = true;
    writer.changed();
    await shows('a', 1);
    await shows('b', 2);
  });

  test('without the rule it is said once, with its name', async () => {
    await createPool('a');
    count('a', 1);
    api.inject({ method: 'PUT', path: /status/, times: 99, fault: { kind: 'status', code: 403 } });
    const warnings: unknown[] = [];
    const writer = start({ logger: { ...silent, warn: (pairs) => warnings.push(pairs['remedy']) } });
    await until(() => warnings.length === 1);
    count('a', 2);
    writer.changed();
    const before = puts().length;
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(warnings).toEqual(['allow "update" of ipaddresspools/status (metallb.io) in the namespace']);
    expect(puts()).toHaveLength(before);
  });

  test('of two that count differently each is slowed down', async () => {
    await createPool('a');
    count('a', 1);
    const warnings: string[] = [];
    start({ logger: { ...silent, warn: (_pairs, msg) => warnings.push(msg) } });
    start({ counters: () => ({ assignedIPv4: 2n, assignedIPv6: 0n, availableIPv4: 0n, availableIPv6: 0n }) });
    await until(() => warnings.length > 0);
    const before = puts().length;
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(puts().length - before).toBeLessThan(10);
  });
});

describe('the memberlist Secret', () => {
  const secret = '/api/v1/namespaces/metallb-system/secrets/memberlist';
  const ensure = (deploymentName = 'controller'): Promise<string> =>
    ensureMemberlistSecret({ client, namespace: 'metallb-system', name: 'memberlist', deploymentName });
  const createDeployment = (): Promise<unknown> =>
    post('/apis/apps/v1/namespaces/metallb-system/deployments', {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'controller' },
      spec: {
        selector: { matchLabels: { a: 'b' } },
        template: {
          metadata: { labels: { a: 'b' } },
          spec: { containers: [{ name: 'c', image: 'example.com/c' }] },
        },
      },
    });

  test('is made once: a key of 22 characters, 16 octets, owned by the Deployment', async () => {
    const deployment = (await createDeployment()) as { metadata: { uid: string } };
    expect(await ensure()).toBe('created');
    const { body } = await client.request('GET', secret);
    const made = body as { metadata: { ownerReferences: unknown }; data: { secretkey: string } };
    expect(made.metadata.ownerReferences).toEqual([
      { apiVersion: 'apps/v1', kind: 'Deployment', name: 'controller', uid: deployment.metadata.uid },
    ]);
    expect(Object.keys(made.data)).toEqual(['secretkey']);
    const key = Buffer.from(made.data.secretkey, 'base64').toString();
    expect(key).toMatch(/^[A-Za-z0-9+/]{22}$/);
    expect(Buffer.from(key, 'base64')).toHaveLength(16);
    expect(await ensure()).toBe('there already');
  });

  test('two at a time leave one', async () => {
    await createDeployment();
    const outcomes = await Promise.all([ensure(), ensure(), ensure()]);
    expect(outcomes.sort()).toEqual(['created', 'there already', 'there already']);
  });

  test('of somebody else is left alone', async () => {
    await post('/api/v1/namespaces/metallb-system/secrets', {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'memberlist' },
      data: {},
    });
    expect(await ensure('no-such-deployment')).toBe('there already');
  });

  test('without its Deployment is an error', async () => {
    await expect(ensure()).rejects.toMatchObject({ code: 'ERR_K8S_NOT_FOUND' });
    await expect(ensure('')).rejects.toThrow('METALLB_DEPLOYMENT');
  });

  test.for<[method: string, path: RegExp, rule: string]>([
    ['GET', /secrets/, '"list" of secrets'],
    ['GET', /deployments/, '"get" of deployments (apps) named controller'],
    ['POST', /secrets/, '"create" of secrets'],
  ])('without the rule for %s %s it is said that %s is missing', async ([method, path, rule]) => {
    await createDeployment();
    api.inject({ method, path, fault: { kind: 'status', code: 403 } });
    await expect(ensure()).rejects.toThrow(rule);
  });
});

describe('the own Pod', () => {
  test('is read by its name', async () => {
    const made = (await post('/api/v1/namespaces/metallb-system/pods', {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'controller-x', labels: { app: 'metallb' } },
      spec: { terminationGracePeriodSeconds: 2, containers: [{ name: 'c', image: 'example.com/controller:1' }] },
    })) as { metadata: { uid: string } };
    const outcome = await readOwnPod({ client, namespace: 'metallb-system', podName: 'controller-x' });
    const pod = {
      name: 'controller-x',
      uid: made.metadata.uid,
      labels: { app: 'metallb' },
      image: 'example.com/controller:1',
      terminationGracePeriodSeconds: 2,
    };
    expect(outcome).toEqual({ found: true, pod });
  });

  test.for<[podName: string, because: string]>([
    ['', 'METALLB_POD_NAME'],
    ['gone', 'unable to get own pod for owner references'],
    ['secret', 'allow "get" of pods'],
  ])('named %j that cannot be read is a reason, not an exception', async ([podName, because]) => {
    api.inject({ path: /pods\/secret/, fault: { kind: 'status', code: 403 } });
    const outcome = await readOwnPod({ client, namespace: 'metallb-system', podName });
    expect(outcome).toMatchObject({ found: false, because: expect.stringContaining(because) as string });
  });
});
