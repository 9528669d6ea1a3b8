import { type MemoryApi, openMemoryApi, waitUntil } from '@steelyard/testkit';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  followSpeakerPeers,
  type KubeClient,
  openKubeClient,
  type SpeakerPeers,
  type SpeakerPeersOptions,
} from '../src/index.ts';
import { failure, list, type ScriptedApi, startScriptedApi } from './scripted-api.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const FAILED = 'warn: failed to get pod IPs, what was known stays';
const LABELS = 'app=metallb,component=speaker';
const closing: (() => Promise<unknown>)[] = [];
const lines: string[] = [];
const say = (level: string) => (pairs: object, msg: string) =>
  void lines.push(`${level}: ${msg}${'remedy' in pairs ? `; ${pairs.remedy}` : ''}`);
const logger = { debug: () => undefined, info: say('info'), warn: say('warn'), error: say('error') };
let told: (readonly string[])[] = [];
let client: KubeClient;

beforeEach(() => {
  told = [];
  lines.length = 0;
});
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

function follow(options: Partial<SpeakerPeersOptions> = {}): SpeakerPeers {
  const peers = followSpeakerPeers({
    client,
    namespace: 'metallb-system',
    labels: LABELS,
    onPeers: (addresses) => void told.push(addresses),
    logger,
    timing: {
      refusedMs: 30,
      poll: { minIntervalMs: 5, intervalMs: 60_000, retryMinMs: 1, retryMaxMs: 4 },
      watch: { retryMinMs: 1, retryMaxMs: 4, slowRetryMinMs: 2, slowRetryMaxMs: 8 },
    },
    ...options,
  });
  closing.push(() => peers.stop());
  return peers;
}
const until = (what: string, condition: () => boolean): Promise<unknown> => waitUntil(what, condition);
const rest = (ms = 60): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe('where Pods may be watched', () => {
  let api: MemoryApi;
  const pods = '/api/v1/namespaces/metallb-system/pods';
  beforeEach(async () => {
    api = await openMemoryApi();
    client = await openKubeClient({ kubeconfigPath: api.kubeconfigPath, env: {} });
    closing.push(
      () => api.close(),
      () => client.close(),
    );
    const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'metallb-system' } };
    await client.request('POST', '/api/v1/namespaces', { body: namespace });
  });

  async function createPod(
    name: string,
    podIP: string | undefined,
    labels: object = { app: 'metallb', component: 'speaker' },
  ): Promise<void> {
    const spec = { nodeName: `node-${name}`, containers: [{ name: 'c', image: 'example.com/c:1' }] };
    await client.request('POST', pods, { body: { apiVersion: 'v1', kind: 'Pod', metadata: { name, labels }, spec } });
    await setStatus(name, podIP === undefined ? { phase: 'Pending' } : { phase: 'Running', podIP });
  }
  const setStatus = (name: string, status: object): Promise<unknown> =>
    client.request('PATCH', `${pods}/${name}/status`, { body: { status } });

  test('the addresses of the selected are told, then each change', async () => {
    await createPod('b', '192.0.2.2');
    await createPod('a', '192.0.2.1');
    await createPod('pending', undefined);
    await createPod('controller', '192.0.2.9', { app: 'metallb', component: 'controller' });
    const peers = follow();
    await until('two', () => told.length > 0);
    expect(told).toEqual([['192.0.2.1', '192.0.2.2']]);
    await setStatus('pending', { phase: 'Running', podIP: '2001:DB8::0003' });
    await until('three', () => told.length > 1);
    await client.request('DELETE', `${pods}/a?gracePeriodSeconds=0`);
    await until('two again', () => told.length > 2);
    expect(told.slice(1)).toEqual([
      ['192.0.2.1', '192.0.2.2', '2001:db8::3'],
      ['192.0.2.2', '2001:db8::3'],
    ]);
    expect(peers.addresses).toEqual(told.at(-1));
    expect(lines).toEqual([]);
  });

  test('the own node is left out, and so are Pods that have ended', async () => {
    await createPod('a', '192.0.2.1');
    await createPod('b', '192.0.2.2');
    await createPod('old', '192.0.2.3');
    await setStatus('old', { phase: 'Failed' });
    follow({ nodeName: 'node-a' });
    await until('one', () => told.length > 0);
    expect(told).toEqual([['192.0.2.2']]);
  });

  test('that there is nobody is told too', async () => {
    follow();
    await until('nobody', () => told.length > 0);
    expect(told).toEqual([[]]);
  });

  test('who asks again is told again, once for many questions, and without a request', async () => {
    await createPod('a', '192.0.2.1');
    const peers = follow();
    await until('one', () => told.length > 0);
    await rest();
    api.clearRequests();
    for (let i = 0; i < 10; i++) peers.lookAgain();
    await rest();
    expect(told).toEqual([['192.0.2.1'], ['192.0.2.1']]);
    expect(api.requests).toEqual([]);
  });

  test('nothing is told while it cannot be listed; what is known stays while the server is away', async () => {
    await createPod('a', '192.0.2.1');
    api.inject({ method: 'GET', path: /pods/, times: 5, fault: { kind: 'status', code: 500 } });
    const peers = follow();
    await until('one', () => told.length > 0);
    expect(lines.filter((line) => line.startsWith('warn'))).toEqual([FAILED]);
    await api.stop();
    await rest();
    expect(peers.addresses).toEqual(['192.0.2.1']);
    await api.start();
    await waitUntil('a second Pod', () => createPod('b', '192.0.2.2').then(() => true));
    await until('two', () => told.length > 1);
    expect(told).toEqual([['192.0.2.1'], ['192.0.2.1', '192.0.2.2']]);
  });

  test('no labels would be every Pod', () => {
    expect(() => follow({ labels: ' ' })).toThrow(TypeError);
  });
});

