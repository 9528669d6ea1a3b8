import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { listenInside, type MemoryApi, type NamespaceListener } from '@steelyard/testkit';
import { describeLab } from '@steelyard/testkit/vitest';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type App, askHealth, errorsOf, HEALTH_PROBE_PORT, startApp, waitUntilReady } from './apps.ts';
import { type Cluster, legacyConfiguration, legacyPool, openMemoryCluster, tellLogsOnFailure } from './cluster.ts';

const NODES = '/api/v1/nodes';
/** Nobody listens there until the test says so. */
const LATE_PORT = 6443;
const REFUSED_MS = 10_000;
const GRACE_MS = { controller: 5_000, speaker: 2_000 };

describeLab('starting and stopping', () => {
  let cluster: Cluster & { readonly api: MemoryApi };
  let folder: string;

  beforeAll(async () => {
    cluster = await openMemoryCluster();
    folder = await mkdtemp(join(tmpdir(), 'steelyard-start-'));
  });
  afterAll(async () => {
    await cluster?.close();
    await rm(folder, { recursive: true, force: true });
  });
  tellLogsOnFailure(() => cluster);

  test('before there is an API server, a Node, a pool or a Service: they wait, and serve when all is there', async () => {
    const { api, kube, network } = cluster;
    const { nodes, controlPlane } = network;
    for (const { name } of nodes) await kube.delete(`${NODES}/${name}`);
    const kubeconfig = join(folder, 'late.kubeconfig');
    await writeFile(kubeconfig, api.kubeconfig.replaceAll(api.url, `http://127.0.0.1:${LATE_PORT}`), { mode: 0o600 });
    const flags = [`--kubeconfig=${kubeconfig}`]; // the last of a kind counts, as in Go
    cluster.startController({ flags });
    for (const node of nodes) cluster.startSpeaker(node, { flags });
    await Promise.all(cluster.apps().map((app) => app.waitForRecord({ op: 'startup', msg: /started$/ })));
    await sleep(REFUSED_MS);
    for (const app of cluster.apps()) {
      expect(app.process.end, app.name).toBeUndefined();
      expect((await askHealth(app, 'healthz')).status, app.name).toBe(200);
      expect(await askHealth(app, 'readyz'), app.name).toMatchObject({
        status: 503,
        body: /not (been listed|read|answered)/,
      });
      expect(app.records().length, `lines of ${app.name} in ${REFUSED_MS} ms`).toBeLessThan(100);
    }

    const { port } = new URL(api.url);
    const listeners: NamespaceListener[] = [];
    for (const namespace of [controlPlane, ...nodes.map((node) => node.namespace)]) {
      const listener = await listenInside(namespace, { host: '127.0.0.1', port: LATE_PORT }, (inside) => {
        const outside = connect({ host: '127.0.0.1', port: Number(port) });
        inside.pipe(outside).pipe(inside);
        inside.on('error', () => outside.destroy());
        outside.on('error', () => inside.destroy());
      });
      listeners.push(listener);
    }
    await Promise.all(cluster.apps().map(waitUntilReady));
    await cluster.createService('early', { endpoints: Object.fromEntries(nodes.map(({ name }) => [name, true])) });
    await cluster.putConfigMap(legacyConfiguration(legacyPool('pool', ['192.0.2.130-192.0.2.139'])));
    const address = await cluster.addressOf('early');
    // No Node, so nobody is a candidate.
    expect(await network.answering([address])).toEqual({ [address]: [] });
    for (const { name } of nodes) await kube.create(NODES, { metadata: { name } });
    await network.owners([address]);
    for (const app of cluster.apps()) expect(errorsOf(app), app.name).toEqual([]);
    await cluster.stopApps();
    await Promise.all(listeners.map((listener) => listener.close()));
  });

  test('SIGTERM ends each app in order, within its grace period', async () => {
    await cluster.start();
    const ends = await Promise.all(
      cluster.apps().map(async (app) => {
        const end = await app.process.stop(app.name === 'controller' ? GRACE_MS.controller : GRACE_MS.speaker);
        return [app.name, end, errorsOf(app)];
      }),
    );
    expect(ends).toEqual(cluster.apps().map(({ name }) => [name, { code: 0, signal: null }, []]));
  });

  test('SIGTERM while the API server is away is as orderly', async () => {
    await cluster.start();
    await cluster.api.stop();
    const ends = await Promise.all(
      cluster.apps().map((app) => app.process.stop(app.name === 'controller' ? GRACE_MS.controller : GRACE_MS.speaker)),
    );
    await cluster.api.start();
    expect(ends).toEqual(ends.map(() => ({ code: 0, signal: null })));
  });

  const kubeconfigFlag = (): string => `--kubeconfig=${cluster.api.kubeconfigPath}`;
  const apps = ['controller', 'speaker'] as const;

  /** Starts an app that cannot run, and returns what it left. */
  async function failure(
    app: (typeof apps)[number],
    flags: readonly string[],
    env: NodeJS.ProcessEnv = {},
  ): Promise<App> {
    const [node] = cluster.network.nodes;
    const namespace = app === 'controller' ? cluster.network.controlPlane : node.namespace;
    const started = startApp(app, `${app} ${flags.join(' ')}`, namespace, {
      flags,
      env: { METALLB_NODE_NAME: node.name, KUBECONFIG: '', ...env },
    });
    const timer = setTimeout(() => started.process.kill('SIGKILL'), 15_000);
    await started.process.ended;
    clearTimeout(timer);
    return started;
  }

  test.for(apps)(
    'the %s with a kubeconfig that is not there, or is none, says so in one line and ends with 1',
    async (app) => {
      const garbage = join(folder, 'garbage.kubeconfig');
      await writeFile(garbage, '{{{ no kubeconfig');
      for (const [file, error] of [
        [join(folder, 'missing.kubeconfig'), /missing\.kubeconfig/],
        [garbage, /garbage\.kubeconfig/],
      ] as const) {
        const ended = await failure(app, [`--kubeconfig=${file}`, '--namespace=metallb-system']);
        expect(ended.process.end, file).toEqual({ code: 1, signal: null });
        expect(errorsOf(ended), file).toEqual([expect.objectContaining({ error: expect.stringMatching(error) })]);
      }
    },
  );

  test.for(apps)('the %s with a flag that it does not know names the nearest and ends with 2', async (app) => {
    const { process: ended } = await failure(app, ['--kubeconfg=x']);
    expect(ended.end).toEqual({ code: 2, signal: null });
    expect(ended.lines.join('\n')).toMatch(/kubeconfg.*kubeconfig/s);
  });

  test.for(apps)('the %s whose health port is taken says which flag chose it and ends with 1', async (app) => {
    const [node] = cluster.network.nodes;
    const namespace = app === 'controller' ? cluster.network.controlPlane : node.namespace;
    const host = app === 'controller' ? '0.0.0.0' : '127.0.0.1';
    const taken = await listenInside(namespace, { host, port: HEALTH_PROBE_PORT }, (socket) => socket.destroy());
    try {
      const ended = await failure(app, [kubeconfigFlag(), '--namespace=metallb-system', '--port=0']);
      expect(ended.process.end).toEqual({ code: 1, signal: null });
      expect(errorsOf(ended)).toEqual([
        expect.objectContaining({ error: expect.stringMatching(/17472 \(flag -health-probe-port\).*in use/) }),
      ]);
    } finally {
      await taken.close();
    }
  });

  test('a speaker that is not told its node asks for it and ends with 1', async () => {
    const { process: ended } = await failure('speaker', [kubeconfigFlag()], { METALLB_NODE_NAME: '' });
    expect(ended.end).toEqual({ code: 1, signal: null });
    expect(ended.lines.join('\n')).toMatch(/node-name.*METALLB_NODE_NAME/s);
  });
});
