import { Gauge, Registry } from 'prom-client';
import { defineProcessMetrics } from './process-metrics.ts';

export interface MetricsOptions {
  readonly program: string;
  readonly version?: string;
}

/**
 * Makes a registry of prom-client that already tells of the process. What else a program counts are prom-client's own classes,
 * given `registers: [registry]`; a gauge that is cheaper to read than to keep has a `collect`.
 */
export function createMetrics(options: MetricsOptions): Registry {
  const registry = new Registry();
  defineProcessMetrics(registry);
  new Gauge({
    name: 'steelyard_daemon_build_info',
    help: 'Always 1; the labels say what runs.',
    labelNames: ['program', 'version', 'nodejs'],
    registers: [registry],
  }).set({ program: options.program, version: options.version ?? '', nodejs: process.versions.node }, 1);
  return registry;
}
