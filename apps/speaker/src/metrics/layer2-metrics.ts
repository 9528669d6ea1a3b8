import { Counter, type Registry } from 'prom-client';
import type { MetricsSources } from './speaker-metrics.ts';

type Layer2Counters = ReturnType<MetricsSources['layer2Counters']>[number];

/** Name, help and figure; the texts are MetalLB's. */
const LAYER2_METRICS: readonly (readonly [name: string, help: string, of: (counters: Layer2Counters) => number])[] = [
  ['requests_received', 'Number of layer2 requests received for owned IPs', ({ requestsReceived }) => requestsReceived],
  [
    'responses_sent',
    'Number of layer2 responses sent for owned IPs in response to requests',
    ({ responsesSent }) => responsesSent,
  ],
  [
    'gratuitous_sent',
    'Number of gratuitous layer2 packets sent for owned IPs as a result of failovers',
    ({ gratuitousSent }) => gratuitousSent,
  ],
];

/**
 * Defines `metallb_layer2_*`, read from the wire thread's memory when somebody asks. A series ends when this node announces the
 * address no more; MetalLB keeps it.
 *
 * @see MetalLB `internal/layer2/stats.go`
 */
export function defineLayer2Metrics(
  registry: Registry,
  { layer2Counters }: Pick<MetricsSources, 'layer2Counters'>,
): void {
  for (const [name, help, of] of LAYER2_METRICS) {
    new Counter({
      name: `metallb_layer2_${name}`,
      help,
      labelNames: ['ip'],
      registers: [registry],
      collect() {
        this.reset();
        for (const counters of layer2Counters()) this.inc({ ip: counters.address }, of(counters));
      },
    });
  }
}
