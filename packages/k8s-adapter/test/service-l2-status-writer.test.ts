import { type MemoryApi, openMemoryApi, waitUntil } from '@steelyard/testkit';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  createServiceL2StatusWriter,
  type KubeClient,
  openKubeClient,
  type ServiceL2StatusWriter,
  type ServiceL2StatusWriterOptions,
} from '../src/index.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const NAMESPACE = 'metallb-system';
const PATH = `/apis/metallb.io/v1beta1/namespaces/${NAMESPACE}/servicel2statuses`;

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
    readonly interfaces?: readonly { readonly name: string }[];
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

function start(nodeName: string, options: Partial<ServiceL2StatusWriterOptions> = {}): ServiceL2StatusWriter {
  const writer = createServiceL2StatusWriter({
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
  `${status?.serviceNamespace}/${status?.serviceName} ${status?.node} ${(status?.interfaces ?? []).map(({ name }) => name)}`;
const inOrder = (list: readonly string[]): string[] => list.toSorted((a, b) => (a < b ? -1 : 1));
/** What all objects say, in order. */
const texts = async (): Promise<readonly string[]> => inOrder((await all()).map(said));
async function shows(...wanted: string[]): Promise<readonly Shown[]> {
  const text = JSON.stringify(inOrder(wanted));
  return waitUntil(`the objects to say ${text.slice(0, 200)}`, async () => {
    const objects = await all();
    return JSON.stringify(inOrder(objects.map(said))) === text && objects;
  });
}
const writes = (): string[] => api.writes.map(({ method, path }) => `${method} ${path.replace(/\/l2-[^/]*/, '/l2')}`);
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
  test('is one object with MetalLB’s labels, owned by the Pod, its status written at once', async () => {
    const owner = await createPod('speaker-1');
    api.clearRequests();
    start('node-1', { owner }).set('web/nginx', { interfaces: ['eth1', 'eth0', 'eth1'] });
    const [object] = await shows('web/nginx node-1 eth0,eth1');
    expect(object?.metadata.name).toMatch(/^l2-[a-z0-9]{5}$/);
    expect(object?.metadata.labels).toEqual({
      'metallb.io/node': 'node-1',
      'metallb.io/service-name': 'nginx',
      'metallb.io/service-namespace': 'web',
    });
    expect(object?.metadata.ownerReferences).toEqual([{ apiVersion: 'v1', kind: 'Pod', ...owner }]);
    await rest();
    expect(writes()).toEqual([`POST ${PATH}`, `PATCH ${PATH}/l2/status`]);
  });

  test('is written only on change, and says nothing of interfaces where all are used', async () => {
    const writer = start('node-1');
    writer.set('web/nginx', { interfaces: ['eth0'] });
    await shows('web/nginx node-1 eth0');
    api.clearRequests();
    for (let i = 0; i < 10; i++) writer.set('web/nginx', { interfaces: ['eth0'] });
    await rest();
    expect(writes()).toEqual([]);
    writer.set('web/nginx', { interfaces: [] });
    await shows('web/nginx node-1 ');
    expect((await first()).status).not.toHaveProperty('interfaces');
    expect(writes()).toEqual([`PATCH ${PATH}/l2/status`]);
  });

  test('goes when it is not announced any more, be it that the Service is gone', async () => {
    const writer = start('node-1');
    writer.set('web/nginx', { interfaces: [] });
    writer.set('web/other', { interfaces: [] });
    await shows('web/nginx node-1 ', 'web/other node-1 ');
    writer.set('web/nginx', undefined);
    await shows('web/other node-1 ');
  });

  test('is what was said last, however fast it changes', async () => {
    const writer = start('node-1');
    for (let i = 0; i < 20; i++) {
      writer.set('web/nginx', { interfaces: [`eth${i}`] });
      if (i % 3 === 0) writer.set('web/nginx', undefined);
      if (i % 4 === 0) await rest(3);
    }
    await shows('web/nginx node-1 eth19');
    writer.set('web/nginx', undefined);
    await shows();
  });

  test('a key that is none is the caller’s mistake', () => {
    expect(() => start('node-1').set('nginx', undefined)).toThrow(TypeError);
  });
});

describe('after a restart', () => {
  test('in the same Pod nothing is written', async () => {
    const owner = await createPod('speaker-1');
    const before = start('node-1', { owner });
    before.set('web/a', { interfaces: ['eth0', 'eth1'] });
    before.set('web/b', { interfaces: [] });
    await shows('web/a node-1 eth0,eth1', 'web/b node-1 ');
    await before.stop();
    api.clearRequests();
    const after = start('node-1', { owner });
    after.set('web/a', { interfaces: ['eth1', 'eth0'] });
    after.set('web/b', { interfaces: [] });
    after.complete();
    await rest(200);
    expect(writes()).toEqual([]);
  });

  test('what was announced before and is not spoken of yet stays, until all is said', async () => {
    const before = start('node-1');
    for (const service of ['web/a', 'web/b', 'web/c']) before.set(service, { interfaces: [] });
    await shows('web/a node-1 ', 'web/b node-1 ', 'web/c node-1 ');
    await before.stop();
    const after = start('node-1');
    after.set('web/a', { interfaces: [] });
    after.set('web/c', undefined);
    await shows('web/a node-1 ', 'web/b node-1 ');
    await rest();
    expect(await texts()).toHaveLength(2);
    after.complete();
    await shows('web/a node-1 ');
  });

  test('in a new Pod the object becomes the new Pod’s, by one write', async () => {
    const before = start('node-1', { owner: await createPod('speaker-old') });
    before.set('web/a', { interfaces: [] });
    const [made] = await shows('web/a node-1 ');
    await before.stop();
    const owner = await createPod('speaker-new');
    api.clearRequests();
    start('node-1', { owner }).set('web/a', { interfaces: [] });
    await until(async () => (await first()).metadata.ownerReferences?.[0]?.uid === owner.uid);
    await rest();
    expect((await first()).metadata).toMatchObject({ uid: made?.metadata.uid, ownerReferences: [{ uid: owner.uid }] });
    expect(writes()).toEqual([`PATCH ${PATH}/l2`]);
  });

  test('what the old Pod’s end took away is made again', async () => {
    const old = await createPod('speaker-old');
    const before = start('node-1', { owner: old });
    before.set('web/a', { interfaces: [] });
    await shows('web/a node-1 ');
    await before.stop();
    const owner = await createPod('speaker-new');
    const after = start('node-1', { owner });
    await client.request('DELETE', `/api/v1/namespaces/${NAMESPACE}/pods/speaker-old?gracePeriodSeconds=0`);
    after.set('web/a', { interfaces: [] });
    await until(async () => (await all())[0]?.metadata.ownerReferences?.[0]?.uid === owner.uid);
    await shows('web/a node-1 ');
  });
});

describe('what somebody else does', () => {
  test('edits are put right, also of labels, owners and interfaces; a deleted object is made again', async () => {
    const owner = await createPod('speaker-1');
    const writer = start('node-1', { owner });
    writer.set('web/a', { interfaces: ['eth0'] });
    const [object] = await shows('web/a node-1 eth0');
    if (object === undefined) throw new Error('it is there');
    await client.request('PATCH', `${pathOf(object)}/status`, { body: { status: { interfaces: [{ name: 'x' }] } } });
    await shows('web/a node-1 eth0');
    await client.request('PATCH', pathOf(object), {
      body: {
        metadata: {
          labels: { 'metallb.io/node': 'node-9', 'metallb.io/service-name': null, theirs: 'x' },
          ownerReferences: [],
        },
      },
    });
    await until(async () => (await first()).metadata.labels?.['metallb.io/service-name'] === 'a');
    expect((await first()).metadata).toMatchObject({
      uid: object.metadata.uid,
      labels: { 'metallb.io/node': 'node-1', 'metallb.io/service-name': 'a', theirs: 'x' },
      ownerReferences: [{ uid: owner.uid }],
    });
    await client.request('PATCH', `${pathOf(object)}/status`, { body: { status: null } });
    await shows('web/a node-1 eth0');
    await client.request('DELETE', pathOf(object));
    const [again] = await shows('web/a node-1 eth0');
    expect(again?.metadata.uid).not.toBe(object.metadata.uid);
  });

  test('of several of ours one stays; one that claims our node for a Service that we do not announce goes', async () => {
    const make = (name: string, service: string): Promise<unknown> =>
      client.request('POST', PATH, {
        body: {
          apiVersion: 'metallb.io/v1beta1',
          kind: 'ServiceL2Status',
          metadata: {
            name,
            labels: {
              'metallb.io/node': 'node-1',
              'metallb.io/service-name': service,
              'metallb.io/service-namespace': 'web',
            },
          },
          spec: {},
        },
      });
    await make('l2-x', 'a');
    await make('l2-y', 'a');
    const writer = start('node-1');
    writer.set('web/a', { interfaces: [] });
    writer.complete();
    await shows('web/a node-1 ');
    await make('l2-z', 'a');
    await make('l2-q', 'b');
    await until(async () => (await all()).length === 1);
    await shows('web/a node-1 ');
  });

  test('who undoes each write is not answered each time at once', async () => {
    const writer = start('node-1');
    writer.set('web/a', { interfaces: [] });
    await shows('web/a node-1 ');
    const undoing = setInterval(() => {
      all()
        .then((objects) => Promise.all(objects.map((object) => client.request('DELETE', pathOf(object)))))
        .catch(() => undefined);
    }, 5);
    await rest(800);
    clearInterval(undoing);
    expect(api.writes.filter(({ method }) => method === 'POST').length).toBeLessThan(10);
    expect(warnings).toEqual([expect.stringContaining('somebody else undoes')]);
    await shows('web/a node-1 ');
  });
});

describe('of several nodes', () => {
  test('the new leader deletes what the one before it left; the others let it be', async () => {
    const old = start('node-1');
    old.set('web/a', { interfaces: [] });
    await shows('web/a node-1 ');
    await old.stop(); // it has died
    const bystander = start('node-3');
    bystander.complete();
    bystander.set('web/a', undefined);
    await rest();
    expect(await texts()).toEqual(['web/a node-1 ']);
    start('node-2').set('web/a', { interfaces: ['eth0'] });
    await shows('web/a node-2 eth0');
  });

  test('a leader that stops deletes its own, in whatever order they hear of it', async () => {
    const [a, b] = [start('node-1'), start('node-2')];
    for (let i = 0; i < 5; i++) {
      a.set('web/a', { interfaces: [] });
      if (i % 2 === 0) await shows('web/a node-1 ');
      b.set('web/a', { interfaces: [] });
      if (i % 2 === 0) await rest(20);
      a.set('web/a', undefined);
      await shows('web/a node-2 ');
      a.set('web/a', { interfaces: [] });
      b.set('web/a', undefined);
      await shows('web/a node-1 ');
    }
  });

  test('two that both announce, as where the gossip is split, are both shown, and do not quarrel', async () => {
    const [a, b] = [start('node-1'), start('node-2')];
    a.set('web/a', { interfaces: [] });
    await shows('web/a node-1 ');
    const { uid } = (await first()).metadata;
    b.set('web/a', { interfaces: [] });
    // The second deletes what the first has said before, which says it again, and that is all.
    await until(async () => (await all()).every(({ metadata }) => metadata.uid !== uid));
    await shows('web/a node-1 ', 'web/a node-2 ');
    api.clearRequests();
    await rest(300);
    expect(writes()).toEqual([]);
    b.set('web/a', undefined);
    await shows('web/a node-1 ');
  });
});

describe('when the API server', () => {
  test('cannot list, nothing is concluded and nothing written; then all is right', async () => {
    const before = start('node-1');
    before.set('web/a', { interfaces: [] });
    await shows('web/a node-1 ');
    await before.stop();
    api.clearRequests();
    api.inject({ method: 'GET', path: /servicel2statuses/, times: 40, fault: { kind: 'status', code: 500 } });
    const writer = start('node-1');
    writer.set('web/a', { interfaces: [] });
    writer.set('web/b', { interfaces: [] });
    writer.complete();
    await until(() => api.requests.length > 10);
    expect(writes()).toEqual([]);
    await until(() => api.writes.length > 0);
    await shows('web/a node-1 ', 'web/b node-1 ');
    expect(writes()).toEqual([`POST ${PATH}`, `PATCH ${PATH}/l2/status`]);
  });

  test('goes away and comes back, what changed meanwhile is written then', async () => {
    const writer = start('node-1');
    writer.set('web/a', { interfaces: [] });
    writer.set('web/b', { interfaces: [] });
    await shows('web/a node-1 ', 'web/b node-1 ');
    await api.stop();
    writer.set('web/a', { interfaces: ['eth0'] });
    writer.set('web/b', undefined);
    writer.set('web/c', { interfaces: [] });
    await rest();
    await api.start();
    await shows('web/a node-1 eth0', 'web/c node-1 ');
  });

  test('fails between creation and status, the status follows', async () => {
    api.inject({ method: 'PATCH', path: /status/, times: 3, fault: { kind: 'status', code: 500 } });
    start('node-1').set('web/a', { interfaces: ['eth0'] });
    await shows('web/a node-1 eth0');
    expect(await all()).toHaveLength(1);
  });

  test.for<'lostAnswer' | 'disconnect'>(['lostAnswer', 'disconnect'])(
    'breaks off a creation (%s), there is one object in the end',
    async (kind) => {
      api.inject({ method: 'POST', path: /servicel2statuses/, times: 3, fault: { kind } });
      start('node-1').set('web/a', { interfaces: ['eth0'] });
      await shows('web/a node-1 eth0');
      await rest(200);
      expect(await texts()).toEqual(['web/a node-1 eth0']);
    },
  );

  test('has forgotten its history, what happened meanwhile is seen', async () => {
    const writer = start('node-1');
    for (const name of ['a', 'b', 'c']) writer.set(`web/${name}`, { interfaces: [] });
    await shows('web/a node-1 ', 'web/b node-1 ', 'web/c node-1 ');
    await api.stop();
    await api.start();
    const object = await waitUntil('the server to be back', first);
    await client.request('DELETE', pathOf(object));
    api.expireHistory();
    await shows('web/a node-1 ', 'web/b node-1 ', 'web/c node-1 ');
  });

  test('refuses the writes, the rule is named once, and no Service is asked for again and again', async () => {
    api.inject({ method: 'POST', path: /servicel2statuses/, times: 10_000, fault: { kind: 'status', code: 403 } });
    const writer = start('node-1');
    for (let i = 0; i < 50; i++) writer.set(`web/s${i}`, { interfaces: [] });
    await until(() => warnings.length > 0);
    await rest(100);
    const posts = api.requests.filter(({ method }) => method === 'POST').length;
    await rest(300);
    expect(api.requests.filter(({ method }) => method === 'POST').length).toBe(posts);
    expect(posts).toBeLessThan(30);
    expect(warnings).toEqual(['not allowed to write ServiceL2Statuses']);
  });
});

test('hundreds of Services are written a few at a time, each once', async () => {
  const writer = start('node-1');
  const wanted = Array.from({ length: 400 }, (_, i) => `web/s${i}`);
  for (const service of wanted) writer.set(service, { interfaces: ['eth0'] });
  await shows(...wanted.map((service) => `${service} node-1 eth0`));
  await rest();
  expect(api.writes).toHaveLength(800);
  for (const service of wanted) writer.set(service, undefined);
  await shows();
  expect(api.writes).toHaveLength(1200);
});
