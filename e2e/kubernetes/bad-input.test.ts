import { readFile } from 'node:fs/promises';
import { type Fault, type MemoryApi, waitUntil } from '@steelyard/testkit';
import { describeLab } from '@steelyard/testkit/vitest';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type App, waitUntilReady } from '../system/apps.ts';
import { type Cluster, openMemoryCluster, tellLogsOnFailure } from '../system/cluster.ts';
import type { Controller } from './cluster/controllers.ts';
import { describeWithRoles } from './cluster/describe-with-roles.ts';
import { SERVICES } from './cluster/services.ts';

const NAMESPACE = 'metallb-system';
const POOLS = `/apis/metallb.io/v1beta1/namespaces/${NAMESPACE}/ipaddresspools`;
const MIB = 1024 * 1024;
/** What a process may take at its worst moment: twice what was seen. Its heap is bounded well above. */
const MAX_PEAK_MIB = 900;
/** NUL is refused by every API server. */
const CONTROL_CHARACTERS = '\u001b[2J\r\n\t\u0007\u202e","level":"error","msg":"forged"}\n{"level":"error"';

/** A clock that jumps cannot be had here: see the tests of `single-writer/machine` (clockJumped), `pace` and `webhook-certificates`. */

const eventually = <T>(look: () => T) => expect.poll(look, { timeout: 40_000, interval: 100 });

/** The most memory that a process ever had. */
async function peakMib(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return (Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024) / MIB;
}

async function expectSound(
  running: { readonly end: unknown; readonly pid: number; readonly lines: readonly string[] },
  what: string,
): Promise<void> {
  expect(running.end, what).toBeUndefined();
  const peak = await peakMib(running.pid);
  process.stdout.write(`${what}: at most ${Math.round(peak)} MiB\n`);
  expect(peak, what).toBeLessThan(MAX_PEAK_MIB);
  // Each line of the log is JSON, and of a bounded length.
  for (const line of running.lines) expect(() => JSON.parse(line), line.slice(0, 200)).not.toThrow();
  expect(Math.max(0, ...running.lines.map(({ length }) => length))).toBeLessThan(16_384);
}

