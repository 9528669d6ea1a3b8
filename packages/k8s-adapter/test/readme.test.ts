import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { expect, test, vi } from 'vitest';
import { json, list, startScriptedApi, until, watch } from './scripted-api.ts';

vi.setConfig({ testTimeout: 60_000 }); // the example is a process, on a machine that may be busy

const url = (path: string): URL => new URL(path, import.meta.url);
const text = (path: string): Promise<string> => readFile(url(path), 'utf8');

test('the README shows the example that the tests run', async () => {
  const words = (code: string | undefined): string[] => code?.match(/[\w$]+|'[^']*'|[^\s\w,]/g) ?? [];
  const shown = /```ts\n([\s\S]*?)```/.exec(await text('../README.md'))?.[1];
  expect(words(shown)).toEqual(words(await text('../examples/give-addresses.ts')));
});

test('the README lists exactly the error codes of the sources', async () => {
  const names = (await readdir(url('../src'), { recursive: true })).filter((name) => name.endsWith('.ts'));
  const sources = await Promise.all(names.map((name) => text(`../src/${name}`)));
  const codes = (source: string): Set<string> => new Set(source.match(/ERR_K8S_[A-Z_0-9]+[A-Z]/g));
  expect(codes(await text('../README.md'))).toEqual(codes(sources.join('\n')));
});

test('the example gives a pending Service its address, tells it, and stops in order', async () => {
  await using api = await startScriptedApi();
  const metadata = { name: 'nginx', namespace: 'default', uid: 'u', resourceVersion: '1' };
  api.otherwise((request, response) => {
    if (request.method === 'PUT') json(200, { metadata: { ...metadata, resourceVersion: '2' } })(request, response);
    else if (request.method === 'POST') json(201, {})(request, response);
    else if (request.query.has('watch')) watch()(request, response);
    else list('1', [{ metadata, spec: { type: 'LoadBalancer' } }])(request, response);
  });
  const example = url('../examples/give-addresses.ts').pathname;
  const child = spawn(process.execPath, ['--conditions=@steelyard/source', '--no-warnings', example], {
    env: { KUBECONFIG: api.kubeconfigPath },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await until(() => api.requests.some(({ method }) => method === 'POST'));
  child.kill('SIGTERM');
  expect(await once(child, 'exit')).toEqual([0, null]);
  expect(api.requests.filter(({ method }) => method !== 'GET')).toMatchObject([
    { method: 'PUT', path: '/api/v1/namespaces/default/services/nginx/status' },
    { method: 'POST', path: '/api/v1/namespaces/default/events' },
  ]);
});
