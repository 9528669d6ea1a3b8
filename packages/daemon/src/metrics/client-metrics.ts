import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

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

export type WorkQueueLabel = 'name' | 'controller';

/** What controller-runtime tells of each work queue; `name` and `controller` are the same there. */
export interface WorkQueueMetrics {
  readonly depth: Gauge<WorkQueueLabel | 'priority'>;
  readonly addsTotal: Counter<WorkQueueLabel>;
  readonly queueDurationSeconds: Histogram<WorkQueueLabel>;
  readonly workDurationSeconds: Histogram<WorkQueueLabel>;
  readonly unfinishedWorkSeconds: Gauge<WorkQueueLabel>;
  readonly longestRunningProcessorSeconds: Gauge<WorkQueueLabel>;
  readonly retriesTotal: Counter<WorkQueueLabel>;
}

/** From 10 ns by tens to 1000 s. */
const WORK_QUEUE_BUCKETS: readonly number[] = [1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1, 10, 100, 1000];

/** Defines `workqueue_*` (controller-runtime pkg/internal/metrics/workqueue.go). */
export function defineWorkQueueMetrics(registry: Registry): WorkQueueMetrics {
  const registers = [registry];
  const labelNames: WorkQueueLabel[] = ['name', 'controller'];
  const buckets = [...WORK_QUEUE_BUCKETS];
  return {
    depth: new Gauge<WorkQueueLabel | 'priority'>({
      name: 'workqueue_depth',
      help: 'Current depth of workqueue by workqueue and priority',
      labelNames: [...labelNames, 'priority'],
      registers,
    }),
    addsTotal: new Counter({
      name: 'workqueue_adds_total',
      help: 'Total number of adds handled by workqueue',
      labelNames,
      registers,
    }),
    queueDurationSeconds: new Histogram({
      name: 'workqueue_queue_duration_seconds',
      help: 'How long in seconds an item stays in workqueue before being requested',
      labelNames,
      buckets,
      registers,
    }),
    workDurationSeconds: new Histogram({
      name: 'workqueue_work_duration_seconds',
      help: 'How long in seconds processing an item from workqueue takes.',
      labelNames,
      buckets,
      registers,
    }),
    unfinishedWorkSeconds: new Gauge({
      name: 'workqueue_unfinished_work_seconds',
      help: "How many seconds of work has been done that is in progress and hasn't been observed by work_duration. Large values indicate stuck threads. One can deduce the number of stuck threads by observing the rate at which this increases.",
      labelNames,
      registers,
    }),
    longestRunningProcessorSeconds: new Gauge({
      name: 'workqueue_longest_running_processor_seconds',
      help: 'How many seconds has the longest running processor for workqueue been running.',
      labelNames,
      registers,
    }),
    retriesTotal: new Counter({
      name: 'workqueue_retries_total',
      help: 'Total number of retries handled by workqueue',
      labelNames,
      registers,
    }),
  };
}
