import type { Logger } from '@steelyard/daemon';
import type { ConfigurationMetrics } from '@steelyard/daemon/metrics';
import {
  type ConfigurationInForce,
  type ConfigurationWatch,
  configurationGauges,
  configurationReport,
  createConfigurationStateReporter,
  createProblemReporter,
  type EventRecorder,
  type KubeClient,
  type OwnPod,
  watchConfiguration,
} from '@steelyard/k8s-adapter';
import type { Settings } from './settings.ts';

export interface ConfigurationOptions {
  readonly client: KubeClient;
  readonly namespace: string;
  readonly ownPod: OwnPod | undefined;
  readonly settings: Settings;
  readonly recorder: EventRecorder;
  readonly metrics: ConfigurationMetrics;
  /** Of several controllers one reports. */
  readonly mayWrite: () => Promise<boolean>;
  readonly onConfiguration: (config: ConfigurationInForce['config']) => void;
  readonly logger: Logger;
}

/** The configuration as it is followed. */
export interface FollowedConfiguration extends Pick<ConfigurationWatch, 'synced' | 'stop'> {
  /** Reporting may be ours now. */
  reportAgain(): void;
}

/** Follows the configuration, and tells of it wherever somebody may look: log, Events, ConfigurationState, metrics. */
export function followConfiguration(options: ConfigurationOptions): FollowedConfiguration {
  const { client, namespace, ownPod, settings, recorder, metrics, logger } = options;
  const state = createConfigurationStateReporter({
    client,
    namespace,
    reporter: { component: 'controller' },
    owner: ownPod,
    mayWrite: options.mayWrite,
    logger,
  });
  const reportProblems = createProblemReporter(logger, recorder);
  /** What is not wrong is in force; else a wrong configuration leaves what there was, after a start nothing. */
  const isolates = settings.rules.strictness === 'isolate' && !settings.rules.parity;

  function report(inForce: ConfigurationInForce): void {
    const told = configurationReport(inForce, 'controller');
    state.report(told);
    const { loaded, stale } = configurationGauges(told, isolates);
    if (loaded) metrics.configLoaded.set(1);
    metrics.configStale.set(stale ? 1 : 0);
  }

  const watch = watchConfiguration({
    client,
    namespace,
    legacyMode: settings.values['legacy-config'],
    legacyName: settings.values.config,
    reader: 'controller',
    rules: settings.rules,
    logger,
    onConfiguration(inForce) {
      reportProblems(inForce);
      report(inForce);
      options.onConfiguration(inForce.config);
    },
  });
  return {
    get synced() {
      return watch.synced;
    },
    reportAgain: () => state.wake(),
    async stop() {
      await watch.stop();
      await state.stop();
    },
  };
}