await describeWithRoles('the controller, given what nobody in his right mind would write', (cluster) => {
  /** A Service that comes now is served. */
  async function expectOrder(controller: Controller, what: string): Promise<void> {
    await cluster().createService('marker', { annotations: { 'metallb.io/address-pool': 'plain' } });
    await cluster().addressOf('marker', 40_000);
    await cluster().kube.delete(`${SERVICES}/marker`);
    await expectSound(controller.process, what);
  }

  test('objects of a megabyte, thousands of ranges, the longest names and control characters', async () => {
    const { createPool, createService, startController, addressOf, addressesOf, eventsOf, kube } = cluster();
    await createPool('plain', ['192.0.2.0/24']);
    const ranges = Array.from({ length: 5_000 }, (_, i) => `10.${i >> 8}.${i & 255}.1-10.${i >> 8}.${i & 255}.9`);
    await createPool('of-5000-ranges', ranges, { autoAssign: false });
    const longest = `${'n'.repeat(60)}.${'a'.repeat(60)}.${'m'.repeat(60)}.${'e'.repeat(60)}.${'s'.repeat(9)}`;
    expect(longest).toHaveLength(253);
    await createPool(longest, ['198.51.100.7/32'], { autoAssign: false });
    const controller = await startController();
    const heavy = Object.fromEntries(Array.from({ length: 25 }, (_, i) => [`example.com/a${i}`, 'x'.repeat(10_000)]));
    // All annotations of an object together may have 256 KiB; labels may be as many as a request can hold.
    const labels = Object.fromEntries(Array.from({ length: 5_000 }, (_, i) => [`example.com/l${i}`, 'v'.repeat(63)]));
    await createService('heavy', { annotations: heavy });
    expect(await addressOf('heavy')).toMatch(/^192\.0\.2\./);
    await kube.create(SERVICES, {
      metadata: { name: 's'.repeat(63), annotations: { ...heavy, 'metallb.io/address-pool': longest } },
      spec: { type: 'LoadBalancer', allocateLoadBalancerNodePorts: false, ports: [{ port: 80 }] },
    });
    expect(await addressOf('s'.repeat(63))).toBe('198.51.100.7');
    await createService('labelled', { labels, annotations: heavy });
    expect(await addressOf('labelled')).toMatch(/^192\.0\.2\./);
    await createService('last-range', {
      annotations: { 'metallb.io/address-pool': 'of-5000-ranges', 'metallb.io/loadBalancerIPs': '10.19.135.9' },
    });
    expect(await addressOf('last-range')).toBe('10.19.135.9');
    await createService('controlled', {
      annotations: {
        'metallb.io/loadBalancerIPs': CONTROL_CHARACTERS,
        'metallb.io/allow-shared-ip': CONTROL_CHARACTERS,
        'metallb.io/address-pool': CONTROL_CHARACTERS,
      },
    });
    await eventually(async () => (await eventsOf('Service', 'controlled')).join()).toContain('AllocationFailed');
    const [event = ''] = await eventsOf('Service', 'controlled');
    expect(event).toContain('\\x1b[2J\\r\\n'); // as Go quotes it: nothing reaches a terminal as it was written
    expect(await addressesOf('controlled')).toEqual([]);
    await expectOrder(controller, 'a megabyte, 5,000 ranges, control characters');
  });

  test('Services that change a hundred times a second keep their addresses, and cost no writes', async () => {
    const { createPool, createService, startController, servedServices, allAddresses, kube, audit } = cluster();
    await createPool('plain', ['192.0.2.0/24']);
    const controller = await startController();
    const names = Array.from({ length: 10 }, (_, i) => `busy-${i}`);
    for (const name of names) await createService(name);
    const before = await servedServices(names.length);
    const since = await audit.mark();
    let changes = 0;
    await Promise.all(
      names.map(async (name) => {
        while (changes < 400) {
          changes += 1;
          const labels = { change: String(changes) };
          await kube.patch(`${SERVICES}/${name}`, { metadata: { labels, annotations: labels } });
        }
      }),
    );
    // What is asked for and taken back, over and over.
    for (let i = 0; i < 20; i += 1) {
      await kube.patch(`${SERVICES}/busy-0`, {
        metadata: { annotations: { 'metallb.io/loadBalancerIPs': '192.0.2.0' } },
      });
      await kube.patch(`${SERVICES}/busy-0`, { metadata: { annotations: { 'metallb.io/loadBalancerIPs': null } } });
    }
    await expectOrder(controller, `${changes} changes`);
    expect(await allAddresses()).toEqual(before);
    const writes = await audit.writes({ account: 'controller', resource: 'services/status', since });
    expect(writes).toEqual({ 'update services/status': 1 }); // of the marker
  });

  test('connections to the webhooks that never say what they were opened for', async () => {
    const { createPool, startController, kube } = cluster();
    await createPool('plain', ['192.0.2.0/24']);
    const controller = await startController();
    const silent = `
      const { connect } = require('node:tls');
      let open = 0, closed = 0;
      for (let i = 0; i < 200; i++) {
        const socket = connect({ host: '127.0.0.1', port: 9443, rejectUnauthorized: false }, () => {
          open++;
          if (i % 3 === 0) return;
          socket.write('POST /validate-metallb-io-v1beta1-ipaddresspool HTTP/1.1\\r\\nHost: x\\r\\nContent-Type: application/json\\r\\nContent-Length: 1000\\r\\n\\r\\n');
          if (i % 3 === 1) socket.write('{"apiVersion":');
        });
        socket.on('error', () => {}).on('close', () => closed++);
      }
      setInterval(() => console.log(JSON.stringify({ open, closed })), 200);
    `;
    const clients = controller.namespace.spawn(process.execPath, ['-e', silent], { name: 'silent clients' });
    const told = (): { open: number; closed: number } => JSON.parse(clients.lines.at(-1) ?? '{"open":0,"closed":0}');
    await waitUntil('the connections', () => told().open + told().closed >= 200, { timeoutMs: 20_000 });
    const review = JSON.stringify({
      apiVersion: 'admission.k8s.io/v1',
      kind: 'AdmissionReview',
      request: {
        uid: 'u',
        operation: 'CREATE',
        kind: { group: 'metallb.io', version: 'v1beta1', kind: 'IPAddressPool' },
        namespace: NAMESPACE,
        name: 'overlapping',
        object: {
          ...{ apiVersion: 'metallb.io/v1beta1', kind: 'IPAddressPool' },
          metadata: { name: 'overlapping', namespace: NAMESPACE },
          spec: { addresses: ['192.0.2.0/25'] },
        },
      },
    });
    const url = 'https://127.0.0.1:9443/validate-metallb-io-v1beta1-ipaddresspool';
    const json = ['-k', '-H', 'Content-Type: application/json', '-d'];
    await eventually(async () => (await controller.get(url, ...json, review)).body).toContain(
      'overlaps with already defined',
    );
    // Nonsense is answered, and says so.
    for (const body of ['', '{', '[]', '{"kind":"AdmissionReview"}', 'x'.repeat(100_000)]) {
      expect((await controller.get(url, ...json, body)).status).toBe(400);
    }
    // In the end each is let go: nobody keeps what others need.
    await waitUntil('all connections to be closed', () => told().closed === 200, {
      timeoutMs: 50_000,
      intervalMs: 200,
    });
    await clients.stop(1_000);
    expect(await kube.get(`${POOLS}/plain`)).toBeDefined();
    await expectOrder(controller, '200 silent connections');
  });
});

