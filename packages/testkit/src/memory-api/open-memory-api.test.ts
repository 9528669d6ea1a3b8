import { statSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type MemoryApi, openMemoryApi } from './open-memory-api.ts';

const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';

let api: MemoryApi;

beforeEach(async () => {
  api = await openMemoryApi({ historyLimit: 100 });
});

afterEach(async () => {
  await api.close();
});

function ask(path: string, init: RequestInit = {}): Promise<Response> {
  const headers = { Authorization: `Bearer ${api.token}`, 'Content-Type': 'application/json' };
  return fetch(`${api.url}${path}`, { headers, ...init });
}

async function create(name: string, data: object = {}): Promise<{ metadata: { resourceVersion: string } }> {
  const response = await ask(CONFIG_MAPS, { method: 'POST', body: JSON.stringify({ metadata: { name }, data }) });
  return response.json() as Promise<{ metadata: { resourceVersion: string } }>;
}

interface WatchLine {
  readonly type: string;
  readonly object: { readonly metadata: Record<string, unknown>; readonly code?: number; readonly message?: string };
}

/** Reads a watch until an event satisfies `last`. */
async function readWatch(query: string, last: (event: WatchLine) => boolean): Promise<WatchLine[]> {
  const response = await ask(`${CONFIG_MAPS}?watch=true&${query}`);
  const events: WatchLine[] = [];
  let rest = '';
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    const lines = `${rest}${Buffer.from(chunk).toString()}`.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const event = JSON.parse(line) as WatchLine;
      events.push(event);
      // Leaving the loop ends the watch.
      if (last(event)) return events;
    }
  }
  return events;
}

test('the kubeconfig is for this user only, and goes with the server', async () => {
  expect(statSync(api.kubeconfigPath).mode & 0o777).toBe(0o600);
  const { kubeconfigPath } = api;
  await api.close();
  expect(() => statSync(kubeconfigPath)).toThrow();
});

test('a wrong token is refused', async () => {
  const response = await fetch(`${api.url}/api/v1/nodes`, { headers: { Authorization: 'Bearer wrong' } });
  expect(response.status).toBe(401);
});

test('the metallb.io kinds are there, or are not', async () => {
  expect((await ask('/apis/metallb.io/v1beta1/ipaddresspools')).status).toBe(200);
  await using legacy = await openMemoryApi({ customResources: false });
  const response = await fetch(`${legacy.url}/apis/metallb.io/v1beta1/ipaddresspools`);
  expect([response.status, await response.text()]).toEqual([404, '404 page not found\n']);
});

test('a definition that is created makes its kind appear', async () => {
  const definition = {
    metadata: { name: 'scales.example.com' },
    spec: {
      group: 'example.com',
      scope: 'Cluster',
      names: { plural: 'scales', kind: 'Scale' },
      versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }],
    },
  };
  const path = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
  expect((await ask('/apis/example.com/v1/scales')).status).toBe(404);
  await ask(path, { method: 'POST', body: JSON.stringify(definition) });
  expect((await ask('/apis/example.com/v1/scales')).status).toBe(200);
});

describe('a watch', () => {
  test('resumes from a version without missing or repeating anything', async () => {
    const { metadata } = await create('a');
    await create('b');
    const seen = readWatch(
      `resourceVersion=${metadata.resourceVersion}`,
      ({ object }) => object.metadata['name'] === 'c',
    );
    await create('c');
    expect((await seen).map(({ type, object }) => `${type} ${object.metadata['name']}`)).toEqual([
      'ADDED b',
      'ADDED c',
    ]);
  });

  test('from before the history is an ERROR event with 410', async () => {
    const { metadata } = await create('a');
    await create('b');
    api.expireHistory();
    const [event] = await readWatch(`resourceVersion=${metadata.resourceVersion}`, () => true);
    expect(event).toMatchObject({ type: 'ERROR', object: { code: 410, reason: 'Expired' } });
    expect(event?.object.message).toMatch(/^too old resource version: \d+ \(\d+\)$/);
  });

  test('sends bookmarks to those who take them', async () => {
    const { metadata } = await create('a');
    const from = `resourceVersion=${metadata.resourceVersion}&fieldSelector=metadata.name%3Da`;
    const seen = readWatch(`${from}&allowWatchBookmarks=true`, ({ type }) => type === 'BOOKMARK');
    await expect.poll(() => api.openWatches).toBe(1);
    await create('b');
    api.sendBookmarks();
    const [bookmark] = await seen;
    expect(bookmark?.object.metadata['resourceVersion']).toBe(String(api.resourceVersion));
  });

  test('ends when its time is over', async () => {
    const response = await ask(`${CONFIG_MAPS}?watch=true&timeoutSeconds=1&resourceVersion=${api.resourceVersion}`);
    expect(await response.text()).toBe('');
    await expect.poll(() => api.openWatches).toBe(0);
  });

  test('breaks when the server stops, and the data are there when it starts again', async () => {
    const { metadata } = await create('a');
    const broken = readWatch(`resourceVersion=${metadata.resourceVersion}`, () => false);
    await expect.poll(() => api.openWatches).toBe(1);
    const rejected = expect(broken).rejects.toThrow();
    await api.stop();
    await rejected;
    await expect(ask(CONFIG_MAPS)).rejects.toThrow();
    await api.start();
    expect((await ask(`${CONFIG_MAPS}/a`)).status).toBe(200);
  });
});

