import { type MemoryApi, openMemoryApi, waitUntil } from '@steelyard/testkit';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  createServiceBgpStatusWriter,
  type KubeClient,
  openKubeClient,
  type ServiceBgpStatusWriter,
  type ServiceBgpStatusWriterOptions,
} from '../src/index.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const NAMESPACE = 'metallb-system';
const PATH = `/apis/metallb.io/v1beta1/namespaces/${NAMESPACE}/servicebgpstatuses`;

interface Shown {
  readonly metadata: {
    readonly name: string;
    readonly uid: string;
    readonly resourceVersion: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly ownerReferences?: readonly { readonly uid: string; readonly name: string }[];
  };
  readonly status?: {
    readonly node?: string;
    readonly serviceName?: string;
    readonly serviceNamespace?: string;
    readonly peers?: readonly string[];
  };
}

let api: MemoryApi;
let client: KubeClient;
const closing: (() => Promise<unknown>)[] = [];
const warnings: string[] = [];
const logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: (_: object, msg: string) => void warnings.push(msg),
  error: () => undefined,
};

beforeEach(async () => {
  warnings.length = 0;
  api = await openMemoryApi();
  client = await openKubeClient({ kubeconfigPath: api.kubeconfigPath, env: {} });
  await client.request('POST', '/api/v1/namespaces', {
    body: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } },
  });
  api.clearRequests();
});
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
  await client.close();
  await api.close();
});

async function createPod(name: string): Promise<{ name: string; uid: string }> {
  const { body } = await client.request('POST', `/api/v1/namespaces/${NAMESPACE}/pods`, {
    body: {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name },
      spec: { containers: [{ name: 'c', image: 'example.com/c:1' }] },
    },
  });
  return { name, uid: (body as Shown).metadata.uid };
}

function start(nodeName: string, options: Partial<ServiceBgpStatusWriterOptions> = {}): ServiceBgpStatusWriter {
  const writer = createServiceBgpStatusWriter({
    client,
    namespace: NAMESPACE,
    nodeName,
    owner: undefined,
    logger,
    timing: { retryMinMs: 1, retryMaxMs: 4, slowRetryMinMs: 1, slowRetryMaxMs: 4, random: () => 0.5 },
    ...options,
  });
  closing.push(() => writer.stop());
  return writer;
}

const all = async (): Promise<readonly Shown[]> =>
  ((await client.request('GET', PATH)).body as { items: Shown[] | null }).items ?? [];
const said = ({ status }: Shown): string =>
  `${status?.serviceNamespace}/${status?.serviceName} ${status?.node} ${status?.peers}`;
const inOrder = (list: readonly string[]): string[] => list.toSorted((a, b) => (a < b ? -1 : 1));
async function shows(...wanted: string[]): Promise<readonly Shown[]> {
  const text = JSON.stringify(inOrder(wanted));
  return waitUntil(`the objects to say ${text.slice(0, 200)}`, async () => {
    const objects = await all();
    return JSON.stringify(inOrder(objects.map(said))) === text && objects;
  });
}
const writes = (): string[] => api.writes.map(({ method, path }) => `${method} ${path.replace(/\/bgp-[^/]*/, '/bgp')}`);
const until = (condition: () => boolean | Promise<boolean>): Promise<unknown> =>
  waitUntil(String(condition), async () => await condition());
const rest = (ms = 100): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const first = async (): Promise<Shown> => {
  const [object] = await all();
  if (object === undefined) throw new Error('there is an object');
  return object;
};
const pathOf = ({ metadata: { name } }: Shown): string => `${PATH}/${name}`;

describe('what a node announces', () => {
  test('is one object with MetalLB’s labels, owned by the Pod, its peers in order, its status written at once', async () => {
    const owner = await createPod('speaker-1');
    api.clearRequests();
    start('node-1', { owner }).set('web/nginx', { peers: ['tor-b', 'tor-a', 'tor-b'] });
    const [object] = await shows('web/nginx node-1 tor-a,tor-b');
    expect(object?.metadata.name).toMatch(/^bgp-[a-z0-9]{5}$/);
    expect(object?.metadata.labels).toEqual({
      'metallb.io/node': 'node-1',
      'metallb.io/service-name': 'nginx',
      'metallb.io/service-namespace': 'web',
    });
    expect(object?.metadata.ownerReferences).toEqual([{ apiVersion: 'v1', kind: 'Pod', ...owner }]);
    await rest();
    expect(writes()).toEqual([`POST ${PATH}`, `PATCH ${PATH}/bgp/status`]);
  });

  test('is written only on change; without a peer there is no object', async () => {
    const writer = start('node-1');
    writer.set('web/nginx', { peers: ['a', 'b'] });
    await shows('web/nginx node-1 a,b');
    api.clearRequests();
    for (let i = 0; i < 10; i++) writer.set('web/nginx', { peers: i % 2 === 0 ? ['b', 'a'] : ['a', 'b'] });
    await rest();
    expect(writes()).toEqual([]);
    writer.set('web/nginx', { peers: ['a'] });
    await shows('web/nginx node-1 a');
    expect(writes()).toEqual([`PATCH ${PATH}/bgp/status`]);
    writer.set('web/nginx', { peers: [] });
    await shows();
    writer.set('web/nginx', { peers: [] });
    writer.set('web/other', undefined);
    await rest();
    expect(writes()).toEqual([`PATCH ${PATH}/bgp/status`, `DELETE ${PATH}/bgp`]);
  });

  test('a key that is none is the caller’s mistake', () => {
    expect(() => start('node-1').set('nginx', { peers: ['a'] })).toThrow(TypeError);
  });
});

