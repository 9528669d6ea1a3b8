import { waitUntil } from '@steelyard/testkit';
import { describe, expect, test } from 'vitest';
import type { Controller } from './cluster/controllers.ts';
import { describeWithRoles } from './cluster/describe-with-roles.ts';
import { openObservations, writingPod } from './cluster/observations.ts';
import { SERVICES } from './cluster/services.ts';

const API = '/apis/metallb.io/v1beta1/namespaces/metallb-system';
const POOLS = `${API}/ipaddresspools`;
const STATE = `${API}/configurationstates/controller`;
const MAX_INT64 = '9223372036854775807';
/** As somebody mistypes them. */
const NO_ADDRESSES = ['192.0.2.300/32'];

/** Whatever else this machine does. */
const eventually = <T>(look: () => T) => expect.poll(look, { timeout: 20_000, interval: 100 });

interface StateObject {
  readonly metadata: {
    readonly uid: string;
    readonly resourceVersion: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly ownerReferences?: readonly { readonly kind: string; readonly name: string; readonly uid: string }[];
  };
  readonly status?: {
    readonly result?: string;
    readonly errorSummary?: string;
    readonly conditions?: readonly {
      readonly type: string;
      readonly status: string;
      readonly reason: string;
      readonly message: string;
      readonly lastTransitionTime: string;
    }[];
  };
}