describe('where Pods may only be listed', () => {
  let api: ScriptedApi;
  let items: object[] = [];
  let listing: 'yes' | 'refused' | 'failing' | 'malformed' = 'yes';
  let version = 1;
  const pod = (name: string, podIP: unknown): object => ({
    metadata: { name, namespace: 'metallb-system', uid: name, resourceVersion: '1' },
    status: { podIP },
  });
  beforeEach(async () => {
    items = [];
    listing = 'yes';
    api = await startScriptedApi();
    client = await openKubeClient({ kubeconfigPath: api.kubeconfigPath, env: {} });
    closing.push(
      async () => await api[Symbol.asyncDispose](),
      () => client.close(),
    );
    api.otherwise((request, response) => {
      if (request.query.has('watch')) failure(403, 'Forbidden')(request, response);
      else if (listing === 'refused') failure(403, 'Forbidden')(request, response);
      else if (listing === 'failing') failure(500, 'InternalError')(request, response);
      else if (listing === 'malformed') failure(400, 'BadRequest', 'unable to parse requirement')(request, response);
      else list(String(version++), items)(request, response);
    });
  });
  const POLLING =
    'info: not allowed to watch the Pods of speakers, listing them every five minutes; allow "watch" of pods in the namespace to hear of them at once';
  const lists = (): number => api.requests.filter(({ query }) => !query.has('watch')).length;

  test('they are listed, the rule is named once, and they are listed again when there is reason to', async () => {
    items = [pod('a', '192.0.2.1'), pod('b', ''), pod('c', 'nonsense'), pod('d', 7), pod('e', '192.0.2.1')];
    const peers = follow();
    await until('the rule', () => lines.length > 0);
    expect(told).toEqual([['192.0.2.1']]);
    expect(lines).toEqual([POLLING]);
    await rest(); // for a watch that was under way
    const before = lists();
    const watches = api.requests.length - before;
    items = [...items, pod('f', '192.0.2.2')];
    for (let i = 0; i < 20; i++) peers.lookAgain();
    await until('two', () => told.length > 1);
    await rest();
    expect(told.at(-1)).toEqual(['192.0.2.1', '192.0.2.2']);
    expect(lists() - before).toBeLessThanOrEqual(2);
    expect(api.requests.length - lists()).toBe(watches); // it is not tried to watch any more
    expect(api.requests.every(({ query }) => query.get('labelSelector') === LABELS)).toBe(true);
    peers.lookAgain();
    await until('the same again', () => told.length > 2);
    expect(lines).toHaveLength(1);
  });

  test('they are listed at intervals', async () => {
    follow({ timing: { refusedMs: 5, poll: { intervalMs: 10, minIntervalMs: 1 }, watch: { slowRetryMinMs: 1 } } });
    await until('polling', () => lines.length > 0);
    items = [pod('a', '192.0.2.1')];
    await until('one', () => told.length > 1);
    const before = lists();
    await until('more lists', () => lists() > before + 3);
    expect(told).toEqual([[], ['192.0.2.1']]);
  });

  test('what fails keeps what was known, is said once, and is tried again', async () => {
    items = [pod('a', '192.0.2.1')];
    const peers = follow();
    await until('polling', () => lines.length > 0);
    listing = 'failing';
    items = [];
    const before = lists();
    peers.lookAgain();
    await until('several tries', () => lists() > before + 4);
    expect(peers.addresses).toEqual(['192.0.2.1']);
    expect(lines).toEqual([POLLING, FAILED]);
    listing = 'yes';
    await until('nobody', () => told.length > 1);
    expect(told).toEqual([['192.0.2.1'], []]);
  });

  test('or not even that, the rule is named, it is told once, and all is well when it is there', async () => {
    listing = 'refused';
    let forbidden = 0;
    const peers = follow({ onForbidden: () => void forbidden++ });
    await until('forbidden', () => forbidden > 0);
    const before = lists();
    await until('several tries', () => lists() > before + 4);
    expect([forbidden, told, peers.addresses]).toEqual([1, [], undefined]);
    expect(lines).toEqual(['warn: failed to get pod IPs, what was known stays; allow "list" of pods in the namespace']);
    listing = 'yes';
    items = [pod('a', '192.0.2.1')];
    await until('one', () => told.length > 0);
    expect(told).toEqual([['192.0.2.1']]);
  });

  test('a selector that the API server cannot read is said', async () => {
    listing = 'malformed';
    follow({ labels: 'app in (' });
    await until('a line', () => lines.length > 0);
    await rest();
    expect(lines).toEqual([FAILED]);
    expect(told).toEqual([]);
  });
});
