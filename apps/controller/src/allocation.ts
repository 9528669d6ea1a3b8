import type { Logger, OrderlyStop } from '@steelyard/daemon';
import { poolStatusCounters } from '@steelyard/ipam';
import { createPoolStatusWriter, type EventRecorder, type KubeClient, type OwnPod } from '@steelyard/k8s-adapter';
import { followConfiguration } from './configuration.ts';
import { type ControllerMetrics, defineAllocatorMetrics } from './metrics.ts';
import type { Readiness } from './readiness.ts';
import { followServices } from './services.ts';
import type { Settings } from './settings.ts';

export interface AllocationOptions {
  readonly client: KubeClient;
  readonly namespace: string;
  readonly ownPod: OwnPod | undefined;
  readonly settings: Settings;
  readonly recorder: EventRecorder;
  readonly metrics: ControllerMetrics;
  readonly stop: OrderlyStop;
  readonly logger: Logger;
}

/** Gives addresses: the configuration decides from which pools, the pools tell how full they are. */
export function startAllocation(options: AllocationOptions): { readonly readiness: Readiness } {
  const { client, namespace, ownPod, settings, recorder, metrics, stop, logger } = options;
  const { values, rules } = settings;
  let pools: Iterable<string> = [];

  const services = followServices({
    client,
    namespace,
    podName: values['pod-name'],
    ownPod,
    recorder,
    loadBalancerClass: values['lb-class'],
    parity: rules.parity,
    metrics: metrics.configuration,
    onCountersChanged: () => poolStatuses.changed(),
    onTookOver: () => configuration.reportAgain(),
    logger,
  });
  const poolStatuses = createPoolStatusWriter({
    client,
    namespace,
    counters(pool) {
      const counted = services.ipam.counters(pool);
      return counted && poolStatusCounters(counted);
    },
    mayWrite: async () => services.deciding && (await services.mayWrite()),
    logger,
  });
  defineAllocatorMetrics(metrics.registry, () => pools, services.ipam.counters);
  const configuration = followConfiguration({
    client,
    namespace,
    ownPod,
    settings,
    recorder,
    metrics: metrics.configuration,
    mayWrite: services.mayWrite,
    onConfiguration(config) {
      pools = [...config.pools.keys()];
      services.configure(config);
    },
    logger,
  });
  stop.onStop('Services', () => services.stop());
  stop.onStop('statuses of pools', () => poolStatuses.stop());
  stop.onStop('configuration', () => configuration.stop());

  return {
    get readiness(): Readiness {
      if (!configuration.synced) return { ready: false, because: 'the configuration has not been listed yet' };
      if (!services.synced) return { ready: false, because: 'Services have not been listed yet' };
      return { ready: true };
    },
  };
}
