/**
 * Metrics for Prometheus, and who may read them: a door of its own, for a program that may serve none does not want to load
 * what makes them.
 *
 * @packageDocumentation
 */
export {
  type ConfigurationMetrics,
  defineConfigurationMetrics,
  defineRestClientMetrics,
  type RestClientLabel,
} from './client-metrics.ts';
export { createMetrics, type MetricsOptions } from './create-metrics.ts';
export { type Authorize, type MetricsServer, type MetricsServerOptions, startMetricsServer } from './metrics-server.ts';
export type { CertificateSource } from './serving-pair.ts';
