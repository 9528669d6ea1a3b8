import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { isApiError, type KubeClient, openKubeClient } from '../src/index.ts';
import { cutAfter, failure, json, type ScriptedApi, startScriptedApi, until, watch } from './scripted-api.ts';

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

async function failureOf(promise: Promise<unknown>) {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!isApiError(error)) throw new Error('expected an ApiError');
  return error;
}

test('a call carries the credentials and returns the parsed body', async () => {
  api.script(json(201, { kind: 'Event' }));
  const response = await client.request('POST', '/api/v1/namespaces/a/events?x=1', { body: { kind: 'Event' } });
  expect(response).toMatchObject({ status: 201, body: { kind: 'Event' } });
  expect(api.requests).toMatchObject([
    {
      method: 'POST',
      path: '/api/v1/namespaces/a/events',
      body: '{"kind":"Event"}',
      headers: { authorization: 'Bearer secret-token', 'content-type': 'application/json', 'user-agent': 'steelyard' },
    },
  ]);
  expect(client.namespace).toBe('metallb-system');
});

test('a request leaves in the turn of the call', () => {
  let started = false;
  const onStart = (): void => {
    started = true;
  };
  subscribe('http.client.request.created', onStart);
  api.otherwise(json(200, {}));
  const call = client.request('PUT', '/x', { body: {} });
  unsubscribe('http.client.request.created', onStart);
  expect(started).toBe(true);
  return call;
});

test('connections are kept and used again', async () => {
  api.otherwise(json(200, {}));
  for (let i = 0; i < 20; i++) await client.request('GET', '/api');
  expect(api.connections).toBe(1);
});

test('a burst waits for its turn, and no request is late for having waited', async () => {
  let open = 0;
  let mostOpen = 0;
  api.otherwise((request, response) => {
    mostOpen = Math.max(mostOpen, ++open);
    setTimeout(() => {
      open--;
      json(200, { path: request.path })(request, response);
    }, 2);
  });
  const answers = await Promise.all(Array.from({ length: 200 }, (_, i) => client.request('GET', `/api/${i}`)));
  expect(answers.map(({ body }) => body)).toEqual(answers.map((_, i) => ({ path: `/api/${i}` })));
  expect(mostOpen).toBeLessThanOrEqual(32);
});

describe('every refusal has its code', () => {
  test.for<[status: number, reason: string, code: string]>([
    [400, 'BadRequest', 'ERR_K8S_BAD_REQUEST'],
    [401, 'Unauthorized', 'ERR_K8S_UNAUTHORIZED'],
    [403, 'Forbidden', 'ERR_K8S_FORBIDDEN'],
    [404, 'NotFound', 'ERR_K8S_NOT_FOUND'],
    [409, 'Conflict', 'ERR_K8S_CONFLICT'],
    [409, 'AlreadyExists', 'ERR_K8S_ALREADY_EXISTS'],
    [410, 'Expired', 'ERR_K8S_GONE'],
    [422, 'Invalid', 'ERR_K8S_INVALID'],
    [429, 'TooManyRequests', 'ERR_K8S_TOO_MANY_REQUESTS'],
    [500, 'InternalError', 'ERR_K8S_SERVER'],
    [302, 'Found', 'ERR_K8S_HTTP'],
  ])('%i %s', async ([status, reason, code]) => {
    api.otherwise(failure(status, reason, 'because'));
    expect(await failureOf(client.request('GET', '/x'))).toMatchObject({
      code,
      reason,
      httpStatus: status,
      message: `GET /x: ${status}: because`,
    });
  });

  test('an answer that is no Status at all is quoted, in bounds', async () => {
    api.otherwise((_request, response) => response.writeHead(502).end(`<html>${'x'.repeat(5000)}`));
    const error = await failureOf(client.request('GET', '/x'));
    expect(error.code).toBe('ERR_K8S_SERVER');
    expect(error.message.length).toBeLessThan(1100);
  });
});

