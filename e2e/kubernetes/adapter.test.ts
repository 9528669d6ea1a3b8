import { copyFile, mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  ApiError,
  createEventRecorder,
  type KubeClient,
  type ListWatchOptions,
  openKubeClient,
  projectWritableMetadata,
  putServiceStatus,
  startListWatch,
  type WritableMetadata,
} from '@steelyard/k8s-adapter';
import { openMemoryApi, openRealControlPlane } from '@steelyard/testkit';
import { describeKubeLab } from '@steelyard/testkit/kube-lab/vitest';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';

/** An API server, and what a test may do to it. */
interface Bed extends AsyncDisposable {
  readonly kubeconfigPath: string;
  /** Older resource versions and continue tokens are 410 from now on. */
  expire(): Promise<void>;
  kill(): Promise<void>;
  start(): Promise<void>;
}

const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 5));
}

function asRecord(value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null) throw new TypeError(`not an object: ${JSON.stringify(value)}`);
  return value as Record<string, unknown>;
}

function metadataOf(object: unknown): WritableMetadata {
  const metadata = projectWritableMetadata(object);
  if (metadata === undefined) throw new TypeError('no metadata');
  return metadata;
}

function cases(open: () => Promise<Bed>): void {
  let bed: Bed;
  let admin: KubeClient;
  let serial = 0;
  let namespace = '';
  const closing: (() => Promise<unknown>)[] = [];

  beforeAll(async () => {
    bed = await open();
    admin = await openKubeClient({ kubeconfigPath: bed.kubeconfigPath, env: {} });
  });
  afterAll(async () => {
    await admin.close();
    await bed[Symbol.asyncDispose]();
  });
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
  });

  async function newNamespace(): Promise<void> {
    namespace = `adapter-${++serial}`;
    await admin.request('POST', '/api/v1/namespaces', {
      body: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
    });
  }

  const services = (): string => `/api/v1/namespaces/${namespace}/services`;

  async function createService(name: string, metadata: object = {}): Promise<Record<string, unknown>> {
    const { body } = await admin.request('POST', services(), {
      body: {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name, namespace, ...metadata },
        spec: { type: 'LoadBalancer', allocateLoadBalancerNodePorts: false, ports: [{ port: 80 }] },
      },
    });
    return asRecord(body);
  }

  /** Follows the annotation `x` of the namespace's Services. */
  function follow(options: Partial<ListWatchOptions<string>> = {}) {
    const told: string[] = [];
    const states: string[] = [];
    const listWatch = startListWatch<string>({
      client: admin,
      path: services(),
      project: (object) => projectWritableMetadata(object)?.annotations?.['x'] ?? '',
      onUpsert: (key, value, previous) =>
        told.push(`${previous === undefined ? '+' : ''}${key.split('/')[1]}=${value}`),
      onDelete: (key) => told.push(`-${key.split('/')[1]}`),
      onState: ({ name }) => states.push(name),
      logger: silent,
      ...options,
    });
    closing.push(() => listWatch.stop());
    return { listWatch, told, states };
  }

  const annotate = (name: string, x: string): Promise<unknown> =>
    admin.request('PATCH', `${services()}/${name}`, { body: { metadata: { annotations: { x } } } });

  describe('a status write of a projection', () => {
    test('changes status and annotations, and nothing else', async () => {
      await newNamespace();
      const before = await createService('nginx', {
        labels: { app: 'nginx' },
        annotations: { theirs: 'stays' },
        finalizers: ['example.com/held'],
      });
      const metadata = metadataOf(before);
      const outcome = await putServiceStatus(admin, {
        metadata: { ...metadata, annotations: { ...metadata.annotations, 'metallb.io/ip-allocated-from-pool': 'a' } },
        status: {
          loadBalancer: { ingress: [{ ip: '192.0.2.1' }] },
          conditions: [
            {
              type: 'example.com/Theirs',
              status: 'True',
              reason: 'Held',
              message: '',
              lastTransitionTime: '2026-01-01T00:00:00Z',
            },
          ],
        },
      });
      const { body } = await admin.request('GET', `${services()}/nginx`);
      const after = asRecord(body);
      expect(outcome).toEqual({ outcome: 'written', metadata: metadataOf(after) });
      expect(after['spec']).toEqual(before['spec']);
      expect(after['status']).toMatchObject({
        loadBalancer: { ingress: [{ ip: '192.0.2.1', ipMode: 'VIP' }] },
        conditions: [{ type: 'example.com/Theirs' }],
      });
      expect(asRecord(after['metadata'])).toMatchObject({
        uid: metadata.uid,
        creationTimestamp: asRecord(before['metadata'])['creationTimestamp'],
        labels: { app: 'nginx' },
        annotations: { theirs: 'stays', 'metallb.io/ip-allocated-from-pool': 'a' },
        finalizers: ['example.com/held'],
      });
      await admin.request('PATCH', `${services()}/nginx`, { body: { metadata: { finalizers: null } } });
    });

    test('on an older version is a conflict and changes nothing', async () => {
      await newNamespace();
      const metadata = metadataOf(await createService('nginx'));
      await annotate('nginx', 'newer');
      const status = { loadBalancer: { ingress: [{ ip: '192.0.2.1' }] } };
      expect(await putServiceStatus(admin, { metadata, status })).toEqual({ outcome: 'conflict' });
      const { body } = await admin.request('GET', `${services()}/nginx`);
      expect(body).toMatchObject({ metadata: { annotations: { x: 'newer' } }, status: { loadBalancer: {} } });
    });

    test('on an object that is gone, or that another has replaced, says so', async () => {
      await newNamespace();
      const metadata = metadataOf(await createService('nginx'));
      await admin.request('DELETE', `${services()}/nginx`);
      const status = { loadBalancer: { ingress: [{ ip: '192.0.2.1' }] } };
      expect(await putServiceStatus(admin, { metadata, status })).toEqual({ outcome: 'gone' });
      const replaced = metadataOf(await createService('nginx'));
      const { outcome } = await putServiceStatus(admin, { metadata, status });
      expect(['gone', 'conflict']).toContain(outcome);
      const { body } = await admin.request('GET', `${services()}/nginx`);
      expect(metadataOf(body).resourceVersion).toBe(replaced.resourceVersion);
    });

    test('of an address that is none is refused with the field', async () => {
      await newNamespace();
      const metadata = metadataOf(await createService('nginx'));
      const status = { loadBalancer: { ingress: [{ ip: 'not-an-address' }] } };
      await expect(putServiceStatus(admin, { metadata, status })).rejects.toMatchObject({
        code: 'ERR_K8S_INVALID',
        message: expect.stringContaining('ingress'),
      });
    });
  });

  describe('a list-watch', () => {
    test('reads many pages and follows what comes', async () => {
      await newNamespace();
      await Promise.all(Array.from({ length: 60 }, (_, i) => createService(`s${i}`)));
      const { listWatch, told } = follow({ pageLimit: 7 });
      await until(() => listWatch.synced);
      expect(listWatch.values.size).toBe(60);
      told.length = 0;
      await until(() => listWatch.state.name === 'connected');
      await createService('new');
      await annotate('new', '1');
      await admin.request('DELETE', `${services()}/s0`);
      await until(() => told.length === 3);
      expect(told).toEqual(['+new=', 'new=1', '-s0']);
    });

    test('goes on after the API server was killed for two seconds, and tells nothing twice', async () => {
      await newNamespace();
      await createService('a');
      const { listWatch, told, states } = follow();
      await until(() => listWatch.state.name === 'connected');
      await bed.kill();
      await until(() => states.includes('retrying'));
      await new Promise((resolve) => setTimeout(resolve, 2000));
      expect(listWatch.values.size).toBe(1);
      await bed.start();
      await until(() => listWatch.state.name === 'connected');
      await createService('b');
      await until(() => told.includes('+b='));
      expect(told).toEqual(['+a=', '+b=']);
    });

    test('whose resource version expired while it was cut off lists anew and tells only what changed', async () => {
      await newNamespace();
      for (const name of ['a', 'b', 'c']) await createService(name);
      const cut = new Set<string>();
      const distant: KubeClient = {
        ...admin,
        stream: (path, options) =>
          cut.has('network')
            ? Promise.reject(new ApiError('ERR_K8S_CONNECTION', 'cut off'))
            : admin.stream(path, options),
      };
      const logged: string[] = [];
      const info = (_pairs: object, msg: string): number => logged.push(msg);
      const { listWatch, told, states } = follow({ client: distant, logger: { ...silent, info } });
      await until(() => listWatch.state.name === 'connected');
      cut.add('network');
      await bed.kill();
      await until(() => states.includes('retrying'));
      await bed.start();
      for (let i = 0; i < 3; i++) await annotate('a', String(i));
      await admin.request('DELETE', `${services()}/b`);
      await bed.expire();
      await bed.kill();
      await bed.start();
      told.length = 0;
      cut.clear();
      await until(() => told.length >= 2 && listWatch.state.name === 'connected');
      expect(told).toEqual(['-b', 'a=2']);
      expect(logged).toContain('resource version expired, listing anew');
    });

    test('whose continue token expired begins again, and tells nothing in between', async () => {
      await newNamespace();
      await Promise.all(Array.from({ length: 10 }, (_, i) => createService(`s${i}`)));
      const toldAtExpiry: number[] = [];
      let expired = false;
      const interrupted: KubeClient = {
        ...admin,
        async request(method, path, options) {
          if (path.includes('continue=') && !expired) {
            expired = true;
            await annotate('s0', 'meanwhile'); // compaction keeps the newest revision; the token's must be older
            await bed.expire();
            await bed.kill(); // else the API server continues the list from a snapshot of its own
            await bed.start();
            toldAtExpiry.push(told.length);
          }
          return admin.request(method, path, options);
        },
      };
      const { listWatch, told } = follow({ client: interrupted, pageLimit: 3 });
      await until(() => listWatch.synced);
      expect([expired, toldAtExpiry]).toEqual([true, [0]]);
      expect(new Set(told)).toEqual(
        new Set(Array.from({ length: 10 }, (_, i) => `+s${i}=${i === 0 ? 'meanwhile' : ''}`)),
      );
      expect(told).toHaveLength(10);
    });

    test('of a kind that does not exist is absent, and comes alive with it', async () => {
      const group = `adapter${++serial}.example.com`;
      const path = `/apis/${group}/v1/namespaces/default/widgets`;
      const { listWatch, told } = follow({ path, optional: true });
      await until(() => listWatch.synced);
      expect([listWatch.state.name, told]).toEqual(['absent', []]);
      await admin.request('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', {
        body: {
          apiVersion: 'apiextensions.k8s.io/v1',
          kind: 'CustomResourceDefinition',
          metadata: { name: `widgets.${group}` },
          spec: {
            group,
            scope: 'Namespaced',
            names: { plural: 'widgets', singular: 'widget', kind: 'Widget', listKind: 'WidgetList' },
            versions: [
              {
                name: 'v1',
                served: true,
                storage: true,
                schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
              },
            ],
          },
        },
      });
      const create = (): Promise<boolean> =>
        admin
          .request('POST', path, { body: { apiVersion: `${group}/v1`, kind: 'Widget', metadata: { name: 'one' } } })
          .then(
            () => true,
            () => false,
          );
      await until(create);
      await until(() => told.includes('+one='));
    });
  });

  test('Events are created and counted as kubectl describe shows them', async () => {
    await newNamespace();
    const metadata = metadataOf(await createService('nginx'));
    const recorder = createEventRecorder({ client: admin, component: 'metallb-controller', logger: silent });
    const { uid, resourceVersion } = metadata;
    const object = { apiVersion: 'v1', kind: 'Service', namespace, name: 'nginx', uid, resourceVersion };
    for (let i = 0; i < 3; i++) {
      recorder.record({ object, type: 'Normal', reason: 'IPAllocated', message: 'Assigned IP ["192.0.2.1"]' });
      if (i > 0) expect(await recorder.flush(10_000)).toBe(true);
    }
    expect(recorder.statistics).toMatchObject({ written: 2, failed: 0 });
    const { body } = await admin.request('GET', `/api/v1/namespaces/${namespace}/events`);
    expect(asRecord(body)['items']).toMatchObject([
      {
        involvedObject: object,
        reason: 'IPAllocated',
        type: 'Normal',
        message: 'Assigned IP ["192.0.2.1"]',
        source: { component: 'metallb-controller' },
        count: 3,
      },
    ]);
  });
}