test('a list that is continued after its version is gone says how to go on', async () => {
  for (const name of ['a', 'b', 'c']) await create(name);
  const first = (await (await ask(`${CONFIG_MAPS}?limit=1`)).json()) as { metadata: { continue: string } };
  await create('d');
  api.expireHistory();
  const refused = await ask(`${CONFIG_MAPS}?limit=1&continue=${first.metadata.continue}`);
  const status = (await refused.json()) as { reason: string; metadata: { continue: string } };
  expect([refused.status, status.reason]).toEqual([410, 'Expired']);
  const rest = (await (await ask(`${CONFIG_MAPS}?continue=${status.metadata.continue}`)).json()) as {
    items: { metadata: { name: string } }[];
  };
  expect(rest.items.map(({ metadata }) => metadata.name)).toEqual(['b', 'c', 'd', 'kube-root-ca.crt']);
});

describe('injected faults', () => {
  test.each([
    [409, 'Conflict'],
    [410, 'Expired'],
    [429, 'TooManyRequests'],
    [500, 'InternalError'],
    [503, 'ServiceUnavailable'],
  ])('%i strikes as often as asked, and changes nothing', async (code, reason) => {
    const before = api.resourceVersion;
    api.inject({ method: 'POST', path: /configmaps/, times: 2, fault: { kind: 'status', code, retryAfterSeconds: 7 } });
    for (let i = 0; i < 2; i++) {
      const response = await ask(CONFIG_MAPS, { method: 'POST', body: '{"metadata":{"name":"a"}}' });
      expect([response.status, response.headers.get('Retry-After')]).toEqual([code, '7']);
      expect(await response.json()).toMatchObject({ kind: 'Status', reason, code });
    }
    expect([api.resourceVersion, api.pendingFaults]).toEqual([before, 0]);
    expect((await create('a')).metadata.resourceVersion).toBe(String(before + 1));
  });

  test('only what matches is struck', async () => {
    api.inject({ method: 'PUT', fault: { kind: 'disconnect' } });
    api.inject({ path: /nodes/, fault: { kind: 'disconnect' } });
    expect((await ask(CONFIG_MAPS)).status).toBe(200);
    await expect(ask('/api/v1/nodes')).rejects.toThrow();
    api.clearFaults();
    expect(api.pendingFaults).toBe(0);
  });

  test('a connection breaks before, in the middle of and after an answer', async () => {
    api.inject({ fault: { kind: 'disconnect' } });
    await expect(ask(CONFIG_MAPS)).rejects.toThrow();
    api.inject({ fault: { kind: 'cut', afterOctets: 20 } });
    await expect(ask(CONFIG_MAPS).then((response) => response.text())).rejects.toThrow();
    api.inject({ fault: { kind: 'lostAnswer' } });
    await expect(create('stored')).rejects.toThrow();
    expect((await ask(`${CONFIG_MAPS}/stored`)).status).toBe(200);
  });

  test('a watch is cut in the middle of an event', async () => {
    await create('a');
    api.inject({ path: /watch/, fault: { kind: 'cut', afterOctets: 40 } });
    const response = await ask(`${CONFIG_MAPS}?watch=true`);
    await expect(response.text()).rejects.toThrow();
    await expect.poll(() => api.openWatches).toBe(0);
  });

  test('an answer is no JSON, or never comes', async () => {
    api.inject({ fault: { kind: 'garbage' } });
    await expect(ask(CONFIG_MAPS).then((response) => response.json())).rejects.toThrow();
    api.inject({ fault: { kind: 'hang' } });
    const aborting = new AbortController();
    const hanging = expect(ask(CONFIG_MAPS, { signal: aborting.signal })).rejects.toThrow();
    await expect.poll(() => api.pendingFaults).toBe(0);
    aborting.abort();
    await hanging;
  });
});

test('the log tells writes from reads', async () => {
  api.clearRequests();
  await create('a', { b: 'c' });
  await ask(`${CONFIG_MAPS}/a`);
  await ask(`${CONFIG_MAPS}/missing`);
  expect(api.requests.map(({ method, path, status }) => `${method} ${path} ${status}`)).toEqual([
    `POST ${CONFIG_MAPS} 201`,
    `GET ${CONFIG_MAPS}/a 200`,
    `GET ${CONFIG_MAPS}/missing 404`,
  ]);
  expect(api.writes).toMatchObject([{ method: 'POST', body: { metadata: { name: 'a' }, data: { b: 'c' } } }]);
});

test('what belongs to a deleted owner goes with it', async () => {
  const owner = (await create('owner')) as unknown as { metadata: { uid: string } };
  const ownerReferences = [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid: owner.metadata.uid }];
  const body = JSON.stringify({ metadata: { name: 'owned', ownerReferences } });
  await ask(CONFIG_MAPS, { method: 'POST', body });
  await ask(`${CONFIG_MAPS}/owner`, { method: 'DELETE' });
  await expect.poll(async () => (await ask(`${CONFIG_MAPS}/owned`)).status).toBe(404);
});

test('a body that is too large is refused', async () => {
  const response = await ask(CONFIG_MAPS, { method: 'POST', body: `{"a":"${'x'.repeat(3 * 1024 * 1024)}"}` });
  expect(response.status).toBe(413);
});
