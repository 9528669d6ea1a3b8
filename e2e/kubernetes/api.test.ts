/**
 * The cases of {@link ./api-cases.ts} on both API servers. The transcripts in
 * recorded/ come from the real one (`vitest run --project e2e
 * e2e/kubernetes/api.test.ts -u` records them anew); the in-memory one is
 * judged by them also where the real one cannot be built.
 */

import { existsSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import {
  type ApiClient,
  buildKubeLab,
  type ControlPlane,
  type MemoryApi,
  metallbDefinitions,
  openApiClient,
  openMemoryApi,
  openRealControlPlane,
  startDeploymentController,
  startEndpointSliceController,
  startPretendKubelet,
} from '@steelyard/testkit';
import { describeKubeLab } from '@steelyard/testkit/kube-lab/vitest';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { apiCases } from './api-cases.ts';
import { type ApiUnderTest, openSession } from './api-session.ts';

const recorded = (file: string): string => join(import.meta.dirname, 'recorded', `${file}.txt`);

const nodes = [1, 2, 3].map((number) => ({
  name: `node-${number}`,
  addresses: [`192.168.1.${4 + number}`],
  podCidrs: [`10.42.${number}.0/24`, `fd00:42:${number}::/64`],
}));

async function transcriptOf(api: ApiUnderTest, index: number): Promise<string> {
  const apiCase = apiCases[index];
  if (apiCase === undefined) throw new RangeError(`there is no case ${index}`);
  const namespace = `case-${apiCase.file}`;
  const session = openSession(api, namespace);
  await session.ask('POST', '/api/v1/namespaces', { body: { metadata: { name: namespace } } });
  await session.until('the default ServiceAccount', async () => {
    const { code } = await session.ask('GET', `/api/v1/namespaces/${namespace}/serviceaccounts/default`);
    return code === 200 ? true : undefined;
  });
  await session.until('the root certificates', async () => {
    const { code } = await session.ask('GET', `/api/v1/namespaces/${namespace}/configmaps/kube-root-ca.crt`);
    return code === 200 ? true : undefined;
  });
  await apiCase.run(session);
  return session.transcript();
}

/** The kubectl programs that are here: that of the control plane, and the machine's own. */
async function kubectlPrograms(): Promise<{ whose: string; kubectlPath: string }[]> {
  const kubeLab = await buildKubeLab();
  const programs = kubeLab.available ? [{ whose: "the control plane's", kubectlPath: kubeLab.kubectlPath }] : [];
  const installed = (process.env['PATH'] ?? '')
    .split(':')
    .map((folder) => join(folder, 'kubectl'))
    .find((path) => existsSync(path));
  return installed === undefined ? programs : [...programs, { whose: "the machine's", kubectlPath: installed }];
}

await describeKubeLab('the real API server', (kubeLab) => {
  let controlPlane: ControlPlane;
  let client: ApiClient;
  let api: ApiUnderTest;
  const running = new AsyncDisposableStack();

  beforeAll(async () => {
    controlPlane = running.use(await openRealControlPlane({ kubeLab }));
    client = running.use(await openApiClient(controlPlane.kubeconfigPath));
    for (const definition of metallbDefinitions) {
      await client.create('/apis/apiextensions.k8s.io/v1/customresourcedefinitions', definition);
    }
    running.use(await startPretendKubelet({ client, nodes, bindPods: true }));
    api = {
      url: controlPlane.url,
      token: controlPlane.token,
      kubectlPath: controlPlane.kubectlPath,
      environment: controlPlane.environment,
      certificateAuthority: await readFile(controlPlane.certificateAuthorityPath),
    };
    await controlPlane.kubectl(['wait', '--for=condition=Established', 'crd', '--all', '--timeout=20s']);
  });
  afterAll(() => running.disposeAsync());

  test.each(apiCases.map(({ name, file }, index) => ({ name, file, index })))('$name', async ({ file, index }) => {
    await expect(await transcriptOf(api, index)).toMatchFileSnapshot(recorded(file));
  });
});

const kubectls = await kubectlPrograms();

if (kubectls.length === 0) {
  test.skip('the in-memory API server, asked by kubectl (skipped: no kubectl is installed, and none can be built)');
}

describe.each(kubectls)('the in-memory API server, asked by $whose kubectl', ({ kubectlPath }) => {
  let memoryApi: MemoryApi;
  let api: ApiUnderTest;
  const running = new AsyncDisposableStack();

  beforeAll(async () => {
    memoryApi = running.use(await openMemoryApi());
    const client = running.use(await openApiClient(memoryApi.kubeconfigPath));
    running.use(await startDeploymentController(client));
    running.use(await startEndpointSliceController(client));
    running.use(await startPretendKubelet({ client, nodes, bindPods: true }));
    api = {
      url: memoryApi.url,
      token: memoryApi.token,
      kubectlPath,
      environment: {
        KUBECONFIG: memoryApi.kubeconfigPath,
        KUBECACHEDIR: join(dirname(memoryApi.kubeconfigPath), 'kubectl-cache'),
      },
    };
  });
  afterAll(() => running.disposeAsync());

  test.each(apiCases.map(({ name, file }, index) => ({ name, file, index })))('$name', async ({ file, index }) => {
    const transcript = await transcriptOf(api, index);
    expect(existsSync(recorded(file)), 'a transcript of the real one is recorded').toBe(true);
    expect(transcript).toBe(readFileSync(recorded(file), 'utf8'));
  });
});
