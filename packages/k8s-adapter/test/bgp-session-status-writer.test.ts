import { customResourceDefinition, steelyardKindDefinitions } from '@steelyard/config';
import { type MemoryApi, openMemoryApi, waitUntil } from '@steelyard/testkit';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  type BgpPeerSessionView,
  type BgpSessionStatusWriter,
  type BgpSessionStatusWriterOptions,
  createBgpSessionStatusWriter,
  type KubeClient,
  openKubeClient,
} from '../src/index.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const NAMESPACE = 'metallb-system';
const PATH = `/apis/steelyard.io/v1alpha1/namespaces/${NAMESPACE}/bgppeersessions`;
const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

interface Shown {
  readonly metadata: {
    readonly name: string;
    readonly uid: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly ownerReferences?: readonly { readonly uid: string }[];
  };
  readonly status?: {
    readonly node?: string;
    readonly peer?: string;
    readonly state?: string;
    readonly lastError?: string;
  };
}

let api: MemoryApi;
let client: KubeClient;
const closing: (() => Promise<unknown>)[] = [];
const warnings: string[] = [];
const logger = {
  debug: () => undefined,
  info: (_: object, msg: string) => void warnings.push(msg),
  warn: (pairs: object, msg: string) => void warnings.push(`${msg}; ${'remedy' in pairs ? pairs.remedy : ''}`),
  error: (_: object, msg: string) => void warnings.push(msg),
};

beforeEach(async () => {
  warnings.length = 0;
  api = await openMemoryApi();
  client = await openKubeClient({ kubeconfigPath: api.kubeconfigPath, env: {} });
  const body = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } };
  await client.request('POST', '/api/v1/namespaces', { body });
});
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
  await client.close();
  await api.close();
});

async function install(): Promise<void> {
  for (const definition of steelyardKindDefinitions) {
    await client.request('POST', DEFINITIONS, { body: customResourceDefinition(definition) });
  }
  api.clearRequests();
}

function start(nodeName = 'node-1', options: Partial<BgpSessionStatusWriterOptions> = {}): BgpSessionStatusWriter {
  const writer = createBgpSessionStatusWriter({
    client,
    namespace: NAMESPACE,
    nodeName,
    owner: { name: 'speaker-1', uid: 'pod-1' },
    logger,
    minIntervalMs: 50,
    timing: { retryMinMs: 1, retryMaxMs: 4, slowRetryMinMs: 1, slowRetryMaxMs: 4, random: () => 0.5 },
    ...options,
  });
  closing.push(() => writer.stop());
  return writer;
}

const AT_MS = Date.UTC(2026, 0, 2);
const session = (state: BgpPeerSessionView['state'], more: Partial<BgpPeerSessionView> = {}): BgpPeerSessionView => ({
  address: '192.0.2.1',
  port: 179,
  localAsn: 64512,
  peerAsn: 64513,
  routerId: '192.0.2.9',
  localAddress: '192.0.2.9',
  state,
  stateSinceMs: AT_MS,
  establishedAtMs: state === 'Established' ? AT_MS : undefined,
  lastError: undefined,
  holdTimeSeconds: 90,
  keepaliveTimeMs: 30_000,
  sentCapabilities: ['IPv4 unicast'],
  receivedCapabilities: ['IPv4 unicast'],
  prefixesAnnounced: 1,
  prefixesUnsendable: 0,
  unsendableBecause: undefined,
  ...more,
});
const failed = (text: string, atMs = AT_MS): BgpPeerSessionView => session('Active', { lastError: { text, atMs } });

const all = async (): Promise<readonly Shown[]> =>
  ((await client.request('GET', PATH)).body as { items: Shown[] | null }).items ?? [];
const said = ({ status = {} }: Shown): string =>
  `${status.node} ${status.peer} ${status.state}${status.lastError === undefined ? '' : ` ${status.lastError}`}`;
async function shows(...wanted: string[]): Promise<readonly Shown[]> {
  const inOrder = (list: readonly string[]): string => JSON.stringify(list.toSorted((a, b) => (a < b ? -1 : 1)));
  return waitUntil(`the objects to say ${inOrder(wanted)}`, async () => {
    const objects = await all();
    return inOrder(objects.map(said)) === inOrder(wanted) && objects;
  });
}
const writes = (): string[] => api.writes.map(({ method, path }) => `${method} ${path.replace(PATH, '')}`);
const rest = (ms = 200): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const of = (sessions: Record<string, BgpPeerSessionView>): ReadonlyMap<string, BgpPeerSessionView> =>
  new Map(Object.entries(sessions));

