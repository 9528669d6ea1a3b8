import { Counter, Gauge } from 'prom-client';
import { describe, expect, test } from 'vitest';
import { defineConfigurationMetrics, defineRestClientMetrics } from './client-metrics.ts';
import { createMetrics } from './create-metrics.ts';

/** `# TYPE` lines as a map, and the samples as a map from series to value. */
async function told(registry: ReturnType<typeof createMetrics>) {
  const lines = (await registry.metrics()).split('\n');
  const types = new Map(
    lines.filter((line) => line.startsWith('# TYPE ')).map((line) => line.slice(7).split(' ') as [string, string]),
  );
  const samples = new Map(
    lines
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))] as const),
  );
  return { types, samples };
}

describe.skipIf(process.platform !== 'linux')("Go's process metrics", () => {
  test.for<[name: string, type: string]>([
    ['process_cpu_seconds_total', 'counter'],
    ['process_open_fds', 'gauge'],
    ['process_max_fds', 'gauge'],
    ['process_virtual_memory_bytes', 'gauge'],
    ['process_virtual_memory_max_bytes', 'gauge'],
    ['process_resident_memory_bytes', 'gauge'],
    ['process_network_receive_bytes_total', 'counter'],
    ['process_network_transmit_bytes_total', 'counter'],
    ['process_start_time_seconds', 'gauge'],
  ])('%s is a %s above zero', async ([name, type]) => {
    const { types, samples } = await told(createMetrics({ program: 'example' }));
    expect(types.get(name)).toBe(type);
    expect(samples.get(name)).toBeGreaterThanOrEqual(name.includes('network') ? 0 : Number.MIN_VALUE);
  });

  test('are what the kernel says', async () => {
    const { samples } = await told(createMetrics({ program: 'example' }));
    const now = Date.now() / 1000;
    const startedAt = samples.get('process_start_time_seconds') ?? 0;
    expect(now - startedAt).toBeGreaterThan(0);
    expect(samples.get('process_virtual_memory_bytes')).toBeGreaterThan(process.memoryUsage.rss());
    expect(samples.get('process_max_fds')).toBeGreaterThanOrEqual(samples.get('process_open_fds') ?? 0);
  });
});

test('counters of the process do not add up over scrapes', async () => {
  const registry = createMetrics({ program: 'example' });
  await registry.metrics();
  const { samples } = await told(registry);
  const { user, system } = process.cpuUsage();
  expect(samples.get('process_cpu_seconds_total')).toBeLessThanOrEqual((user + system) / 1e6);
});

test('what runs is told', async () => {
  const { samples } = await told(createMetrics({ program: 'controller', version: '1.2.3' }));
  const nodejs = process.versions.node;
  expect(samples.get(`steelyard_daemon_build_info{program="controller",version="1.2.3",nodejs="${nodejs}"}`)).toBe(1);
});

test("MetalLB's metrics of its configuration are there at 0 from the start", async () => {
  const registry = createMetrics({ program: 'example' });
  const metrics = defineConfigurationMetrics(registry);
  const names = ['updates_total', 'update_errors_total', 'config_loaded_bool', 'config_stale_bool'];
  let { types, samples } = await told(registry);
  const of = (map: ReadonlyMap<string, unknown>): unknown[] =>
    names.map((name) => map.get(`metallb_k8s_client_${name}`));
  expect([of(types), of(samples)]).toEqual([
    ['counter', 'counter', 'gauge', 'gauge'],
    [0, 0, 0, 0],
  ]);
  metrics.updatesTotal.inc();
  metrics.configLoaded.set(1);
  ({ types, samples } = await told(registry));
  expect(of(samples)).toEqual([1, 0, 1, 0]);
});

test("client-go's series has its labels", async () => {
  const registry = createMetrics({ program: 'example' });
  defineRestClientMetrics(registry).inc({ code: '200', method: 'GET', host: '10.96.0.1:443' });
  const { samples } = await told(registry);
  expect(samples.get('rest_client_requests_total{code="200",method="GET",host="10.96.0.1:443"}')).toBe(1);
});

test('a program adds its own, which are read when somebody asks', async () => {
  const registry = createMetrics({ program: 'example' });
  let reads = 0;
  new Gauge({
    name: 'example_gauge',
    help: 'x',
    registers: [registry],
    collect() {
      this.set(++reads);
    },
  });
  new Counter({ name: 'example_total', help: 'x', labelNames: ['ip'], registers: [registry] }).inc(
    { ip: '192.0.2.1' },
    2,
  );
  expect(reads).toBe(0);
  const { samples } = await told(registry);
  expect([samples.get('example_gauge'), samples.get('example_total{ip="192.0.2.1"}')]).toEqual([1, 2]);
});
