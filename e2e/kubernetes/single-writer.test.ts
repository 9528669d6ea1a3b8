import {
  createConfigurationStateReporter,
  createSingleWriter,
  type KubeClient,
  openKubeClient,
  type SingleWriter,
  type SingleWriterOptions,
  startListWatch,
} from '@steelyard/k8s-adapter';
import { type ControlPlane, createServiceAccountKubeconfig, openRealControlPlane, waitUntil } from '@steelyard/testkit';
import { describeKubeLab } from '@steelyard/testkit/kube-lab/vitest';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { CRDS, MANIFESTS, objectsOf, type Roles } from './cluster/roles.ts';

const NAMESPACE = 'metallb-system';
const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
const CASES: readonly (readonly [words: string, roles: Roles])[] = [
  ['exactly the roles of MetalLB: an annotation', 'metallb'],
  ['the roles of our own manifests: a Lease', 'own'],
];

await describeKubeLab('of two controllers one writes', (kubeLab) => {
  describe.each(CASES)('with %s', (_words, roles) => {
    let controlPlane: ControlPlane;
    let admin: KubeClient;
    let client: KubeClient;
    const writers: SingleWriter[] = [];
    const closing: (() => Promise<unknown>)[] = [];
    let serial = 0;

    beforeAll(async () => {
      controlPlane = await openRealControlPlane({ kubeLab });
      const { kubectl, kubeconfigPath } = controlPlane;
      await kubectl(['apply', '-f', CRDS, '-f', `${MANIFESTS}/namespace.yaml`]);
      const items = await objectsOf(roles);
      await kubectl(['apply', '-f', '-'], { input: JSON.stringify({ apiVersion: 'v1', kind: 'List', items }) });
      await kubectl(['wait', '--for=condition=established', '--timeout=20s', '-f', CRDS]);
      admin = await openKubeClient({ kubeconfigPath, env: {} });
      const account = { namespace: NAMESPACE, name: 'controller' };
      client = await openKubeClient({
        kubeconfigPath: await createServiceAccountKubeconfig(controlPlane, account),
        env: {},
      });
    });
    afterAll(async () => {
      await client.close();
      await admin.close();
      await controlPlane.stop();
    });
    afterEach(async () => {
      for (const close of closing.splice(0).reverse()) await close();
      for (const writer of writers.splice(0)) await writer.stop();
      await controlPlane.kubectl([
        '-n',
        NAMESPACE,
        'delete',
        'pods,leases,configurationstates',
        '--all',
        '--force',
        '--grace-period=0',
      ]);
    });

    async function start(more: Partial<SingleWriterOptions> = {}) {
      const podName = more.podName ?? `controller-${++serial}`;
      const existing = await admin
        .request('GET', `/api/v1/namespaces/${NAMESPACE}/pods/${podName}`)
        .catch(() => undefined);
      if (existing === undefined) await createPod(podName, 'example.com/steelyard:1');
      const told: string[] = [];
      const remedies: unknown[] = [];
      const remember = (pairs: Readonly<Record<string, unknown>>): void => {
        if (pairs['remedy'] !== undefined) remedies.push(pairs['remedy']);
      };
      const writer = createSingleWriter({
        client,
        namespace: NAMESPACE,
        catchUp: () => Promise.resolve(),
        onTookOver: (predecessor) => told.push(`took over from ${predecessor.split('_')[0]}`),
        onStoodDown: () => told.push('stood down'),
        logger: { ...silent, info: remember, warn: remember },
        timing: {
          leaseDurationSeconds: 3,
          requestTimeoutMs: 1_000,
          graceMs: 500,
          standbyPollMs: 300,
          strangersMaxMs: 4_000,
        },
        ...more,
        podName,
      });
      writers.push(writer);
      return { writer, told, remedies, podName };
    }

    async function createPod(name: string, image: string): Promise<void> {
      await admin.request('POST', `/api/v1/namespaces/${NAMESPACE}/pods`, {
        body: {
          apiVersion: 'v1',
          kind: 'Pod',
          metadata: { name, labels: { app: 'metallb', component: 'controller' } },
          spec: { serviceAccountName: 'controller', containers: [{ name: 'controller', image }] },
        },
      });
    }
    const deletePod = (name: string): Promise<unknown> =>
      admin.request('DELETE', `/api/v1/namespaces/${NAMESPACE}/pods/${name}?gracePeriodSeconds=0`);
    const stands = (writer: SingleWriter, standing: SingleWriter['standing']): Promise<unknown> =>
      waitUntil(standing, () => writer.standing === standing);

    async function recordVersion(): Promise<unknown> {
      const path =
        roles === 'own'
          ? `/apis/coordination.k8s.io/v1/namespaces/${NAMESPACE}/leases/steelyard-controller`
          : `/apis/metallb.io/v1beta1/namespaces/${NAMESPACE}/configurationstates/controller`;
      const { body } = await admin.request('GET', path);
      return (body as { metadata: { resourceVersion: string } }).metadata.resourceVersion;
    }

    test('the record is where the rights allow it, and rests while nothing is to be written', async () => {
      const a = await start();
      await stands(a.writer, 'holder');
      expect(a.remedies).toHaveLength(roles === 'own' ? 0 : 1);
      const version = await recordVersion();
      await new Promise((resolve) => setTimeout(resolve, 3_500));
      expect(await recordVersion()).toBe(version);
      expect(a.writer.beforeWrite()).toBe(false);
      expect(await a.writer.mayWrite()).toBe('yes');
      expect(await recordVersion()).not.toBe(version);
      const names = ['leases,configurationstates', '-o', 'name'];
      const objects = await controlPlane.kubectl(['-n', NAMESPACE, 'get', ...names]);
      const expected =
        roles === 'own' ? 'lease.coordination.k8s.io/steelyard-controller' : 'configurationstate.metallb.io/controller';
      expect(objects.trim()).toBe(expected);
    });

    test('the next one takes over when the first lets go, and at once when its Pod is gone', async () => {
      const a = await start();
      await stands(a.writer, 'holder');
      const b = await start();
      await stands(b.writer, 'standby');
      await a.writer.release();
      await stands(b.writer, 'holder');
      expect(await a.writer.mayWrite()).toBe('stood-down');
      const c = await start();
      await stands(c.writer, 'standby');
      await b.writer.stop();
      await deletePod(b.podName);
      await stands(c.writer, 'holder');
      expect(c.told).toEqual([`took over from ${b.podName}`]);
    });

    test('a silent holder is succeeded when something is wanted, and learns of it when it wants to write', async () => {
      const a = await start();
      await stands(a.writer, 'holder');
      const b = await start();
      await stands(b.writer, 'standby');
      await waitUntil('the record to be taken', () => {
        b.writer.wanted(); // `a` is not told, as if it hung
        return b.writer.standing === 'holder';
      });
      expect(await a.writer.mayWrite()).toBe('stood-down');
      expect(a.told).toEqual(['took over from ', 'stood down']);
      expect(await b.writer.mayWrite()).toBe('yes');
    });

    test('never may two write at a time, whoever of them comes, goes and hangs', async () => {
      const all: Awaited<ReturnType<typeof start>>[] = [];
      let overlaps = 0;
      let writable = 0;
      const look = setInterval(() => {
        for (const { writer } of all) writer.wanted();
        const may = all.filter(({ writer }) => writer.beforeWrite());
        if (may.length > 1) overlaps++;
        writable += may.length;
      }, 20);
      closing.push(() => Promise.resolve(clearInterval(look)));
      for (let round = 0; round < 4; round++) {
        all.push(await start());
        await waitUntil('one that writes', () => all.some(({ writer }) => writer.beforeWrite()));
        all.push(await start());
        await new Promise((resolve) => setTimeout(resolve, 500));
        const holder = all.find(({ writer }) => writer.standing === 'holder');
        if (holder === undefined) continue;
        all.splice(all.indexOf(holder), 1);
        if (round % 2 === 0) {
          await holder.writer.release();
          await deletePod(holder.podName);
        } else {
          await holder.writer.stop();
          await deletePod(holder.podName);
        }
      }
      await waitUntil('one that writes', () => all.some(({ writer }) => writer.beforeWrite()));
      expect(overlaps).toBe(0);
      expect(writable).toBeGreaterThan(10);
    });

    test('beside MetalLB’s controller nothing is written until it has ended; the next of ours is no stranger', async () => {
      await createPod('metallb-controller', 'quay.io/metallb/controller:v0.16.1');
      const a = await start({ timing: { strangersPollMs: 100, strangersMaxMs: 20_000, standbyPollMs: 300 } });
      const b = await start({ timing: { strangersPollMs: 100, strangersMaxMs: 20_000, standbyPollMs: 300 } });
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      expect([a.writer.standing, b.writer.standing]).toEqual(['waiting', 'waiting']);
      await deletePod('metallb-controller');
      await waitUntil('one of the two', () => [a, b].some(({ writer }) => writer.standing === 'holder'));
      await waitUntil('the other', () => [a, b].some(({ writer }) => writer.standing === 'standby'));
    });

    test('one that gives addresses makes way for MetalLB’s controller', async () => {
      const a = await start({ timing: { strangersPollMs: 100, standbyPollMs: 300 } });
      await stands(a.writer, 'holder');
      await createPod('metallb-next', 'quay.io/metallb/controller:v0.16.1');
      await waitUntil('it to make way', () => !a.writer.beforeWrite() && a.writer.standing === 'waiting');
      await deletePod('metallb-next');
      await stands(a.writer, 'holder');
      expect(a.told).toEqual(['took over from ', 'stood down', 'took over from ']);
    });

    test('what else is written to the object of the record disturbs nobody', async () => {
      const a = await start();
      await stands(a.writer, 'holder');
      const reporter = createConfigurationStateReporter({
        client,
        namespace: NAMESPACE,
        reporter: { component: 'controller' },
        owner: undefined,
        mayWrite: async () => (await a.writer.mayWrite()) === 'yes',
        logger: silent,
      });
      closing.push(() => reporter.stop());
      for (let i = 0; i < 20; i++) {
        reporter.report({ errors: [`error ${i}`] });
        await new Promise((resolve) => setTimeout(resolve, 200));
        expect(await a.writer.mayWrite()).toBe('yes');
      }
      await waitUntil('the last error', async () => {
        const { body } = await admin.request(
          'GET',
          `/apis/metallb.io/v1beta1/namespaces/${NAMESPACE}/configurationstates/controller`,
        );
        return (
          (body as { status?: { errorSummary?: string } }).status?.errorSummary === 'configuration error: error 19'
        );
      });
      expect(a.told).toEqual(['took over from ']);
    });

    test('who takes over has seen what the one before wrote', async () => {
      const services = startListWatch<string>({
        client,
        path: '/api/v1/services',
        project: (object) => JSON.stringify(object['metadata']),
        onUpsert: () => undefined,
        onDelete: () => undefined,
        logger: silent,
      });
      closing.push(() => services.stop());
      await waitUntil('the list', () => services.synced);
      const seen: number[] = [];
      for (let i = 0; i < 3; i++) {
        const writer = await start({
          catchUp: (signal, sinceMs) => services.catchUp(signal, sinceMs),
          onTookOver: () => seen.push(services.values.size),
        });
        await waitUntil('the record', () => seen.length > i);
        await controlPlane.kubectl(['create', 'service', 'clusterip', `s-${serial}`, '--tcp=80']);
        await writer.writer.release();
        await deletePod(writer.podName);
      }
      expect(seen.map((size) => size - (seen[0] ?? 0))).toEqual([0, 1, 2]);
    });

    test('the API server is killed and comes back: the same one goes on', async () => {
      const a = await start();
      await stands(a.writer, 'holder');
      await controlPlane.killApiServer();
      await new Promise((resolve) => setTimeout(resolve, 3_000));
      expect(a.writer.beforeWrite()).toBe(false);
      const answer = a.writer.mayWrite();
      await controlPlane.restartApiServer();
      expect(await answer).toBe('yes');
      expect(a.told).toEqual(['took over from ']);
    });
  });
});