describe('the sessions of a node', () => {
  test('are one object each, with labels and the Pod as owner, made in two requests', async () => {
    await install();
    start().set(of({ tor: session('Established'), other: failed('connection refused') }));
    const objects = await shows('node-1 tor Established', 'node-1 other Active connection refused');
    const tor = objects.find(({ metadata }) => metadata.name === 'node-1-tor');
    expect(tor?.metadata.labels).toEqual({ 'steelyard.io/node': 'node-1', 'steelyard.io/peer': 'tor' });
    expect(tor?.metadata.ownerReferences).toMatchObject([{ kind: 'Pod', name: 'speaker-1', uid: 'pod-1' }]);
    await rest();
    expect(writes().toSorted((a, b) => (a < b ? -1 : 1))).toEqual([
      'PATCH /node-1-other/status',
      'PATCH /node-1-tor/status',
      'POST ',
      'POST ',
    ]);
    expect(warnings).toEqual([]);
  });

  test('are written once for each difference, and not at all at rest', async () => {
    await install();
    const writer = start();
    writer.set(of({ tor: session('Active') }));
    await shows('node-1 tor Active');
    api.clearRequests();
    for (let i = 0; i < 20; i++) writer.set(of({ tor: session('Active', { stateSinceMs: AT_MS + i }) }));
    await rest();
    expect(writes()).toEqual([]);
    writer.set(of({ tor: session('Established') }));
    await shows('node-1 tor Established');
    await rest();
    expect(writes()).toEqual(['PATCH /node-1-tor/status']);
  });

  test('that go go with their objects', async () => {
    await install();
    const writer = start();
    writer.set(of({ tor: session('Established'), other: session('Active') }));
    await shows('node-1 tor Established', 'node-1 other Active');
    writer.set(of({ other: session('Active') }));
    await shows('node-1 other Active');
    writer.set(of({}));
    await shows();
  });

  test('that flap are written seldom, and the last state is shown', async () => {
    await install();
    const writer = start('node-1', { minIntervalMs: 300 });
    writer.set(of({ tor: session('Active') }));
    await shows('node-1 tor Active');
    api.clearRequests();
    for (let i = 0; i < 100; i++) {
      writer.set(of({ tor: i % 2 === 0 ? session('Established') : failed(`error ${i}`) }));
      await rest(5);
    }
    writer.set(of({ tor: failed('the last one') }));
    await shows('node-1 tor Active the last one');
    expect(writes().length).toBeLessThan(10);
  });

  test('that are tried in vain are not written for each attempt', async () => {
    await install();
    const writer = start();
    writer.set(of({ tor: failed('connection refused') }));
    await shows('node-1 tor Active connection refused');
    api.clearRequests();
    for (let i = 1; i <= 20; i++) {
      const state = i % 2 === 0 ? 'Active' : 'Connect';
      writer.set(of({ tor: { ...failed('connection refused', AT_MS + i * 60_000), state } }));
      await rest(10);
    }
    await rest();
    expect(writes()).toEqual([]);
    writer.set(of({ tor: failed('no route to host', AT_MS + 9_999_999) }));
    await shows('node-1 tor Active no route to host');
  });
});

describe('after a restart', () => {
  test('nothing is written where all is right, what is no more is deleted, and the new Pod becomes the owner', async () => {
    await install();
    const before = start();
    before.set(of({ tor: session('Established'), gone: session('Active') }));
    await shows('node-1 tor Established', 'node-1 gone Active');
    await before.stop();
    api.clearRequests();
    const same = start();
    await rest();
    same.set(of({ tor: session('Established'), gone: session('Active') }));
    await rest();
    expect(writes()).toEqual([]);
    await same.stop();
    start('node-1', { owner: { name: 'speaker-2', uid: 'pod-2' } }).set(of({ tor: session('Established') }));
    const [object] = await shows('node-1 tor Established');
    await waitUntil('the new owner', async () => (await all())[0]?.metadata.ownerReferences?.[0]?.uid === 'pod-2');
    expect((await all())[0]?.metadata.uid).toBe(object?.metadata.uid);
    await rest();
    expect(writes().toSorted((a, b) => (a < b ? -1 : 1))).toEqual(['DELETE /node-1-gone', 'PATCH /node-1-tor']);
  });

  test('nothing is concluded before the sessions are known', async () => {
    await install();
    const before = start();
    before.set(of({ tor: session('Established') }));
    await shows('node-1 tor Established');
    await before.stop();
    start();
    await rest();
    await shows('node-1 tor Established');
  });
});

