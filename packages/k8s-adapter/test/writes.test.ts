import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  createEventRecorder,
  type EventNotice,
  type KubeClient,
  openKubeClient,
  projectWritableMetadata,
  putServiceStatus,
  type WritableMetadata,
} from '../src/index.ts';
import { failure, json, type ScriptedApi, startScriptedApi } from './scripted-api.ts';

let api: ScriptedApi;
let client: KubeClient;
beforeEach(async () => {
  api = await startScriptedApi();
  client = await openKubeClient({ kubeconfigPath: api.kubeconfigPath, env: {} });
});
afterEach(async () => {
  await client.close();
  await api[Symbol.asyncDispose]();
});

const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
const metadata: WritableMetadata = {
  name: 'nginx',
  namespace: 'default',
  uid: 'u',
  resourceVersion: '7',
  labels: { app: 'nginx' },
  annotations: { 'metallb.io/ip-allocated-from-pool': 'a' },
  finalizers: ['service.kubernetes.io/load-balancer-cleanup'],
};

describe('the metadata to write back', () => {
  test('is what a write would otherwise delete, and no more', () => {
    const object = {
      metadata: {
        ...metadata,
        managedFields: [{}],
        generation: 1,
        creationTimestamp: 'x',
        ownerReferences: [{ uid: 'o' }],
      },
      spec: { type: 'LoadBalancer' },
    };
    expect(projectWritableMetadata(object)).toEqual({ ...metadata, ownerReferences: [{ uid: 'o' }] });
  });

  test.for<[object: unknown]>([[undefined], [{}], [{ metadata: [] }], [{ metadata: { name: 'a', uid: 'b' } }]])(
    'of %j does not exist',
    ([object]) => {
      expect(projectWritableMetadata(object)).toBeUndefined();
    },
  );

  test('of the wrong types is left out', () => {
    const object = { metadata: { ...metadata, labels: { a: 1 }, annotations: [], finalizers: 'x' } };
    const { labels: _l, annotations: _a, finalizers: _f, ...rest } = metadata;
    expect(projectWritableMetadata(object)).toEqual(rest);
  });
});

describe('a status write', () => {
  const status = { loadBalancer: { ingress: [{ ip: '192.0.2.1' }] } };

  test('is one PUT with the version it was decided on, and of the spec only the type', async () => {
    api.script(json(200, { metadata: { ...metadata, resourceVersion: '8' } }));
    const outcome = await putServiceStatus(client, { metadata, status });
    expect(outcome).toEqual({ outcome: 'written', metadata: { ...metadata, resourceVersion: '8' } });
    expect(api.requests).toHaveLength(1);
    expect(api.requests[0]).toMatchObject({ method: 'PUT', path: '/api/v1/namespaces/default/services/nginx/status' });
    // MetalLB's: who swaps the images has no second owner of the same fields.
    expect(api.requests[0]?.query.get('fieldManager')).toBe('controller');
    expect(JSON.parse(api.requests[0]?.body ?? '')).toEqual({
      apiVersion: 'v1',
      kind: 'Service',
      metadata,
      spec: { type: 'LoadBalancer' },
      status,
    });
  });

  test.for<[answer: ReturnType<typeof failure>, outcome: string]>([
    [failure(409, 'Conflict', 'the object has been modified'), 'conflict'],
    [failure(409, 'Conflict', 'Precondition failed: UID in precondition: a, UID in object meta: b'), 'gone'],
    [failure(404, 'NotFound'), 'gone'],
  ])('%#: %s', async ([answer, outcome]) => {
    api.script(answer);
    expect(await putServiceStatus(client, { metadata, status })).toEqual({ outcome });
  });

  test('rejects with everything else', async () => {
    api.script(failure(403, 'Forbidden'));
    await expect(putServiceStatus(client, { metadata, status })).rejects.toMatchObject({ code: 'ERR_K8S_FORBIDDEN' });
  });
});