describe('hostile answers', () => {
  test('garbage is not JSON', async () => {
    api.script((_request, response) => response.end('{"items": ['));
    expect(await failureOf(client.request('GET', '/x'))).toMatchObject({ code: 'ERR_K8S_BAD_BODY' });
  });

  test('a body over the bound is cut off', async () => {
    api.script(json(200, 'x'.repeat(2000)));
    expect(await failureOf(client.request('GET', '/x', { maxBodyOctets: 1000 }))).toMatchObject({
      code: 'ERR_K8S_BODY_TOO_LARGE',
    });
  });

  test('a body that breaks off is a broken connection', async () => {
    api.script(cutAfter('{"a":'));
    expect(await failureOf(client.request('GET', '/x'))).toMatchObject({ code: 'ERR_K8S_CONNECTION' });
  });

  test('a head that does not come, and a body that does not end, are late', async () => {
    api.script(() => undefined, watch('{'));
    for (let i = 0; i < 2; i++) {
      expect(await failureOf(client.request('GET', '/x', { timeoutMs: 20 }))).toMatchObject({
        code: 'ERR_K8S_TIMEOUT',
      });
    }
  });

  test('a caller may give up', async () => {
    api.otherwise(() => undefined);
    const abort = new AbortController();
    const call = failureOf(client.request('GET', '/x', { signal: abort.signal }));
    await until(() => api.requests.length === 1);
    abort.abort();
    expect(await call).toMatchObject({ code: 'ERR_K8S_ABORTED' });
    api.otherwise(watch('{'));
    const later = new AbortController();
    const body = failureOf(client.request('GET', '/x', { signal: later.signal }));
    await until(() => api.requests.length === 2);
    setImmediate(() => later.abort());
    expect(await body).toMatchObject({ code: 'ERR_K8S_ABORTED' });
    expect(await failureOf(client.request('GET', '/x', { signal: abort.signal }))).toMatchObject({
      code: 'ERR_K8S_ABORTED',
    });
  });

  test('nobody listens', async () => {
    await api.stop();
    expect(await failureOf(client.request('GET', '/x'))).toMatchObject({ code: 'ERR_K8S_CONNECTION' });
    await api.start();
  });
});

describe('tries again', () => {
  test('after the time that 429 and 503 ask for', async () => {
    api.script(
      failure(429, 'TooManyRequests', 'wait', { 'retry-after': '0' }),
      failure(503, 'x', 'x', { 'retry-after': '0' }),
    );
    api.otherwise(json(200, 'done'));
    expect(await client.request('GET', '/x')).toMatchObject({ body: 'done' });
    expect(api.requests).toHaveLength(3);
  });

  test('but not beyond the time the caller has, and not for ever', async () => {
    api.script(failure(429, 'TooManyRequests', 'wait', { 'retry-after': '11' }));
    expect(await failureOf(client.request('GET', '/x'))).toMatchObject({ httpStatus: 429, retryAfterMs: 11_000 });
    api.otherwise(failure(503, 'x', 'x', { 'retry-after': '0' }));
    await failureOf(client.request('GET', '/x'));
    expect(api.requests).toHaveLength(1 + 6);
  });

  test('on a kept connection that the server has closed meanwhile', async () => {
    api.otherwise(json(200, 'done'));
    await client.request('PUT', '/x', { body: {} });
    // The server closes while the next request is under way.
    api.script((_request, response) => response.socket?.resetAndDestroy());
    expect(await client.request('PUT', '/x', { body: {} })).toMatchObject({ body: 'done' });
  });

  test('a POST is not sent twice', async () => {
    api.otherwise(json(200, 'done'));
    await client.request('GET', '/x');
    api.script((_request, response) => response.socket?.resetAndDestroy());
    expect(await failureOf(client.request('POST', '/x', { body: {} }))).toMatchObject({ code: 'ERR_K8S_CONNECTION' });
  });
});

test('an exec plugin is asked again after a 401', async () => {
  const plugin = join(api.folder, 'plugin.sh');
  const counter = join(api.folder, 'counter');
  // Its credential expires in the past, so that client-node does not keep it.
  await writeFile(
    plugin,
    `#!/bin/sh
echo x >> ${counter}
n=$(wc -l < ${counter} | tr -d ' ')
echo "{\\"kind\\":\\"ExecCredential\\",\\"status\\":{\\"token\\":\\"token-$n\\",\\"expirationTimestamp\\":\\"2000-01-01T00:00:00Z\\"}}"
`,
  );
  await chmod(plugin, 0o755);
  const path = join(api.folder, 'exec.yaml');
  const config = (await readFile(api.kubeconfigPath, 'utf8')).replace(
    'token: "secret-token"',
    `exec: { apiVersion: client.authentication.k8s.io/v1, command: ${plugin}, interactiveMode: Never }`,
  );
  await writeFile(path, config);
  await using execClient = await openKubeClient({ env: { KUBECONFIG: path } });
  api.script(failure(401, 'Unauthorized'));
  api.otherwise(json(200, {}));
  await execClient.request('GET', '/x');
  expect(api.requests.map(({ headers }) => headers.authorization)).toEqual(['Bearer token-1', 'Bearer token-2']);
});

