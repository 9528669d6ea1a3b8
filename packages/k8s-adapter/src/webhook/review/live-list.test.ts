import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { type KubeClient, openKubeClient } from '../../client/kube-client.ts';
import { createLiveList, type LiveList } from './live-list.ts';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

interface Asked {
  readonly url: URL;
  answer(status: number, body: unknown): void;
}

/** An API server whose every answer the test gives. */
async function open(onAsked: (asked: Asked) => void): Promise<KubeClient> {
  const server = createServer((request, response) => {
    onAsked({
      url: new URL(request.url ?? '', 'http://x'),
      answer(status, body) {
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
      },
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => {
    server.close();
    server.closeAllConnections();
  });
  const folder = mkdtempSync(join(tmpdir(), 'live-list-'));
  closing.push(() => rmSync(folder, { recursive: true }));
  const kubeconfigPath = join(folder, 'kubeconfig');
  writeFileSync(
    kubeconfigPath,
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'c',
      clusters: [{ name: 'c', cluster: { server: `http://127.0.0.1:${(server.address() as AddressInfo).port}` } }],
      users: [{ name: 'u', user: {} }],
      contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
    }),
  );
  const client = await openKubeClient({ kubeconfigPath, env: {} });
  closing.push(() => client.close());
  return client;
}

const nameOf = (object: unknown): string => (object as { metadata: { name: string } }).metadata.name;
const page = (names: readonly string[], next?: string): object => ({
  metadata: { resourceVersion: '1', ...(next === undefined ? {} : { continue: next }) },
  items: names.map((name) => ({ metadata: { name } })),
});

function liveList(client: KubeClient, timeoutMs = 10_000): LiveList<string> {
  return createLiveList({
    client,
    path: '/apis/metallb.io/v1beta1/namespaces/x/ipaddresspools',
    project: nameOf,
    timeoutMs,
  });
}

test('a call that comes while a list is under way waits for one that is begun after it, together with all others', async () => {
  const asked: Asked[] = [];
  let arrived = Promise.withResolvers<void>();
  const client = await open((one) => {
    asked.push(one);
    arrived.resolve();
  });
  const list = liveList(client);
  const first = list.read();
  await arrived.promise;
  arrived = Promise.withResolvers();
  const others = [list.read(), list.read(), list.read()];
  asked[0]?.answer(200, page(['old']));
  expect(await first).toEqual(['old']);
  await arrived.promise;
  asked[1]?.answer(200, page(['old', 'new']));
  for (const other of others) expect(await other).toEqual(['old', 'new']);
  expect(asked).toHaveLength(2);
});

test('a list that fails is told to those who asked for it, and the next is not affected', async () => {
  let count = 0;
  const client = await open((one) => {
    if (count++ === 0) one.answer(403, { kind: 'Status', message: 'nodes is forbidden', reason: 'Forbidden' });
    else one.answer(200, page(['a']));
  });
  const list = liveList(client);
  const [first, second] = [list.read(), list.read()];
  await expect(first).rejects.toThrow('nodes is forbidden');
  expect(await second).toEqual(['a']);
});

test('all pages are read', async () => {
  const client = await open(({ url, answer }) => {
    answer(200, url.searchParams.has('continue') ? page(['b']) : page(['a'], 'token'));
  });
  expect(await liveList(client).read()).toEqual(['a', 'b']);
});

test('a list that expires between two pages is begun anew, but not for ever', async () => {
  let count = 0;
  const client = await open(({ url, answer }) => {
    if (!url.searchParams.has('continue')) answer(200, page([`a${++count}`], 'token'));
    else if (count < 2) answer(410, { kind: 'Status', reason: 'Expired' });
    else answer(200, page(['b']));
  });
  expect(await liveList(client).read()).toEqual(['a2', 'b']);
  count = Number.NEGATIVE_INFINITY;
  await expect(liveList(client).read()).rejects.toMatchObject({ httpStatus: 410 });
});

test('an API server that does not answer is given up in time, also where the request waits in the client', async () => {
  const client = await open(() => undefined);
  const busy = Array.from({ length: 32 }, () => client.request('GET', '/api').catch(() => undefined));
  await expect(liveList(client, 50).read()).rejects.toThrow('no answer within 50 ms');
  await client.close();
  await Promise.all(busy);
});