await describeWithRoles('what the controller tells', (cluster) => {
  const state = async (): Promise<StateObject> => (await cluster().kube.get(STATE)) as StateObject;
  const result = async (): Promise<string> => (await state().catch(() => undefined))?.status?.result ?? '';
  const setAddresses = async (pool: string, addresses: readonly string[]): Promise<unknown> =>
    cluster().kube.patch(`${POOLS}/${pool}`, { spec: { addresses } });
  const podUid = async ({ pod }: Controller): Promise<string> => {
    const object = await cluster().kube.get(`/api/v1/namespaces/metallb-system/pods/${pod}`);
    return (object as { metadata: { uid: string } }).metadata.uid;
  };
  /** The status of a pool as the API server writes it: no number of JavaScript's is between. */
  const poolStatus = async (pool: string): Promise<Readonly<Record<string, string>>> => {
    const text = await cluster().kubectl(['get', '--raw', `${POOLS}/${pool}`]);
    const numbers = text.matchAll(/"((?:assigned|available)IPv[46])":(-?[0-9.e+]+)/g);
    return Object.fromEntries([...numbers].map(([, name, number]) => [name, number]));
  };
  const counted = (assignedIPv4: string, assignedIPv6: string, availableIPv4: string, availableIPv6: string) => ({
    assignedIPv4,
    assignedIPv6,
    availableIPv4,
    availableIPv6,
  });
  /** Of an object in MetalLB's namespace. */
  const eventsAbout = async (name: string): Promise<readonly string[]> => {
    const { items } = (await cluster().kube.get('/api/v1/namespaces/metallb-system/events')) as {
      items: readonly { involvedObject: { name: string }; type: string; reason: string; message: string }[];
    };
    return items
      .filter(({ involvedObject }) => involvedObject.name === name)
      .map(({ type, reason, message }) => `${type} ${reason}: ${message}`);
  };

  describe('the status of a pool', () => {
    test('appears with the pool, follows it, and is exact where a number of JavaScript’s would round', async () => {
      const { createPool, createService, startController, addressOf, kube } = cluster();
      await createPool('plain', ['192.0.2.128/25']);
      await createPool('one-64', ['2001:db8:0:1::/64'], { autoAssign: false });
      // `::/0` with nothing left out, and a range beside it, whose sum is beyond an int64.
      await createPool('everything', ['4000::/2', '198.51.100.0/31'], { autoAssign: false });
      await createPool('one-67', ['2001:db8:0:2::/67'], { autoAssign: false });
      await startController();
      await eventually(() => poolStatus('plain')).toEqual(counted('0', '0', '128', '0'));
      await eventually(() => poolStatus('one-64')).toEqual(counted('0', '0', '0', MAX_INT64));
      await eventually(() => poolStatus('everything')).toEqual(counted('0', '0', '2', MAX_INT64));
      await eventually(() => poolStatus('one-67')).toEqual(counted('0', '0', '0', '2305843009213693952'));

      const families = { ipFamilyPolicy: 'SingleStack', ipFamilies: ['IPv6'] };
      await createService('of-67', { spec: families, annotations: { 'metallb.io/address-pool': 'one-67' } });
      await createService('of-64', { spec: families, annotations: { 'metallb.io/address-pool': 'one-64' } });
      await addressOf('of-67');
      await addressOf('of-64');
      await eventually(() => poolStatus('one-67')).toEqual(counted('0', '1', '0', '2305843009213693951'));
      // From 62 bits on a pool has as many as an int64 can say: MetalLB internal/allocator/allocator.go, poolCount.
      await eventually(() => poolStatus('one-64')).toEqual(counted('0', '1', '0', '9223372036854775806'));

      await kube.delete(`${SERVICES}/of-67`);
      await eventually(() => poolStatus('one-67')).toEqual(counted('0', '0', '0', '2305843009213693952'));
      await setAddresses('plain', ['192.0.2.128/26']);
      await eventually(() => poolStatus('plain')).toEqual(counted('0', '0', '64', '0'));
    });

    test('is written a few times for many Services, put right where it is edited, and there again with its pool', async () => {
      const { createPool, createService, startController, servedServices, kube, audit } = cluster();
      await createPool('busy', ['192.0.2.0/24']);
      await startController();
      await eventually(() => poolStatus('busy')).toEqual(counted('0', '0', '256', '0'));
      const since = await audit.mark();
      await Promise.all(Array.from({ length: 60 }, (_, i) => createService(`many-${i}`)));
      await servedServices(60);
      await eventually(() => poolStatus('busy')).toEqual(counted('60', '0', '196', '0'));
      const ofPools = { account: 'controller', resource: 'ipaddresspools.metallb.io/status', since };
      const { 'update ipaddresspools.metallb.io/status': writes = 0 } = await audit.writes(ofPools);
      expect(writes).toBeGreaterThan(0);
      expect(writes).toBeLessThan(30); // MetalLB's takes about one for each Service

      await kube.patch(`${POOLS}/busy/status`, { status: { assignedIPv4: 7 } });
      await eventually(() => poolStatus('busy')).toEqual(counted('60', '0', '196', '0'));

      const before = await cluster().allAddresses();
      await kube.delete(`${POOLS}/busy`);
      await eventually(async () => Object.values(await cluster().allAddresses()).flat()).toEqual([]);
      await createPool('busy', ['192.0.2.0/24']);
      await eventually(() => poolStatus('busy')).toEqual(counted('60', '0', '196', '0'));
      expect(await servedServices(60)).toEqual(before);
    });
  });

  describe('the ConfigurationState', () => {
    test('is Valid, belongs to the Pod, and rests while what is told stays the same, also over a restart', async () => {
      const { createPool, startController, kube, audit } = cluster();
      await createPool('steady', ['192.0.2.128/25']);
      const controller = await startController();
      await eventually(result).toBe('Valid');
      const { metadata, status } = await state();
      expect(metadata.labels).toEqual({ 'metallb.io/component-type': 'controller' });
      expect(metadata.ownerReferences).toEqual([
        { apiVersion: 'v1', kind: 'Pod', name: controller.pod, uid: await podUid(controller) },
      ]);
      expect(status?.conditions).toEqual([
        {
          ...{ type: 'poolReconcilerValid', status: 'True', reason: 'Reconciled', message: '' },
          lastTransitionTime: expect.any(String),
        },
      ]);
      expect(status?.errorSummary ?? '').toBe('');
      await new Promise((resolve) => setTimeout(resolve, 500)); // what is still to come of the start
      const steady = await state();

      for (let i = 0; i < 5; i++) {
        await kube.patch(`${POOLS}/steady`, { metadata: { labels: { edit: String(i) } } });
        await setAddresses('steady', i % 2 === 0 ? ['192.0.2.128/26', '192.0.2.192/26'] : ['192.0.2.128/25']);
      }
      await eventually(() => poolStatus('steady')).toMatchObject({ availableIPv4: '128' });
      expect(told(await state())).toEqual(told(steady));

      const since = await audit.mark();
      await controller.restart();
      await controller.ready();
      await cluster().createService('after');
      await cluster().addressOf('after');
      const ofState = { account: 'controller', resource: 'configurationstates.metallb.io/status', since };
      expect(await audit.writes(ofState)).toEqual({});
      expect(told(await state())).toEqual(told(steady));
    });

    /** All but the annotation, and with it the version, by which controllers agree who writes where there may be no Lease. */
    function told({ metadata, status }: StateObject) {
      const { uid, labels, ownerReferences, resourceVersion } = metadata;
      const version = cluster().roles === 'own' ? resourceVersion : undefined;
      return { uid, labels, ownerReferences, status, version };
    }

    test('is Invalid with MetalLB’s text, and Valid again; who deletes it gets it back', async () => {
      const { createPool, startController, kube } = cluster();
      await createPool('mistyped', NO_ADDRESSES);
      await startController();
      await eventually(result).toBe('Invalid');
      // MetalLB internal/config/config.go, poolsFor, addressPoolFromCR and ParseCIDR; and
      // internal/k8s/controllers/configuration_state.go for what stands before it. Where to look is ours.
      const message =
        'configuration error: IPAddressPool/mistyped spec.addresses[0]: parsing address pool mistyped: invalid CIDR "192.0.2.300/32" in pool "mistyped": invalid CIDR "192.0.2.300/32"';
      const invalid = await state();
      expect(invalid.status).toMatchObject({
        errorSummary: message,
        conditions: [{ type: 'poolReconcilerValid', status: 'False', reason: 'ConfigurationError', message }],
      });

      await kube.delete(STATE);
      await eventually(async () => (await state().catch(() => undefined))?.status?.errorSummary).toBe(message);
      expect((await state()).metadata.uid).not.toBe(invalid.metadata.uid);

      await setAddresses('mistyped', ['192.0.2.3/32']);
      await eventually(result).toBe('Valid');
      const [condition] = (await state()).status?.conditions ?? [];
      expect(condition).toMatchObject({ status: 'True', reason: 'Reconciled', message: '' });
    });
  });

  describe('a pool that is wrong', () => {
    test('is isolated: who has its addresses keeps them, also over a restart, and all else is served', async () => {
      const { createPool, createService, startController, addressOf, addressesOf, kube } = cluster();
      const observed = await openObservations(cluster());
      const annotations = { 'metallb.io/address-pool': 'broken' };
      await createPool('broken', ['192.0.2.10-192.0.2.19']);
      await createPool('sound', ['198.51.100.0/24']);
      const controller = await startController();
      await createService('holder', { annotations });
      expect(await addressOf('holder')).toBe('192.0.2.10');
      await eventually(() => observed.metric(controller, 'metallb_k8s_client_config_stale_bool')).toBe(0);

      await setAddresses('broken', ['192.0.2.10-192.0.2.19', '192.0.2.40-192.0.2.39']);
      await eventually(result).toBe('Invalid');
      await eventually(() => observed.metric(controller, 'metallb_k8s_client_config_stale_bool')).toBe(1);
      await eventually(() => eventsAbout('broken')).toContainEqual(
        expect.stringMatching(
          /^Warning InvalidConfiguration: .*start IP "192\.0\.2\.40" is after the end IP "192\.0\.2\.39"/,
        ),
      );
      expect(controller.records()).toContainEqual(
        expect.objectContaining({ msg: 'failed to parse the configuration', object: 'IPAddressPool/broken' }),
      );
      await createService('of-sound');
      expect(await addressOf('of-sound')).toBe('198.51.100.0');
      await createService('of-broken', { annotations });

      await controller.restart();
      await controller.ready();
      await createService('of-sound-later');
      expect(await addressOf('of-sound-later')).toBe('198.51.100.1');
      // Touched, it is looked at once more.
      await kube.patch(`${SERVICES}/holder`, { metadata: { labels: { touched: 'yes' } } });
      await createService('last');
      await addressOf('last');
      expect(await addressesOf('holder')).toEqual(['192.0.2.10']);
      expect(await addressesOf('of-broken')).toEqual([]);
      await eventually(() => observed.metric(controller, 'metallb_k8s_client_config_stale_bool')).toBe(1);

      await setAddresses('broken', ['192.0.2.10-192.0.2.19']);
      await eventually(() => observed.metric(controller, 'metallb_k8s_client_config_stale_bool')).toBe(0);
      await eventually(result).toBe('Valid');
      expect(await addressOf('of-broken')).toBe('192.0.2.11');
      expect(await addressesOf('holder')).toEqual(['192.0.2.10']);
      expect(await observed.metric(controller, 'metallb_k8s_client_config_loaded_bool')).toBe(1);
    });

    test('for it overlaps another is the newer of the two', async () => {
      const { createPool, createService, startController, addressOf } = cluster();
      // By name the newer would come first. Creation times have a second's grain.
      await createPool('z-older', ['192.0.2.0/28']);
      const older = (await cluster().kube.get(`${POOLS}/z-older`)) as { metadata: { creationTimestamp: string } };
      const created = Date.parse(older.metadata.creationTimestamp);
      await waitUntil('another second', () => Date.now() - created > 1_100);
      const controller = await startController();
      await createService('early', { annotations: { 'metallb.io/address-pool': 'z-older' } });
      await addressOf('early');
      await createPool('a-newer', ['192.0.2.8/29']);
      await eventually(result).toBe('Invalid');
      // MetalLB internal/config/config.go, poolsFor.
      expect((await state()).status?.errorSummary).toContain(
        'CIDR "192.0.2.8/29" in pool "a-newer" overlaps with already defined CIDR "192.0.2.0/28"',
      );
      for (const look of ['before', 'after']) {
        await createService(`of-older-${look}`, { annotations: { 'metallb.io/address-pool': 'z-older' } });
        await addressOf(`of-older-${look}`);
        await createService(`of-newer-${look}`, { annotations: { 'metallb.io/address-pool': 'a-newer' } });
        await eventually(() => cluster().eventsOf('Service', `of-newer-${look}`)).toContainEqual(
          expect.stringContaining('Warning AllocationFailed'),
        );
        await controller.restart();
        await controller.ready();
      }
      expect(await eventsAbout('z-older')).toEqual([]);
      expect(await eventsAbout('a-newer')).not.toEqual([]);
    });

    test.each([['--config-strictness=all-or-nothing'], ['--parity=metallb']])(
      'freezes the whole configuration with %s, and after a restart nothing is in force',
      async (flag) => {
        const { createPool, createService, startController, addressOf, addressesOf, kube } = cluster();
        const observed = await openObservations(cluster());
        await createPool('good', ['192.0.2.10-192.0.2.19']);
        const controller = await startController({ flags: [flag] });
        await createService('holder');
        expect(await addressOf('holder')).toBe('192.0.2.10');

        await createPool('bad', NO_ADDRESSES);
        await eventually(result).toBe('Invalid');
        await createPool('new', ['198.51.100.0/24']);
        await createService('of-good');
        expect(await addressOf('of-good')).toBe('192.0.2.11'); // the last good one is still in force
        await createService('of-new', { annotations: { 'metallb.io/address-pool': 'new' } });
        await eventually(() => cluster().eventsOf('Service', 'of-new')).toContainEqual(
          expect.stringContaining('Warning AllocationFailed: Failed to allocate IP for "default/of-new": '),
        );
        await eventually(() => observed.metric(controller, 'metallb_k8s_client_config_stale_bool')).toBe(1);

        await controller.restart();
        await controller.ready();
        await createService('after');
        await kube.patch(`${SERVICES}/holder`, { metadata: { labels: { touched: 'yes' } } });
        await new Promise((resolve) => setTimeout(resolve, 1_500)); // nothing is what is waited for
        expect(await addressesOf('after')).toEqual([]);
        expect(await addressesOf('holder')).toEqual(['192.0.2.10']);
        await eventually(() => observed.metric(controller, 'metallb_k8s_client_config_stale_bool')).toBe(1);

        await kube.delete(`${POOLS}/bad`);
        expect(await addressOf('after')).not.toBe('');
        await addressOf('of-new');
        expect(await addressesOf('holder')).toEqual(['192.0.2.10']);
        await eventually(() => observed.metric(controller, 'metallb_k8s_client_config_stale_bool')).toBe(0);
        await eventually(result).toBe('Valid');
      },
    );
  });

  describe('the metrics', () => {
    test('are for those who may read them, by HTTPS, under MetalLB’s names', async () => {
      const { createPool, createService, startController, addressOf } = cluster();
      const observed = await openObservations(cluster());
      await createPool('first', ['192.0.2.128/26']);
      await createPool('second', ['2001:db8::/120'], { autoAssign: false });
      const controller = await startController();
      await createService('web');
      await addressOf('web');
      const url = 'https://127.0.0.1:9120/metrics';
      expect((await controller.get(url, '-k')).status).toBe(401);
      expect((await controller.get(url, '-k', '-H', 'Authorization: Bearer garbage')).status).toBe(401);
      const stranger = await controller.get(url, '-k', '-H', `Authorization: Bearer ${observed.strangersToken}`);
      expect(stranger.status).toBe(403);
      expect((await controller.get(url.replace('https', 'http'))).status).not.toBe(200);
      const { status, body } = await controller.get(url, '-k', '-H', `Authorization: Bearer ${observed.token}`);
      expect(status).toBe(200);

      const lines = body.split('\n').filter((line) => line.startsWith('metallb_'));
      // docs of MetalLB: internal/allocator/stats.go, internal/k8s/controllers/stats.go. `services_allocated_total` is never set.
      expect(lines.filter((line) => line.startsWith('metallb_allocator_')).toSorted()).toEqual([
        'metallb_allocator_addresses_in_use_total{pool="first"} 1',
        'metallb_allocator_addresses_in_use_total{pool="second"} 0',
        'metallb_allocator_addresses_total{pool="first"} 64',
        'metallb_allocator_addresses_total{pool="second"} 256',
        'metallb_allocator_ipv4_addresses_in_use_total{pool="first"} 1',
        'metallb_allocator_ipv4_addresses_in_use_total{pool="second"} 0',
        'metallb_allocator_ipv4_addresses_total{pool="first"} 64',
        'metallb_allocator_ipv4_addresses_total{pool="second"} 0',
        'metallb_allocator_ipv6_addresses_in_use_total{pool="first"} 0',
        'metallb_allocator_ipv6_addresses_in_use_total{pool="second"} 0',
        'metallb_allocator_ipv6_addresses_total{pool="first"} 0',
        'metallb_allocator_ipv6_addresses_total{pool="second"} 256',
      ]);
      const types = body.split('\n').filter((line) => line.startsWith('# TYPE metallb_k8s_client_'));
      expect(types.toSorted()).toEqual([
        '# TYPE metallb_k8s_client_config_loaded_bool gauge',
        '# TYPE metallb_k8s_client_config_stale_bool gauge',
        '# TYPE metallb_k8s_client_update_errors_total counter',
        '# TYPE metallb_k8s_client_updates_total counter',
      ]);
      expect(lines).toContain('metallb_k8s_client_config_loaded_bool 1');
      expect(lines).toContain('metallb_k8s_client_config_stale_bool 0');
      expect(lines).toContain('metallb_k8s_client_update_errors_total 0');
      expect(await observed.metric(controller, 'metallb_k8s_client_updates_total')).toBeGreaterThan(1);

      // A pool that goes takes its series with it.
      await cluster().kube.delete(`${POOLS}/second`);
      await eventually(() => observed.metrics(controller)).not.toContain('pool="second"');
    });

    test('are nowhere with --port 0', async () => {
      const controller = await cluster().startController({ flags: ['--port', '0'] });
      const { stdout } = await controller.namespace.run('ss', ['-Hltn'], { allowFailure: true });
      expect((await controller.get('https://127.0.0.1:9120/metrics', '-k')).status).toBe(0);
      expect(stdout).not.toContain(':9120');
      expect(stdout).toContain(':17472');
    });
  });

  test('the probes: alive at once, ready when what it needs was listed, whatever it is worth', async () => {
    const { createPool, startController, controlPlane } = cluster();
    await createPool('wrong', NO_ADDRESSES);
    const controller = await startController();
    const ask = (path: string) => controller.get(`http://127.0.0.1:17472/${path}`);
    expect(await ask('healthz')).toEqual({ status: 200, body: 'ok' });
    expect(await ask('readyz')).toEqual({ status: 200, body: 'ok' });

    await controlPlane.killApiServer();
    await controller.restart();
    await eventually(() => ask('healthz')).toEqual({ status: 200, body: 'ok' });
    expect(await ask('readyz')).toMatchObject({ status: 503, body: expect.stringContaining('not ready: ') });
    await controlPlane.restartApiServer();
    await controller.ready();
  });

  test('the memberlist Secret is made, once, for the Deployment; what is there is left alone', async () => {
    const { startController, kube } = cluster();
    const secret = '/api/v1/namespaces/metallb-system/secrets/memberlist';
    const template = {
      metadata: { labels: { app: 'none' } },
      spec: { containers: [{ name: 'none', image: 'example.com/none:1' }] },
    };
    const deployment = await kube.create('/apis/apps/v1/namespaces/metallb-system/deployments', {
      metadata: { name: 'controller' },
      spec: { replicas: 0, selector: { matchLabels: { app: 'none' } }, template },
    });
    const flags = ['--ml-secret-name=memberlist'];
    const controller = await startController({ flags });
    const made = await waitUntil('the Secret', () => kube.get(secret));
    const uid = (deployment as { metadata?: { uid?: string } }).metadata?.uid;
    expect(made).toMatchObject({
      metadata: { ownerReferences: [{ apiVersion: 'apps/v1', kind: 'Deployment', name: 'controller', uid }] },
      data: { secretkey: expect.any(String) },
    });
    const { secretkey = '' } = (made as { data: Record<string, string> }).data;
    expect(Buffer.from(secretkey, 'base64').toString()).toMatch(/^[A-Za-z0-9+/]{22}$/);
    expect(JSON.stringify(controller.records())).not.toContain(Buffer.from(secretkey, 'base64').toString());

    await controller.restart();
    await controller.ready();
    expect(await kube.get(secret)).toEqual(made);
    await kube.delete(secret);
    await kube.delete('/apis/apps/v1/namespaces/metallb-system/deployments/controller');

    // Without its owner it cannot be made: fatal, as in MetalLB.
    await controller.restart();
    await eventually(() => controller.process.end?.code).toBe(1);
    expect(controller.records()).toContainEqual(
      expect.objectContaining({ msg: 'failed to start', error: expect.stringContaining('deployments') }),
    );
  });

  test('ends with 0 on SIGTERM, and lets the next one write at once', async () => {
    const { createPool, createService, startController, addressOf, audit } = cluster();
    await createPool('pool', ['192.0.2.128/25']);
    const first = await startController();
    await createService('one');
    await addressOf('one');
    const second = await startController();
    expect(await first.stop()).toBe(0);
    const since = await audit.mark();
    await createService('two');
    await addressOf('two');
    // With MetalLB's roles the record is in the ConfigurationState, which the first one's Pod may take with it: ask the process.
    expect(second.records()).toContainEqual(
      expect.objectContaining({ op: 'singleWriter', msg: expect.stringContaining('gives addresses from now on') }),
    );
    expect(await audit.writes({ account: 'controller', resource: 'services/status', since })).toEqual({
      'update services/status': 1,
    });
    expect(await second.stop()).toBe(0);
    expect(await writingPod(cluster())).toBe('');
  });

  test('without its own Pod it serves, and what it writes has no owner', async () => {
    const { createPool, createService, startController, addressOf, kube } = cluster();
    await createPool('pool', ['192.0.2.128/25']);
    const controller = await startController({ env: { METALLB_POD_NAME: 'not-there' } });
    // The Pod of the test would be another controller's, which it would wait for.
    await kube.patch(`/api/v1/namespaces/metallb-system/pods/${controller.pod}`, {
      metadata: { labels: { component: null } },
    });
    await createService('web');
    await addressOf('web', 45_000);
    await eventually(result).toBe('Valid');
    expect((await state()).metadata.ownerReferences ?? []).toEqual([]);
    expect(controller.records()).toContainEqual(
      expect.objectContaining({
        level: 'warn',
        msg: 'own Pod not found, so the ConfigurationState has no owner',
        reason: expect.stringContaining('not-there'),
      }),
    );
  });
});