describe('the API in memory', () => {
  cases(async () => {
    const api = await openMemoryApi();
    return {
      kubeconfigPath: api.kubeconfigPath,
      expire: () => Promise.resolve(api.expireHistory()),
      kill: () => api.stop(),
      start: () => api.start(),
      [Symbol.asyncDispose]: () => api.close(),
    };
  });
});

await describeKubeLab('the real control plane', (kubeLab) => {
  cases(async () => {
    const controlPlane = await openRealControlPlane({ kubeLab });
    return {
      kubeconfigPath: controlPlane.kubeconfigPath,
      expire: async () => void (await controlPlane.compactEtcd()),
      kill: () => controlPlane.killApiServer(),
      start: () => controlPlane.restartApiServer(),
      [Symbol.asyncDispose]: () => controlPlane.stop(),
    };
  });

  test("a pod with MetalLB's role can do all of this, and what they do not grant is forbidden, not absent", async () => {
    await using controlPlane = await openRealControlPlane({ kubeLab });
    await using admin = await openKubeClient({ kubeconfigPath: controlPlane.kubeconfigPath, env: {} });
    const post = (path: string, body: object): Promise<unknown> => admin.request('POST', path, { body });
    const rbac = 'rbac.authorization.k8s.io';
    // metallb-behaviour 7.7, cluster role of the controller: the rules that the adapter needs.
    await post(`/apis/${rbac}/v1/clusterroles`, {
      apiVersion: `${rbac}/v1`,
      kind: 'ClusterRole',
      metadata: { name: 'metallb-system:controller' },
      rules: [
        { apiGroups: [''], resources: ['services', 'namespaces'], verbs: ['get', 'list', 'watch'] },
        { apiGroups: [''], resources: ['services/status'], verbs: ['update'] },
        { apiGroups: [''], resources: ['events'], verbs: ['create', 'patch'] },
      ],
    });
    await post(`/apis/${rbac}/v1/clusterrolebindings`, {
      apiVersion: `${rbac}/v1`,
      kind: 'ClusterRoleBinding',
      metadata: { name: 'metallb-system:controller' },
      roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: 'metallb-system:controller' },
      subjects: [{ kind: 'ServiceAccount', name: 'controller', namespace: 'metallb-system' }],
    });
    // As kubelet mounts it into a pod.
    await post('/api/v1/namespaces', { metadata: { name: 'metallb-system' } });
    const accounts = '/api/v1/namespaces/metallb-system/serviceaccounts';
    await post(accounts, { metadata: { name: 'controller' } });
    const answer = await admin.request('POST', `${accounts}/controller/token`, { body: { spec: {} } });
    const serviceAccountFolder = await mkdtemp(join(controlPlane.directory, 'serviceaccount-'));
    const token = String(asRecord(asRecord(answer.body)['status'])['token']);
    await writeFile(join(serviceAccountFolder, 'token'), token);
    await writeFile(join(serviceAccountFolder, 'namespace'), 'metallb-system');
    await copyFile(controlPlane.certificateAuthorityPath, join(serviceAccountFolder, 'ca.crt'));
    const { hostname, port } = new URL(controlPlane.url);
    await using client = await openKubeClient({
      env: { KUBERNETES_SERVICE_HOST: hostname, KUBERNETES_SERVICE_PORT: port },
      serviceAccountFolder,
    });
    expect(client.namespace).toBe('metallb-system');
    const path = '/api/v1/namespaces/default/services';
    const spec = { type: 'LoadBalancer', ports: [{ port: 80 }] };
    const { body } = await admin.request('POST', path, {
      body: { apiVersion: 'v1', kind: 'Service', metadata: { name: 'a' }, spec },
    });
    const metadata = metadataOf(body);
    const status = { loadBalancer: { ingress: [{ ip: '192.0.2.1' }] } };
    expect(await putServiceStatus(client, { metadata, status })).toMatchObject({ outcome: 'written' });
    const recorder = createEventRecorder({ client, component: 'metallb-controller', logger: silent });
    const object = { apiVersion: 'v1', kind: 'Service', ...metadata };
    for (let i = 0; i < 2; i++) {
      recorder.record({ object, type: 'Normal', reason: 'IPAllocated', message: 'x' });
      await recorder.flush(10_000);
    }
    expect(recorder.statistics).toMatchObject({ written: 2, failed: 0 });
    const pods = startListWatch({
      client,
      path: '/api/v1/pods',
      project: () => true,
      onUpsert: () => undefined,
      onDelete: () => undefined,
      logger: silent,
    });
    await until(() => pods.state.name === 'forbidden');
    expect(pods.synced).toBe(false);
    await pods.stop();
    await expect(client.request('PUT', `${path}/a`, { body: {} })).rejects.toMatchObject({ code: 'ERR_K8S_FORBIDDEN' });
  });
});
