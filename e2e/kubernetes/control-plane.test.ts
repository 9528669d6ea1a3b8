import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { request } from 'node:https';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type ControlPlane, openLab, openRealControlPlane, relayInto, waitUntil } from '@steelyard/testkit';
import { describeKubeLab } from '@steelyard/testkit/kube-lab/vitest';
import { describeLab } from '@steelyard/testkit/vitest';
import { afterAll, beforeAll, expect, test } from 'vitest';

await describeKubeLab('the real control plane', (kubeLab) => {
  let controlPlane: ControlPlane;

  beforeAll(async () => {
    controlPlane = await openRealControlPlane({ kubeLab });
  });

  afterAll(async () => {
    const { directory } = controlPlane;
    await controlPlane.stop();
    expect(existsSync(directory)).toBe(false);
  });

  test('serves kubectl', async () => {
    expect(await controlPlane.kubectl(['get', 'namespaces', '-o', 'name'])).toContain('namespace/kube-system');
    await controlPlane.kubectl(['apply', '-f', '-'], { input: node('node-1') });
    expect(await controlPlane.kubectl(['get', 'nodes'])).toMatch(/^node-1 /m);
  });

  test('calls itself by the version that it is', async () => {
    const version = JSON.parse(await controlPlane.kubectl(['version', '-o', 'json']));

    expect(version.serverVersion.gitVersion).toMatch(/^v1\.\d+\.\d+$/);
    expect(version.clientVersion.gitVersion).toBe(version.serverVersion.gitVersion);
  });

  test('knows its administrator by a client certificate, and another by nothing', async () => {
    const administrator = await clientCertificate(controlPlane);

    expect(await answerOf(controlPlane, '/api/v1/nodes', administrator)).toMatchObject({ status: 200 });
    expect(await answerOf(controlPlane, '/api/v1/nodes', {})).toMatchObject({ status: 403 });
  });

  test('makes Pods of a namespace possible at once, and their tokens', async () => {
    const token = await controlPlane.kubectl(['create', 'token', 'default']);

    expect(token.split('.')).toHaveLength(3);
  });

  test('leaves a dual-stack LoadBalancer pending until its status is written', async () => {
    await controlPlane.kubectl(['apply', '-f', '-'], { input: dualStackService('pending') });
    expect(await controlPlane.kubectl(['get', 'service', 'pending'])).toContain('<pending>');

    const ingress = [{ ip: '192.0.2.10' }, { ip: '2001:db8::10' }];
    await controlPlane.kubectl([
      ...['patch', 'service', 'pending', '--subresource=status', '--type=merge'],
      `--patch=${JSON.stringify({ status: { loadBalancer: { ingress } } })}`,
    ]);

    expect(await controlPlane.kubectl(['get', 'service', 'pending'])).toContain('192.0.2.10,2001:db8::10');
    const service = JSON.parse(await controlPlane.kubectl(['get', 'service', 'pending', '-o', 'json']));
    expect(service.spec.clusterIPs).toEqual([expect.stringMatching(/^10\.96\./), expect.stringMatching(/^fd00:96:/)]);
    expect(service.status.loadBalancer.ingress).toEqual(ingress.map(({ ip }) => ({ ip, ipMode: 'VIP' })));
  });

  test('keeps its data and its address when the API server is killed and started again', async () => {
    await controlPlane.kubectl(['create', 'configmap', 'kept', '--from-literal=it=is']);

    await controlPlane.killApiServer();
    await expect(answerOf(controlPlane, '/readyz', {})).rejects.toThrow('ECONNREFUSED');
    await controlPlane.restartApiServer();

    expect(await controlPlane.kubectl(['get', 'configmap', 'kept', '-o', 'jsonpath={.data.it}'])).toBe('is');
  });

  test('answers nothing, and refuses nothing, while the API server is paused', async () => {
    await controlPlane.pauseApiServer();
    const asked = answerOf(controlPlane, '/readyz', { token: controlPlane.token });
    const silence = answerOf(controlPlane, '/readyz', { token: controlPlane.token, timeoutMs: 300 });
    await expect(silence).rejects.toThrow('no answer');

    await controlPlane.resumeApiServer();

    expect(await asked).toMatchObject({ status: 200 });
  });

  test('says 410 Gone to an old watch, and to the rest of a list, after etcd was compacted', async () => {
    const configMaps = '/api/v1/namespaces/default/configmaps';
    const { token } = controlPlane;
    await controlPlane.kubectl(['create', 'configmap', 'old']);
    await controlPlane.kubectl(['create', 'configmap', 'old2']);
    const page = await answerOf(controlPlane, `${configMaps}?limit=1`, { token });
    const { resourceVersion, continue: rest } = JSON.parse(page.body).metadata;
    await controlPlane.kubectl(['delete', 'configmap', 'old']);

    expect(await controlPlane.compactEtcd()).toBeGreaterThan(Number(resourceVersion));

    // The watch cache holds what etcd has forgotten, until the server starts anew.
    const watch = `${configMaps}?watch=true&resourceVersion=${resourceVersion}&timeoutSeconds=1`;
    expect((await answerOf(controlPlane, watch, { token })).body).toContain('"type":"DELETED"');
    await controlPlane.restartApiServer();
    expect((await answerOf(controlPlane, watch, { token })).body).toMatch(/"type":"ERROR".*"code":410/);
    const continued = await answerOf(controlPlane, `${configMaps}?limit=1&continue=${rest}`, { token });
    expect(continued.status).toBe(410);
  });

  test('leaves no process and no file when the process that started it is killed', async () => {
    const main = fileURLToPath(new URL('../../packages/testkit/src/kube-lab/main.ts', import.meta.url));
    const starter = spawn(process.execPath, ['--conditions=@steelyard/source', main, 'up'], { stdio: 'pipe' });
    let folder: string | undefined;
    for await (const line of createInterface({ input: starter.stdout })) {
      folder = /^export KUBECONFIG=(.*)\/admin\.kubeconfig$/.exec(line)?.[1];
      if (folder !== undefined) break;
    }
    expect(await processesNaming(folder ?? 'nothing')).not.toEqual([]);

    starter.kill('SIGKILL');
    await once(starter, 'exit');

    await waitUntil('the folder to go', () => !existsSync(folder ?? ''));
    expect(await processesNaming(folder ?? 'nothing')).toEqual([]);
  });

  describeLab('seen from a network namespace', () => {
    test('is reached over no link of the namespace, until the relay ends', async () => {
      await using lab = await openLab();
      const outpost = await lab.namespace('outpost');
      const getNodes = (): Promise<{ code: number | null }> =>
        outpost.run(controlPlane.kubectlPath, ['get', 'nodes', '--request-timeout=5s'], {
          env: controlPlane.environment,
          allowFailure: true,
        });
      const relay = await relayInto(outpost, controlPlane.url);
      expect(await getNodes()).toMatchObject({ code: 0 });

      await relay.close();

      expect(await getNodes()).toMatchObject({ code: 1 });
    });
  });
});

