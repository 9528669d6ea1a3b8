import type { ConfigurationMetrics, Logger } from '@steelyard/daemon';
import {
  type ConfigurationInForce,
  type ConfigurationWatch,
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
  readonly onConfiguration: (config: ConfigurationInForce['config']) => void;
  readonly logger: Logger;
}

/** Follows the configuration, and tells of it wherever somebody may look: log, Events, ConfigurationState, metrics. */
export function followConfiguration(options: ConfigurationOptions): ConfigurationWatch {
  const { client, namespace, ownPod, settings, recorder, metrics, logger } = options;
  const state = createConfigurationStateReporter({
    client,
    namespace,
    reporter: { component: 'controller' },
    owner: ownPod,
    logger,
  });
  const reportProblems = createProblemReporter(logger, recorder);

  function report({ problems, choice }: ConfigurationInForce): void {
    if (choice.source === 'unknown') {
      state.report({ unknown: choice.because });
      metrics.configStale.set(1);
      return;
    }
    // What MetalLB's controller does not read is the speakers' to tell of.
    const errors = problems.filter(({ severity, scopes }) => severity === 'error' && scopes.includes('controller'));
    state.report(errors.length === 0 ? { valid: true } : { errors: errors.map(({ message }) => message) });
    metrics.configLoaded.set(1);
    metrics.configStale.set(errors.length === 0 ? 0 : 1);
    metrics.updateErrorsTotal.inc(errors.length === 0 ? 0 : 1);
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
    lookAgain: watch.lookAgain,
    async stop() {
      await watch.stop();
      await state.stop();
    },
  };
}