describe('what somebody else does', () => {
  test('is put right: edits, deletions, labels', async () => {
    await install();
    const writer = start();
    writer.set(of({ tor: session('Established') }));
    const [object] = await shows('node-1 tor Established');
    await client.request('PATCH', `${PATH}/node-1-tor/status`, { body: { status: { state: 'Idle' } } });
    await shows('node-1 tor Established');
    await client.request('DELETE', `${PATH}/node-1-tor`);
    const [again] = await shows('node-1 tor Established');
    expect(again?.metadata.uid).not.toBe(object?.metadata.uid);
    const labels = { 'steelyard.io/node': 'node-9' };
    await client.request('PATCH', `${PATH}/node-1-tor`, { body: { metadata: { labels } } });
    await waitUntil('the label', async () => (await all())[0]?.metadata.labels?.['steelyard.io/node'] === 'node-1');
    await shows('node-1 tor Established');
  });

  test('a node whose object would have another’s name takes one of its own, and neither touches the other’s', async () => {
    await install();
    const [one, other] = [start('a-b'), start('a')];
    one.set(of({ c: session('Established') }));
    await shows('a-b c Established');
    other.set(of({ 'b-c': session('Active') }));
    await shows('a-b c Established', 'a b-c Active');
    api.clearRequests();
    one.set(of({ c: session('Established') }));
    other.set(of({ 'b-c': session('Active') }));
    await rest();
    expect(writes()).toEqual([]);
    other.set(of({}));
    await shows('a-b c Established');
  });

  test('an answer that is lost makes no second object', async () => {
    await install();
    api.inject({ method: 'POST', path: /bgppeersessions/, times: 1, fault: { kind: 'lostAnswer' } });
    start().set(of({ tor: session('Established') }));
    await shows('node-1 tor Established');
  });
});

describe('where it cannot be', () => {
  test('the missing CRD is named in one line; once it is there, all is shown', async () => {
    const writer = start();
    writer.set(of({ tor: session('Established') }));
    await waitUntil('the line', () => warnings.length > 0);
    await rest();
    expect(warnings).toEqual([
      expect.stringMatching(/the kind BGPPeerSession is not installed.*bgppeersessions\.steelyard\.io/),
    ]);
    await install();
    await shows('node-1 tor Established');
    expect(warnings).toHaveLength(1);
  });

  test.for<[what: string, method: string, writesTried: number]>([
    ['reading', 'GET', 0],
    ['writing', 'POST', 3],
  ])(
    'the missing right of %s is named in one line, and nothing is tried again and again',
    async ([, method, tried]) => {
      await install();
      api.inject({ method, path: /bgppeersessions/, times: 10_000, fault: { kind: 'status', code: 403 } });
      const timing = { slowRetryMinMs: 5_000, slowRetryMaxMs: 5_000 };
      const writer = start('node-1', { timing });
      writer.set(of({ a: session('Active'), b: session('Active'), c: session('Active'), d: session('Active') }));
      await waitUntil('the line', () => warnings.length > 0);
      await rest(300);
      expect(warnings).toEqual([
        expect.stringMatching(/not allowed to .* BGPPeerSessions.*"patch" of bgppeersessions\/status/),
      ]);
      expect(writes().length).toBeLessThanOrEqual(tried + 1);
    },
  );

  test('a list that fails deletes nothing', async () => {
    await install();
    const before = start();
    before.set(of({ tor: session('Established') }));
    await shows('node-1 tor Established');
    await before.stop();
    api.inject({ method: 'GET', path: /bgppeersessions/, times: 20, fault: { kind: 'status', code: 500 } });
    api.clearRequests();
    start().set(of({}));
    await waitUntil('the attempts', () => api.requests.length > 5);
    expect(writes()).toEqual([]);
    await waitUntil('the end', () => writes().length > 0);
    expect(writes()).toEqual(['DELETE /node-1-tor']);
  });
});
