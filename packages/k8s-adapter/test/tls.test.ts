import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createCredentialCache } from '../src/client/credentials.ts';
import { inClusterCredentials } from '../src/client/in-cluster.ts';
import { kubeconfigCredentials } from '../src/client/kubeconfig.ts';
import { isApiError, openKubeClient } from '../src/index.ts';
import { failure, json, type ScriptedApi, startScriptedApi } from './scripted-api.ts';

const fixture = (name: string): string => new URL(`./fixtures/${name}`, import.meta.url).pathname;
const content = (name: string): Promise<Buffer> => readFile(fixture(name));

let api: ScriptedApi;
beforeEach(async () => {
  api = await startScriptedApi({
    key: await content('server.key'),
    cert: await content('server.crt'),
    ca: await content('ca.crt'),
    requestCert: true,
    rejectUnauthorized: false,
  });
  api.otherwise(json(200, {}));
});
afterEach(() => api[Symbol.asyncDispose]());

async function writeKubeconfig(cluster: string, user: string): Promise<string> {
  const path = join(api.folder, 'tls.yaml');
  await writeFile(
    path,
    `clusters: [{ name: c, cluster: { server: "${api.url}", ${cluster} } }]
users: [{ name: u, user: { ${user} } }]
contexts: [{ name: x, context: { cluster: c, user: u } }]
current-context: x
`,
  );
  return path;
}

test('the name in the kubeconfig is the one that the certificate must have', async () => {
  const ca = `certificate-authority: ${fixture('ca.crt')}`;
  await using wrong = await openKubeClient({ kubeconfigPath: await writeKubeconfig(ca, 'token: t'), env: {} });
  await expect(wrong.request('GET', '/x')).rejects.toMatchObject({ code: 'ERR_K8S_CONNECTION' });
  const path = await writeKubeconfig(`${ca}, tls-server-name: kubernetes`, 'token: t');
  await using right = await openKubeClient({ kubeconfigPath: path, env: {} });
  expect(await right.request('GET', '/x')).toMatchObject({ status: 200 });
});

test('a certificate of an unknown authority is refused unless the kubeconfig says not to look', async () => {
  await using strict = await openKubeClient({
    kubeconfigPath: await writeKubeconfig('tls-server-name: kubernetes', 'token: t'),
    env: {},
  });
  await expect(strict.request('GET', '/x')).rejects.toMatchObject({ code: 'ERR_K8S_CONNECTION' });
  const path = await writeKubeconfig('insecure-skip-tls-verify: true', 'token: t');
  await using lax = await openKubeClient({ kubeconfigPath: path, env: {} });
  expect(await lax.request('GET', '/x')).toMatchObject({ status: 200 });
});

test('a client certificate is shown, and a rotated one on new connections', async () => {
  const [cert, key] = [join(api.folder, 'client.crt'), join(api.folder, 'client.key')];
  const rotate = async (name: string): Promise<void> => {
    await copyFile(fixture(`${name}.crt`), cert);
    await copyFile(fixture(`${name}.key`), key);
  };
  await rotate('client-a');
  const cluster = `certificate-authority: ${fixture('ca.crt')}, tls-server-name: kubernetes`;
  const path = await writeKubeconfig(cluster, `client-certificate: ${cert}, client-key: ${key}`);
  await using client = await openKubeClient({ kubeconfigPath: path, env: {} });
  await client.request('GET', '/x');
  await rotate('client-b');
  api.script(failure(401, 'Unauthorized')); // as when the old one has run out
  await client.request('GET', '/x');
  expect(api.requests.map(({ clientName }) => clientName)).toEqual(['client-a', 'client-a', 'client-b']);
});

test('a pod uses its ServiceAccount, and reads its token again when it is stale', async () => {
  const folder = join(api.folder, 'serviceaccount');
  await mkdir(folder);
  await copyFile(fixture('ca.crt'), join(folder, 'ca.crt'));
  await writeFile(join(folder, 'token'), 'token-1\n');
  await writeFile(join(folder, 'namespace'), 'metallb-system');
  const env = { KUBERNETES_SERVICE_HOST: '127.0.0.1', KUBERNETES_SERVICE_PORT: String(api.port) };
  const source = await inClusterCredentials(env, folder);
  if (source === undefined) throw new Error('the ServiceAccount was not found');
  expect([source.namespace, source.server.href]).toEqual(['metallb-system', `https://127.0.0.1:${api.port}/`]);
  let now = 0;
  const cache = createCredentialCache(source, { nowMs: () => now });
  const first = await cache.get();
  expect(first.headers).toEqual({ authorization: 'Bearer token-1' });
  await writeFile(join(folder, 'token'), 'token-2\n');
  expect(cache.peek()).toBe(first);
  now = 31_000;
  expect(cache.peek()).toBe(first); // the request at hand does not wait
  cache.invalidate();
  const second = await cache.get();
  expect(second.headers).toEqual({ authorization: 'Bearer token-2' });
  expect(second.requestAgent).toBe(first.requestAgent); // the same authority: connections stay
  cache.close();
});

test('the order is --kubeconfig, KUBECONFIG, the pod', async () => {
  const folder = join(api.folder, 'serviceaccount');
  await mkdir(folder);
  await writeFile(join(folder, 'token'), 't');
  await copyFile(fixture('ca.crt'), join(folder, 'ca.crt'));
  const pod = { KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '443' };
  await using inPod = await openKubeClient({ env: pod, serviceAccountFolder: folder });
  expect(inPod.server).toBe('https://[fd00::1]/');
  await using byEnv = await openKubeClient({
    env: { ...pod, KUBECONFIG: api.kubeconfigPath },
    serviceAccountFolder: folder,
  });
  expect(byEnv.server).toBe(`${api.url}/`);
  const path = await writeKubeconfig('tls-server-name: kubernetes', 'token: t');
  await using byFlag = await openKubeClient({ kubeconfigPath: path, env: { ...pod, KUBECONFIG: '/nonexistent' } });
  expect(byFlag.server).toBe(`${api.url}/`);
});

test('credentials that cannot be read show when the client is opened', async () => {
  const path = await writeKubeconfig(
    'tls-server-name: kubernetes',
    'client-certificate: /nonexistent, client-key: /nonexistent',
  );
  await expect(openKubeClient({ kubeconfigPath: path, env: {} })).rejects.toSatisfy(
    (error) => isApiError(error) && error.code === 'ERR_K8S_CREDENTIALS',
  );
});

test('several files of KUBECONFIG are merged, the first naming the context', async () => {
  const users = join(api.folder, 'users.yaml');
  await writeFile(users, 'users: [{ name: v, user: { username: a, password: b } }]\nclusters: []\ncontexts: []\n');
  const main = join(api.folder, 'main.yaml');
  await writeFile(
    main,
    `clusters: [{ name: c, cluster: { server: "${api.url}" } }]\nusers: []\ncontexts: [{ name: x, context: { cluster: c, user: v } }]\ncurrent-context: x\n`,
  );
  const credentials = await (await kubeconfigCredentials([main, users])).read();
  expect(credentials.headers).toEqual({ authorization: 'Basic YTpi' });
});
