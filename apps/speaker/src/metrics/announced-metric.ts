import { Gauge, type Registry } from 'prom-client';
import type { MetricsSources } from './speaker-metrics.ts';

/**
 * Defines `metallb_speaker_announced`: 1 for each address of each Service that this node announces.
 *
 * @see MetalLB `speaker/main.go`
 */
export function defineAnnouncedMetric(
  registry: Registry,
  { nodeName, announced, announcedByBgp }: Pick<MetricsSources, 'nodeName' | 'announced' | 'announcedByBgp'>,
): void {
  new Gauge({
    name: 'metallb_speaker_announced',
    help: 'Services being announced from this node. This is desired state, it does not guarantee that the routing protocols have converged.',
    labelNames: ['service', 'protocol', 'node', 'ip'],
    registers: [registry],
    collect() {
      this.reset();
      for (const [service, addresses] of announced()) {
        for (const ip of addresses.keys()) this.set({ service, protocol: 'layer2', node: nodeName, ip }, 1);
      }
      for (const [service, addresses] of announcedByBgp()) {
        for (const ip of addresses) this.set({ service, protocol: 'bgp', node: nodeName, ip }, 1);
      }
    },
  });
}
