import {
  type ConfigurationStateReporter,
  createConfigurationStateReporter,
  createPoolStatusWriter,
  ensureMemberlistSecret,
  type KubeClient,
  openKubeClient,
  type PoolCounters,
  readOwnPod,
} from '@steelyard/k8s-adapter';
import { type ControlPlane, createServiceAccountKubeconfig, openRealControlPlane, waitUntil } from '@steelyard/testkit';
import { describeKubeLab } from '@steelyard/testkit/kube-lab/vitest';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { CRDS, MANIFESTS, objectsOf } from './cluster/roles.ts';

const NAMESPACE = 'metallb-system';
const API = `/apis/metallb.io/v1beta1/namespaces/${NAMESPACE}`;
const MAX_INT64 = 9223372036854775807n;
const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

interface ManagedFields {
  readonly manager: string;
  readonly operation: string;
  readonly subresource?: string;
}
interface Shown {
  readonly metadata: {
    readonly uid: string;
    readonly resourceVersion: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly ownerReferences?: readonly object[];
    readonly managedFields?: readonly ManagedFields[];
  };
  readonly spec?: unknown;
  readonly status?: {
    readonly result?: string;
    readonly errorSummary?: string;
    readonly conditions?: readonly { readonly lastTransitionTime: string }[];
    readonly assignedIPv4?: unknown;
    readonly availableIPv6?: unknown;
  };
}

/** Who writes what of an object, as `kubectl get --show-managed-fields` tells. */
function managers(object: Shown): string[] {
  return (object.metadata.managedFields ?? [])
    .map(({ manager, operation, subresource }) => [manager, operation, subresource ?? 'object'].join(' '))
    .sort();
}

