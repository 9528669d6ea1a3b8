import type { Assigner } from '@steelyard/assign';
import type { Logger } from '@steelyard/daemon';
import {
  type ConfigurationMetrics,
  createMetrics,
  defineConfigurationMetrics,
  defineRestClientMetrics,
  type MetricsServer,
  startMetricsServer,
} from '@steelyard/daemon/metrics';
import { type PoolInt64Counters, poolInt64Counters } from '@steelyard/ipam';
import { createTokenReviewer, type KubeClient, type ObservedResponse } from '@steelyard/k8s-adapter';
import { Gauge, type Registry } from 'prom-client';
import type { Settings } from './settings.ts';

export interface ControllerMetrics {
  readonly registry: Registry;
  readonly configuration: ConfigurationMetrics;
  /** For each answer of the API server. */
  countResponse(response: ObservedResponse): void;
}

export function defineControllerMetrics(): ControllerMetrics {
  const registry = createMetrics({ program: 'controller' });
  const responses = defineRestClientMetrics(registry);
  return {
    registry,
    configuration: defineConfigurationMetrics(registry),
    countResponse: ({ code, method, host }) => responses.inc({ code, method, host }),
  };
}

/** What of a pool's counters each metric shows; the texts are MetalLB's, capitals and all. */
const ALLOCATOR_METRICS: Readonly<
  Record<string, { readonly help: string; readonly of: (counters: PoolInt64Counters) => bigint }>
> = {
  addresses_total: { help: 'Number of usable IP addresses, per pool', of: ({ capacity }) => capacity },
  ipv4_addresses_total: { help: 'Number of usable IPV4 addresses, per pool', of: ({ capacityIPv4 }) => capacityIPv4 },
  ipv6_addresses_total: { help: 'Number of usable IPV6 addresses, per pool', of: ({ capacityIPv6 }) => capacityIPv6 },
  addresses_in_use_total: {
    help: 'Number of IP addresses in use, per pool',
    of: ({ assignedIPv4, assignedIPv6 }) => assignedIPv4 + assignedIPv6,
  },
  ipv4_addresses_in_use_total: {
    help: 'Number of IPV4 addresses in use, per pool',
    of: ({ assignedIPv4 }) => assignedIPv4,
  },
  ipv6_addresses_in_use_total: {
    help: 'Number of IPV6 addresses in use, per pool',
    of: ({ assignedIPv6 }) => assignedIPv6,
  },
};

/**
 * Defines `metallb_allocator_*`, read from the allocator when somebody asks.
 *
 * @see MetalLB `internal/allocator/stats.go`
 */
export function defineAllocatorMetrics(
  registry: Registry,
  pools: () => Iterable<string>,
  counters: Assigner['ipam']['counters'],
): void {
  for (const [name, { help, of }] of Object.entries(ALLOCATOR_METRICS)) {
    new Gauge({
      name: `metallb_allocator_${name}`,
      help,
      labelNames: ['pool'],
      registers: [registry],
      collect() {
        this.reset();
        for (const pool of pools()) {
          const counted = counters(pool);
          if (counted !== undefined) this.set({ pool }, Number(of(poolInt64Counters(counted))));
        }
      },
    });
  }
}

/** Serves them to those who may read them; undefined where the port is 0. */
export async function serveMetrics(
  client: KubeClient,
  registry: Registry,
  { values, tls }: Settings,
  logger: Logger,
): Promise<MetricsServer | undefined> {
  if (values.port === 0) return undefined;
  const reviewer = createTokenReviewer({ client, logger });
  return startMetricsServer({
    host: '',
    port: values.port,
    registry,
    authorize: (header, request) => reviewer.authorize(header, request),
    certificate: values['metrics-cert-dir'] === '' ? 'self-signed' : { directory: values['metrics-cert-dir'] },
    tls,
    plainHttp: values['metrics-plain-http'],
    logger,
  });
}