describeLab('the controller, given what no API server would answer', () => {
  let cluster: Cluster & { readonly api: MemoryApi };
  let controller: App;

  beforeAll(async () => {
    cluster = await openMemoryCluster();
    await cluster.createPool('plain', { addresses: ['192.0.2.0/24'] });
    controller = cluster.startController();
    await waitUntilReady(controller);
  });
  afterAll(() => cluster?.close());
  tellLogsOnFailure(() => cluster);

  const faults: readonly (readonly [what: string, fault: Fault])[] = [
    ['409', { kind: 'status', code: 409 }],
    ['429 with Retry-After', { kind: 'status', code: 429, retryAfterSeconds: 1 }],
    ['500', { kind: 'status', code: 500 }],
    ['503', { kind: 'status', code: 503 }],
    ['a connection that breaks', { kind: 'disconnect' }],
    ['an answer that is lost', { kind: 'lostAnswer' }],
    ['an answer that is cut', { kind: 'cut', afterOctets: 20 }],
    ['garbage', { kind: 'garbage' }],
  ];

  test.each(faults)('a status is written once though the answers to its writes are %s', async (what, fault) => {
    const name = `write-${what.replaceAll(/[^a-z0-9]+/gi, '-').toLowerCase()}`;
    // What was done although its answer is lost is not done again.
    const times = ['lostAnswer', 'cut'].includes(fault.kind) ? 1 : 3;
    cluster.api.inject({ method: 'PUT', path: new RegExp(`/services/${name}/status`), times, fault });
    await cluster.createService(name);
    const address = await cluster.addressOf(name, 40_000);
    await eventually(() => cluster.api.pendingFaults).toBe(0);
    const addresses = Object.values(await cluster.allAddresses()).flat();
    expect(addresses.filter((each) => each === address)).toHaveLength(1);
    expect(await cluster.addressesOf(name)).toEqual([address]);
    await expectSound(controller.process, what);
  });

  test.each(faults)('what it lists and watches is complete though the answers are %s', async (what, fault) => {
    const before = await cluster.allAddresses();
    for (const path of [/\/services\?/, /\/ipaddresspools\?/, /\/namespaces\?/]) {
      cluster.api.inject({ method: 'GET', path, times: 3, fault });
    }
    // All that it follows ends, and is asked for anew.
    await cluster.api.stop();
    await cluster.api.start();
    const name = `list-${what.replaceAll(/[^a-z0-9]+/gi, '-').toLowerCase()}`;
    await cluster.createService(name);
    await cluster.addressOf(name, 40_000);
    cluster.api.clearFaults();
    expect(await cluster.allAddresses()).toMatchObject(before);
    await expectSound(controller.process, what);
  });

  test('an API server that answers nothing at all to a write', async () => {
    cluster.api.inject({ method: 'PUT', path: /\/services\/hung\/status/, times: 1, fault: { kind: 'hang' } });
    await cluster.createService('hung');
    await cluster.createService('beside');
    await cluster.addressOf('beside');
    await cluster.addressOf('hung', 40_000);
    await expectSound(controller.process, 'a hanging write');
  });

  describe('much at once', () => {
    test('5,000 pools', async () => {
      const pools = Array.from({ length: 5_000 }, (_, i) => i);
      const workers = Array.from({ length: 8 }, async () => {
        for (let i = pools.pop(); i !== undefined; i = pools.pop()) {
          const addresses = [`10.${i >> 8}.${i & 255}.0/24`];
          await cluster.createPool(`pool-${i}`, { addresses, autoAssign: false });
        }
      });
      await Promise.all(workers);
      await cluster.createService('of-4999', { annotations: { 'metallb.io/address-pool': 'pool-4999' } });
      expect(await cluster.addressOf('of-4999', 50_000)).toBe('10.19.135.0');
      await eventually(async () => {
        const { status } = (await cluster.kube.get(`${POOLS}/pool-4999`)) as { status?: object };
        return status;
      }).toEqual({ assignedIPv4: 1, assignedIPv6: 0, availableIPv4: 255, availableIPv6: 0 });
      await expectSound(controller.process, '5,000 pools');
    }, 120_000);

    test('a pool of 100,000 ranges', async () => {
      const addresses = Array.from(
        { length: 100_000 },
        (_, i) =>
          `100.${64 + (i >> 14)}.${(i >> 6) & 255}.${(i & 63) * 4}-100.${64 + (i >> 14)}.${(i >> 6) & 255}.${(i & 63) * 4 + 2}`,
      );
      await cluster.createPool('vast', { addresses, autoAssign: false });
      await cluster.createService('of-vast', { annotations: { 'metallb.io/address-pool': 'vast' } });
      expect(await cluster.addressOf('of-vast', 50_000)).toBe('100.64.0.0');
      await eventually(async () => {
        const { status } = (await cluster.kube.get(`${POOLS}/vast`)) as { status?: object };
        return status;
      }).toEqual({ assignedIPv4: 1, assignedIPv6: 0, availableIPv4: 299_999, availableIPv6: 0 });
      await expectSound(controller.process, 'a pool of 100,000 ranges');
    }, 120_000);

    test('and a start with all of it', async () => {
      const before = await cluster.allAddresses();
      await controller.process.stop(10_000);
      controller = cluster.startController();
      await waitUntilReady(controller);
      await cluster.createService('after-all');
      await cluster.addressOf('after-all', 50_000);
      expect(await cluster.allAddresses()).toMatchObject(before);
      await expectSound(controller.process, 'a start with 5,000 pools and 100,000 ranges');
    }, 120_000);
  });
});