interface Caller {
  readonly cert?: Buffer;
  readonly key?: Buffer;
  readonly token?: string;
  readonly timeoutMs?: number;
}

async function clientCertificate(controlPlane: ControlPlane): Promise<Caller> {
  const config = JSON.parse(await controlPlane.kubectl(['config', 'view', '--raw', '-o', 'json']));
  const user = config.users[0].user;
  return {
    cert: Buffer.from(user['client-certificate-data'], 'base64'),
    key: Buffer.from(user['client-key-data'], 'base64'),
  };
}

async function answerOf(
  controlPlane: ControlPlane,
  path: string,
  caller: Caller,
): Promise<{ status: number; body: string }> {
  const { token, timeoutMs, ...certificate } = caller;
  const call = request(new URL(path, controlPlane.url), {
    ...certificate,
    ca: await readFile(controlPlane.certificateAuthorityPath),
    agent: false,
    headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
  });
  if (timeoutMs !== undefined) call.setTimeout(timeoutMs, () => call.destroy(new Error('no answer')));
  call.end();
  const [response] = await once(call, 'response');
  let body = '';
  for await (const chunk of response.setEncoding('utf8')) body += chunk;
  return { status: response.statusCode, body };
}

/** The processes on whose command line a text stands. */
async function processesNaming(text: string): Promise<string[]> {
  const processes = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const commandLines = await Promise.all(
    processes.map((id) => readFile(`/proc/${id}/cmdline`, 'utf8').catch(() => '')), // it may have ended by now
  );
  return commandLines.filter((line) => line.includes(text));
}

const node = (name: string): string => JSON.stringify({ apiVersion: 'v1', kind: 'Node', metadata: { name } });

const dualStackService = (name: string): string =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name },
    spec: { type: 'LoadBalancer', ipFamilyPolicy: 'RequireDualStack', ports: [{ port: 80 }], selector: { app: name } },
  });
