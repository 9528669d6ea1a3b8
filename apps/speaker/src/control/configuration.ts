import type { NodeView } from '@steelyard/config';
import type { Logger } from '@steelyard/daemon';
import type { ConfigurationMetrics } from '@steelyard/daemon/metrics';
import {
  type ConfigurationInForce,
  type ConfigurationStateReporter,
  type ConfigurationWatch,
  configurationGauges,
  configurationReport,
  createConfigurationStateReporter,
  createProblemReporter,
  type KubeClient,
  type OwnPod,
  watchConfiguration,
} from '@steelyard/k8s-adapter';
import type { ControlSettings } from '../control-settings.ts';

export interface ConfigurationOptions {
  readonly client: KubeClient;
  readonly namespace: string;
  readonly settings: ControlSettings;
  /** Undefined until they were listed. */
  readonly nodes: () => readonly NodeView[] | undefined;
  readonly metrics: ConfigurationMetrics | undefined;
  readonly onConfiguration: (config: ConfigurationInForce['config']) => void;
  readonly logger: Logger;
}

/** The configuration, followed; what came of it is told in the log. */
export interface Configuration extends ConfigurationWatch {
  /** From now on it is also told in the ConfigurationState of this node. Announcing waits for none of this. */
  writeState(owner: OwnPod | undefined): void;
}

export function followConfiguration(options: ConfigurationOptions): Configuration {
  const { client, namespace, settings, nodes, metrics, onConfiguration, logger } = options;
  const { nodeName, rules } = settings;
  const reportProblems = createProblemReporter(logger, undefined); // the Events are the controller's
  let latest: ConfigurationInForce | undefined;
  let state: ConfigurationStateReporter | undefined;

  const isolates = rules.strictness === 'isolate' && !rules.parity;

  function report(): void {
    if (latest === undefined) return;
    const told = configurationReport(latest, 'speaker');
    state?.report(told);
    const { loaded, stale } = configurationGauges(told, isolates);
    if (loaded) metrics?.configLoaded.set(1);
    metrics?.configStale.set(stale ? 1 : 0);
  }

  const watch = watchConfiguration({
    client,
    namespace,
    legacyMode: settings.legacyMode,
    legacyName: settings.legacyName,
    reader: 'speaker',
    rules: { ...rules, nodeName },
    nodes,
    logger,
    onConfiguration(inForce) {
      latest = inForce;
      reportProblems(inForce);
      report();
      onConfiguration(inForce.config);
    },
  });
  return {
    get synced() {
      return watch.synced;
    },
    lookAgain: watch.lookAgain,
    writeState(owner) {
      const reporter = { component: 'speaker', nodeName } as const;
      state = createConfigurationStateReporter({ client, namespace, reporter, owner, logger });
      report();
    },
    async stop() {
      await watch.stop();
      await state?.stop();
    },
  };
}