await describeKubeLab('what the processes report, with exactly the roles of MetalLB', (kubeLab) => {
  let controlPlane: ControlPlane;
  let admin: KubeClient;
  let controller: KubeClient;
  let speaker: KubeClient;
  const closing: (() => Promise<unknown>)[] = [];

  beforeAll(async () => {
    controlPlane = await openRealControlPlane({ kubeLab });
    const { kubectl, kubeconfigPath } = controlPlane;
    await kubectl(['apply', '-f', CRDS, '-f', `${MANIFESTS}/namespace.yaml`]);
    const items = await objectsOf('metallb');
    await kubectl(['apply', '-f', '-'], { input: JSON.stringify({ apiVersion: 'v1', kind: 'List', items }) });
    await kubectl(['wait', '--for=condition=established', '--timeout=20s', '-f', CRDS]);
    const as = async (name: string): Promise<KubeClient> =>
      openKubeClient({
        kubeconfigPath: await createServiceAccountKubeconfig(controlPlane, { namespace: NAMESPACE, name }),
        env: {},
      });
    admin = await openKubeClient({ kubeconfigPath, env: {} });
    controller = await as('controller');
    speaker = await as('speaker');
  });
  afterAll(async () => {
    for (const client of [admin, controller, speaker]) await client.close();
    await controlPlane.stop();
  });
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
  });

  const get = async (path: string): Promise<Shown> =>
    (await admin.request('GET', path, { exactIntegers: true })).body as Shown;
  const find = (path: string): Promise<Shown | undefined> => get(path).catch(() => undefined);
  const rest = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 400));

  async function createPod(name: string, serviceAccountName: string): Promise<{ name: string; uid: string }> {
    await admin.request('POST', `/api/v1/namespaces/${NAMESPACE}/pods`, {
      body: {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name },
        spec: { serviceAccountName, containers: [{ name: 'c', image: 'example.com/c:1' }] },
      },
    });
    const client = serviceAccountName === 'speaker' ? speaker : controller;
    const outcome = await readOwnPod({ client, namespace: NAMESPACE, podName: name });
    if (!outcome.found) throw new Error(outcome.because);
    return outcome.pod;
  }

  describe('the status of a pool', () => {
    const path = `${API}/ipaddresspools/a`;
    const counted = new Map<string, PoolCounters>();
    const createPool = (): Promise<unknown> =>
      admin.request('POST', `${API}/ipaddresspools`, {
        body: {
          apiVersion: 'metallb.io/v1beta1',
          kind: 'IPAddressPool',
          metadata: {
            name: 'a',
            labels: { theirs: 'stays' },
            annotations: { x: 'y' },
            finalizers: ['example.com/held'],
          },
          spec: { addresses: ['192.0.2.0/24', '2001:db8::/32'], avoidBuggyIPs: true },
        },
      });

    test('is exact to 2^63 − 1, takes nothing else from the pool, and is put right; a second look writes nothing', async () => {
      await createPool();
      const before = await get(path);
      counted.set('a', { assignedIPv4: 3n, assignedIPv6: 0n, availableIPv4: 253n, availableIPv6: 2n ** 96n });
      const writer = createPoolStatusWriter({
        client: controller,
        namespace: NAMESPACE,
        counters: (pool) => counted.get(pool),
        logger: silent,
      });
      closing.push(() => writer.stop());
      const written = await waitUntil('a status', async () => {
        const shown = await get(path);
        return shown.status?.assignedIPv4 === 3 && shown;
      });
      expect(written.status).toEqual({
        assignedIPv4: 3,
        assignedIPv6: 0,
        availableIPv4: 253,
        availableIPv6: MAX_INT64,
      });
      const { resourceVersion: _new, managedFields: _made, ...metadata } = written.metadata;
      expect(before.metadata).toMatchObject(metadata);
      expect(written.spec).toEqual(before.spec);
      expect(managers(written)).toContain('controller Update status');

      for (let i = 0; i < 3; i++) {
        writer.changed();
        await rest();
      }
      expect((await get(path)).metadata.resourceVersion).toBe(written.metadata.resourceVersion);

      // One more than 2^63 − 2: rounded, both are the same number.
      await admin.request('PATCH', `${path}/status`, { body: { status: { availableIPv6: MAX_INT64 - 1n } } });
      await waitUntil('the exact number', async () => (await get(path)).status?.availableIPv6 === MAX_INT64);

      // Many edits of the pool at the time of many changes.
      for (let i = 4; i <= 20; i++) {
        counted.set('a', { assignedIPv4: BigInt(i), assignedIPv6: 0n, availableIPv4: 0n, availableIPv6: 0n });
        writer.changed('a');
        await admin.request('PATCH', path, { body: { metadata: { labels: { edit: String(i) } } } });
      }
      const last = await waitUntil('the last status', async () => {
        const shown = await get(path);
        return shown.status?.assignedIPv4 === 20 && shown;
      });
      expect(last.metadata.labels).toEqual({ theirs: 'stays', edit: '20' });

      await admin.request('PATCH', path, { body: { metadata: { finalizers: null } } });
      await admin.request('DELETE', path);
      await createPool();
      await waitUntil('the status of the new pool', async () => (await get(path)).status?.assignedIPv4 === 20);
      await admin.request('PATCH', path, { body: { metadata: { finalizers: null } } });
    });
  });

  describe('the ConfigurationState', () => {
    const path = `${API}/configurationstates`;
    async function start(
      client: KubeClient,
      reporter: Parameters<typeof createConfigurationStateReporter>[0]['reporter'],
      owner: { name: string; uid: string },
    ): Promise<ConfigurationStateReporter> {
      const started = createConfigurationStateReporter({
        client,
        namespace: NAMESPACE,
        reporter,
        owner,
        logger: silent,
      });
      closing.push(() => started.stop());
      return await Promise.resolve(started);
    }
    const shows = (name: string, result: string): Promise<Shown> =>
      waitUntil(`${name} ${result}`, async () => {
        const shown = await find(`${path}/${name}`);
        return shown?.status?.result === result && shown;
      });

    test('of the controller is written as MetalLB writes it, by the same field owners', async () => {
      const pod = await createPod('controller-1', 'controller');
      const reporter = await start(controller, { component: 'controller' }, pod);
      reporter.report({ errors: ['parsing pool "a": invalid CIDR "x"'] });
      const invalid = await shows('controller', 'Invalid');
      expect(invalid.metadata.labels).toEqual({ 'metallb.io/component-type': 'controller' });
      expect(invalid.metadata.ownerReferences).toEqual([
        { apiVersion: 'v1', kind: 'Pod', name: 'controller-1', uid: pod.uid },
      ]);
      const message = 'configuration error: parsing pool "a": invalid CIDR "x"';
      expect(invalid.status).toEqual({
        result: 'Invalid',
        errorSummary: message,
        conditions: [
          {
            type: 'poolReconcilerValid',
            status: 'False',
            reason: 'ConfigurationError',
            message,
            lastTransitionTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/) as string,
          },
        ],
      });
      expect(managers(invalid)).toEqual([
        'controller Update object',
        'controller Update status',
        'poolReconciler Apply status',
      ]);
      const table = await controlPlane.kubectl(['-n', NAMESPACE, 'get', 'configurationstates']);
      expect(table).toMatch(/^NAME +RESULT +ERRORSUMMARY +AGE\ncontroller +Invalid +configuration error: parsing/);

      reporter.report({ valid: true });
      const valid = await shows('controller', 'Valid');
      expect(valid.status?.errorSummary).toBeUndefined();
      expect(valid.status?.conditions).toMatchObject([{ status: 'True', reason: 'Reconciled', message: '' }]);
    });

    test('is not written again for the same, not after a restart either; edits are put right, a deleted one is made again', async () => {
      const pod = await createPod('controller-2', 'controller');
      const first = await start(controller, { component: 'controller' }, pod);
      first.report({ errors: ['a'] });
      await shows('controller', 'Invalid');
      await rest();
      const before = await get(`${path}/controller`);
      first.report({ errors: ['a'] });
      await rest();
      await first.stop();
      const second = await start(controller, { component: 'controller' }, pod);
      second.report({ errors: ['a'] });
      await rest();
      expect((await get(`${path}/controller`)).metadata.resourceVersion).toBe(before.metadata.resourceVersion);

      second.report({ errors: ['b'] });
      const other = await waitUntil('the other error', async () => {
        const shown = await get(`${path}/controller`);
        return shown.status?.errorSummary === 'configuration error: b' && shown;
      });
      const since = (shown: Shown): string | undefined => shown.status?.conditions?.[0]?.lastTransitionTime;
      expect(since(other)).toBe(since(before));

      await admin.request('PATCH', `${path}/controller/status`, {
        body: { status: { result: 'Valid', conditions: [] } },
      });
      await shows('controller', 'Invalid');
      await admin.request('PATCH', `${path}/controller`, {
        body: { metadata: { labels: { 'metallb.io/component-type': null, theirs: 'stays' } } },
      });
      const labels = { 'metallb.io/component-type': 'controller', theirs: 'stays' };
      await waitUntil('its label', async () => {
        const shown = await get(`${path}/controller`);
        return shown.metadata.labels?.['metallb.io/component-type'] !== undefined && shown;
      });
      expect((await get(`${path}/controller`)).metadata.labels).toEqual(labels);
      const { uid } = (await get(`${path}/controller`)).metadata;
      await admin.request('DELETE', `${path}/controller`);
      await waitUntil('a new one', async () => {
        const shown = await find(`${path}/controller`);
        return shown !== undefined && shown.metadata.uid !== uid && shown.status?.result === 'Invalid';
      });
    });

    test('of a speaker goes with its Pod', async () => {
      const pod = await createPod('speaker-1', 'speaker');
      const reporter = await start(speaker, { component: 'speaker', nodeName: 'node1' }, pod);
      reporter.report({ unknown: 'bgppeers cannot be listed' });
      const shown = await shows('speaker-node1', 'Unknown');
      expect(shown.metadata.labels).toEqual({
        'metallb.io/component-type': 'speaker',
        'metallb.io/node-name': 'node1',
      });
      expect(shown.status).toMatchObject({
        errorSummary: 'bgppeers cannot be listed',
        conditions: [{ type: 'configReconcilerValid', status: 'False', reason: 'UnknownError' }],
      });
      expect(managers(shown)).toEqual([
        'configReconciler Apply status',
        'speaker Update object',
        'speaker Update status',
      ]);
      await reporter.stop();
      await admin.request('DELETE', `/api/v1/namespaces/${NAMESPACE}/pods/speaker-1?gracePeriodSeconds=0`);
      await waitUntil('its end', async () => (await find(`${path}/speaker-node1`)) === undefined, {
        timeoutMs: 30_000,
      });
    });
  });

  test('the memberlist Secret is made by the controller, and by nobody without the rule', async () => {
    await controlPlane.kubectl(['-n', NAMESPACE, 'create', 'deployment', 'controller', '--image=example.com/c:1']);
    const options = { namespace: NAMESPACE, name: 'memberlist', deploymentName: 'controller' };
    await expect(ensureMemberlistSecret({ ...options, client: speaker })).rejects.toThrow(
      'allows "get" of deployments (apps) named controller',
    );
    const outcomes = await Promise.all([
      ensureMemberlistSecret({ ...options, client: controller }),
      ensureMemberlistSecret({ ...options, client: controller }),
    ]);
    expect(outcomes.sort()).toEqual(['created', 'there already']);
    const key = await controlPlane.kubectl([
      ...['-n', NAMESPACE, 'get', 'secret', 'memberlist', '-o'],
      'go-template={{.data.secretkey | base64decode}} {{(index .metadata.ownerReferences 0).kind}}',
    ]);
    expect(key).toMatch(/^[A-Za-z0-9+/]{22} Deployment$/);
    expect(await ensureMemberlistSecret({ ...options, client: speaker })).toBe('there already');
  });
});