describe('Events', () => {
  const notice = (message: string, namespace = 'default'): EventNotice => ({
    object: { apiVersion: 'v1', kind: 'Service', namespace, name: 'nginx', uid: 'u', resourceVersion: '7' },
    type: 'Normal',
    reason: 'IPAllocated',
    message,
  });
  const open = (options: { maxQueued?: number } = {}) =>
    createEventRecorder({
      client,
      component: 'metallb-controller',
      logger: silent,
      nowMs: () => Date.UTC(2026, 0, 2, 3, 4, 5, 678),
      ...options,
    });

  test('are created as client-go creates them, then counted by a patch', async () => {
    api.otherwise(json(201, {}));
    const recorder = open();
    recorder.record(notice('Assigned IP ["192.0.2.1"]'));
    expect(await recorder.flush(10_000)).toBe(true);
    recorder.record(notice('Assigned IP ["192.0.2.1"]'));
    expect(await recorder.flush(10_000)).toBe(true);
    const [post, patch] = api.requests;
    expect(post).toMatchObject({ method: 'POST', path: '/api/v1/namespaces/default/events' });
    expect(JSON.parse(post?.body ?? '')).toEqual({
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: expect.stringMatching(/^nginx\.[0-9a-f]{16}$/), namespace: 'default' },
      involvedObject: notice('').object,
      type: 'Normal',
      reason: 'IPAllocated',
      message: 'Assigned IP ["192.0.2.1"]',
      source: { component: 'metallb-controller' },
      reportingComponent: 'metallb-controller',
      reportingInstance: '',
      firstTimestamp: '2026-01-02T03:04:05Z',
      lastTimestamp: '2026-01-02T03:04:05Z',
      count: 1,
    });
    expect(patch).toMatchObject({ method: 'PATCH', headers: { 'content-type': 'application/merge-patch+json' } });
    expect(JSON.parse(patch?.body ?? '')).toMatchObject({ count: 2 });
    expect(recorder.statistics).toEqual({ written: 2, dropped: 0, suppressed: 0, failed: 0 });
  });

  test('counted while the creation is under way never overtake it', async () => {
    api.script((request, response) => {
      recorder.record(notice('same'));
      recorder.record(notice('same'));
      setTimeout(() => json(201, {})(request, response), 5);
    });
    api.otherwise(json(200, {}));
    const recorder = open();
    recorder.record(notice('same'));
    expect(await recorder.flush(10_000)).toBe(true);
    expect(api.requests.map(({ method, body }) => [method, JSON.parse(body).count])).toEqual([
      ['POST', 1],
      ['PATCH', 3],
    ]);
  });

  test('whose creation was answered to nobody are brought up to date', async () => {
    api.script(failure(409, 'AlreadyExists'), json(200, {}));
    const recorder = open();
    recorder.record(notice('same'));
    await recorder.flush(10_000);
    expect(api.requests.map(({ method }) => method)).toEqual(['POST', 'PATCH']);
    expect(recorder.statistics).toMatchObject({ written: 1, failed: 0 });
  });

  test('that the server has forgotten are created anew', async () => {
    api.script(json(201, {}), failure(404, 'NotFound'), json(201, {}));
    const recorder = open();
    for (let i = 0; i < 2; i++) {
      recorder.record(notice('same'));
      await recorder.flush(10_000);
    }
    expect(api.requests.map(({ method }) => method)).toEqual(['POST', 'PATCH', 'POST']);
    expect(JSON.parse(api.requests[2]?.body ?? '')).toMatchObject({ count: 2 });
  });

  test('about cluster-wide objects live in default', async () => {
    api.otherwise(json(201, {}));
    const recorder = open();
    recorder.record(notice('x', ''));
    await recorder.flush(10_000);
    expect(api.requests[0]?.path).toBe('/api/v1/namespaces/default/events');
  });

  test('leave after the turn in which they were recorded', async () => {
    api.otherwise(json(200, { metadata }));
    const recorder = open();
    recorder.record(notice('x'));
    await putServiceStatus(client, { metadata, status: { loadBalancer: {} } });
    await recorder.flush(10_000);
    expect(api.requests.map(({ method }) => method)).toEqual(['PUT', 'POST']);
  });

  test('are dropped and counted when the queue is full, suppressed when one object floods', async () => {
    api.otherwise(json(201, {}));
    const small = open({ maxQueued: 3 });
    for (let i = 0; i < 10; i++) small.record(notice(`m${i}`));
    await small.flush(10_000);
    expect(small.statistics).toEqual({ written: 3, dropped: 7, suppressed: 0, failed: 0 });
    const flood = open();
    for (let i = 0; i < 1_000; i++) flood.record(notice('m'));
    await flood.flush(10_000);
    expect(flood.statistics).toEqual({ written: 1, dropped: 0, suppressed: 975, failed: 0 });
    // A thousand are one Event, and one write for all that waited; client-go counts 25 of one object at a time.
    expect(JSON.parse(api.requests.at(-1)?.body ?? '')).toMatchObject({ count: 25 });
  });

  test('that are refused many times are one line in the log', async () => {
    api.otherwise(failure(403, 'Forbidden'));
    const logged: object[] = [];
    const logger = { ...silent, warn: (pairs: object): number => logged.push(pairs) };
    const recorder = createEventRecorder({ client, component: 'metallb-controller', logger });
    for (let i = 0; i < 20; i++) recorder.record(notice('x', `namespace-${i}`));
    await recorder.flush(10_000);
    expect([recorder.statistics.failed, logged.length]).toEqual([20, 1]);
  });

  test('are sent again after a server error', async () => {
    api.script(failure(500, 'InternalError'), json(201, {}));
    const recorder = open();
    recorder.record(notice('x'));
    await recorder.flush(10_000);
    expect(recorder.statistics).toMatchObject({ written: 1, failed: 0 });
  });

  test('that are refused are given up, and a server that does not answer does not hold the stop', async () => {
    api.script(failure(403, 'Forbidden'));
    const recorder = open();
    recorder.record(notice('x'));
    await recorder.flush(10_000);
    expect(recorder.statistics).toMatchObject({ written: 0, failed: 1 });
    api.otherwise(() => undefined);
    recorder.record(notice('y'));
    expect(await recorder.flush(1)).toBe(false);
  });
});