describe('without a way to the API', () => {
  test.for<[name: string, env: Record<string, string>, code: string, message: RegExp]>([
    ['nothing is configured', {}, 'ERR_K8S_NO_CONFIGURATION', /--kubeconfig/],
    ['the file is not there', { KUBECONFIG: '/nonexistent/kubeconfig' }, 'ERR_K8S_KUBECONFIG', /nonexistent/],
  ])('%s', async ([, env, code, message]) => {
    const error = await failureOf(openKubeClient({ env }));
    expect(error).toMatchObject({ code });
    expect(error.message).toMatch(message);
  });

  test.for<[name: string, text: string]>([
    ['not YAML', '{'],
    ['an empty file', ''],
    ['a context that names nothing', 'clusters: []\ncontexts: []\nusers: []\ncurrent-context: x'],
    [
      'a server that is no URL',
      'clusters: [{ name: c, cluster: { server: "ftp://x" } }]\nusers: []\ncontexts: [{ name: x, context: { cluster: c, user: u } }]\ncurrent-context: x',
    ],
  ])('a kubeconfig that is %s', async ([, text]) => {
    const path = join(api.folder, 'bad.yaml');
    await writeFile(path, text);
    expect(await failureOf(openKubeClient({ kubeconfigPath: path, env: {} }))).toMatchObject({
      code: 'ERR_K8S_KUBECONFIG',
    });
  });
});

/** Everything that a log line shows of an error. */
function toldOf(error: Error): string {
  return error.cause instanceof Error ? `${error.message}: ${toldOf(error.cause)}` : error.message;
}

describe('a mistake beside a token or a key is told without them', () => {
  const exec = (text: string) =>
    JSON.stringify({
      clusters: [{ name: 'c', cluster: { server: 'http://127.0.0.1:1' } }],
      users: [{ name: 'u', user: { exec: { command: 'printf', args: [text] } } }],
      contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
      'current-context': 'x',
    });
  test.for<[name: string, text: string, told: RegExp]>([
    ['an open quote', 'users:\n- name: u\n  user:\n    token: "hunter2\ncontexts: []\n', /line \d: /],
    ['an indentation', 'users:\n- name: u\n  user:\n    token: hunter2\n   password: hunter2\n', /line 5: /],
    ['a plugin that prints its token bare', exec('hunter2'), /not JSON/],
  ])('%s', async ([, text, told]) => {
    const path = join(api.folder, 'secret.yaml');
    await writeFile(path, text);
    const message = toldOf(await failureOf(openKubeClient({ kubeconfigPath: path, env: {} })));
    expect(message).toMatch(told);
    expect(message).not.toContain('hunter');
  });
});

test('closing ends what is under way and what waits, and refuses what comes', async () => {
  api.otherwise(() => undefined);
  const calls = Array.from({ length: 40 }, () => failureOf(client.request('GET', '/x')));
  const stream = failureOf(
    client.stream('/y', { headTimeoutMs: 10_000, idleTimeoutMs: 10_000, onOctets: () => undefined }),
  );
  await until(() => api.requests.length === 33);
  await client.close();
  expect(new Set((await Promise.all([...calls, stream])).map(({ code }) => code))).toEqual(
    new Set(['ERR_K8S_ABORTED']),
  );
  expect(await failureOf(client.request('GET', '/x'))).toMatchObject({ code: 'ERR_K8S_ABORTED' });
});

test('writes and reads integers beyond 2^53 with every digit', async () => {
  api.script((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end('{"available":9223372036854775807}');
  });
  const { body } = await client.request('PUT', '/x', {
    body: { available: 9223372036854775807n },
    exactIntegers: true,
  });
  expect(api.requests.at(-1)?.body).toBe('{"available":9223372036854775807}');
  expect(body).toEqual({ available: 9223372036854775807n });
});

test('what should have left by now does not leave', async () => {
  const before = api.requests.length;
  const late = client.request('PUT', '/x', { body: {}, leaveByMs: performance.now() - 1 });
  await expect(late).rejects.toMatchObject({ code: 'ERR_K8S_ABORTED' });
  expect(api.requests).toHaveLength(before);
});
