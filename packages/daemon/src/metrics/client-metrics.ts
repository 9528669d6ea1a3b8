import { Counter, Gauge, type Registry } from 'prom-client';

/** What both of MetalLB's processes tell of their configuration (MetalLB internal/k8s/controllers/stats.go). */
export interface ConfigurationMetrics {
  readonly updatesTotal: Counter;
  readonly updateErrorsTotal: Counter;
  readonly configLoaded: Gauge;
  readonly configStale: Gauge;
}

/** Defines `metallb_k8s_client_*`. All are there, at 0, from the start. */
export function defineConfigurationMetrics(registry: Registry): ConfigurationMetrics {
  const registers = [registry];
  return {
    updatesTotal: new Counter({
      name: 'metallb_k8s_client_updates_total',
      help: 'Number of k8s object updates that have been processed.',
      registers,
    }),
    updateErrorsTotal: new Counter({
      name: 'metallb_k8s_client_update_errors_total',
      help: 'Number of k8s object updates that failed for some reason.',
      registers,
    }),
    configLoaded: new Gauge({
      name: 'metallb_k8s_client_config_loaded_bool',
      help: '1 if the MetalLB configuration was successfully loaded at least once.',
      registers,
    }),
    configStale: new Gauge({
      name: 'metallb_k8s_client_config_stale_bool',
      help: '1 if running on a stale configuration, because the latest config failed to load.',
      registers,
    }),
  };
}

/** `code` is the HTTP status, or `<error>` without an answer; `host` has its port. */
export type RestClientLabel = 'code' | 'method' | 'host';

/** Defines `rest_client_requests_total` (controller-runtime pkg/metrics/client_go_adapter.go). */
export function defineRestClientMetrics(registry: Registry): Counter<RestClientLabel> {
  return new Counter({
    name: 'rest_client_requests_total',
    help: 'Number of HTTP requests, partitioned by status code, method, and host.',
    labelNames: ['code', 'method', 'host'],
    registers: [registry],
  });
}