test('each node speaks of itself alone', async () => {
  const [a, b] = [start('node-1'), start('node-2')];
  a.set('web/a', { peers: ['tor'] });
  await shows('web/a node-1 tor');
  b.set('web/a', { peers: ['tor'] });
  const watched = api.requests.filter(({ query }) => query.has('watch')).map(({ query }) => query.get('labelSelector'));
  expect(new Set(watched)).toEqual(new Set(['metallb.io/node=node-1', 'metallb.io/node=node-2']));
  a.complete();
  b.complete();
  await shows('web/a node-1 tor', 'web/a node-2 tor');
  api.clearRequests();
  await rest(300);
  expect(writes()).toEqual([]);
  a.set('web/a', undefined);
  await shows('web/a node-2 tor');
});

describe('after a restart', () => {
  test('in the same Pod nothing is written; what is announced no more goes once all is said', async () => {
    const owner = await createPod('speaker-1');
    const before = start('node-1', { owner });
    for (const service of ['web/a', 'web/b']) before.set(service, { peers: ['x', 'y'] });
    await shows('web/a node-1 x,y', 'web/b node-1 x,y');
    await before.stop();
    api.clearRequests();
    const after = start('node-1', { owner });
    after.set('web/a', { peers: ['y', 'x'] });
    await rest(200);
    expect(writes()).toEqual([]);
    after.complete();
    await shows('web/a node-1 x,y');
    expect(writes()).toEqual([`DELETE ${PATH}/bgp`]);
  });

  test('in a new Pod the object becomes the new Pod’s, by one write', async () => {
    const before = start('node-1', { owner: await createPod('speaker-old') });
    before.set('web/a', { peers: ['x'] });
    const [made] = await shows('web/a node-1 x');
    await before.stop();
    const owner = await createPod('speaker-new');
    api.clearRequests();
    start('node-1', { owner }).set('web/a', { peers: ['x'] });
    await until(async () => (await first()).metadata.ownerReferences?.[0]?.uid === owner.uid);
    await rest();
    expect((await first()).metadata.uid).toBe(made?.metadata.uid);
    expect(writes()).toEqual([`PATCH ${PATH}/bgp`]);
  });
});

describe('what somebody else does', () => {
  test('edits are put right, also of the order; a deleted object is made again', async () => {
    const writer = start('node-1');
    writer.set('web/a', { peers: ['x', 'y'] });
    const [object] = await shows('web/a node-1 x,y');
    if (object === undefined) throw new Error('it is there');
    for (const peers of [['y', 'x'], ['x/y'], ['x', 'x', 'y'], null]) {
      await client.request('PATCH', `${pathOf(object)}/status`, { body: { status: { peers } } });
      await shows('web/a node-1 x,y');
    }
    await client.request('DELETE', pathOf(object));
    const [again] = await shows('web/a node-1 x,y');
    expect(again?.metadata.uid).not.toBe(object.metadata.uid);
    await rest();
    await shows('web/a node-1 x,y');
  });

  test('an object that was given another node’s label does not stay beside the new one', async () => {
    const writer = start('node-1');
    const other = start('node-9');
    other.complete();
    writer.set('web/a', { peers: ['x'] });
    const [object] = await shows('web/a node-1 x');
    if (object === undefined) throw new Error('it is there');
    const labels = { 'metallb.io/node': 'node-9' };
    await client.request('PATCH', pathOf(object), { body: { metadata: { labels } } });
    await until(async () => {
      const objects = await all();
      return objects.length === 1 && objects[0]?.metadata.labels?.['metallb.io/node'] === 'node-1';
    });
    await shows('web/a node-1 x');
  });

  test('who undoes each write is not answered each time at once', async () => {
    start('node-1').set('web/a', { peers: ['x'] });
    await shows('web/a node-1 x');
    const undoing = setInterval(() => {
      all()
        .then((objects) => Promise.all(objects.map((object) => client.request('DELETE', pathOf(object)))))
        .catch(() => undefined);
    }, 5);
    await until(() => warnings.length > 0);
    await rest(400);
    clearInterval(undoing);
    expect(api.writes.filter(({ method }) => method === 'POST').length).toBeLessThan(10);
    expect(warnings).toEqual([expect.stringContaining('somebody else undoes the ServiceBGPStatus')]);
    await shows('web/a node-1 x');
  });
});

test('a node whose name is too long for a label has its objects all the same, and takes no others for its own', async () => {
  const long = `${'n'.repeat(60)}.example.com`;
  start('node-2').set('web/a', { peers: ['x'] });
  const writer = start(long);
  writer.set('web/a', { peers: ['x'] });
  await shows('web/a node-2 x', `web/a ${long} x`);
  writer.complete();
  await rest();
  await shows('web/a node-2 x', `web/a ${long} x`);
  writer.set('web/a', undefined);
  await shows('web/a node-2 x');
});

test('the rule that is missing is named once', async () => {
  api.inject({ method: 'POST', path: /servicebgpstatuses/, times: 10_000, fault: { kind: 'status', code: 403 } });
  const writer = start('node-1');
  for (let i = 0; i < 20; i++) writer.set(`web/s${i}`, { peers: ['x'] });
  await until(() => warnings.length > 0);
  await rest(100);
  expect(warnings).toEqual(['not allowed to write ServiceBGPStatuses']);
});
