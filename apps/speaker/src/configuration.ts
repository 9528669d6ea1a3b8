import type { NodeView } from '@steelyard/config';
import { errorText, type Logger } from '@steelyard/daemon';
import {
  type ConfigurationInForce,
  type ConfigurationStateReporter,
  type ConfigurationWatch,
  configurationNamespace,
  configurationReport,
  createConfigurationStateReporter,
  createProblemReporter,
  type KubeClient,
  readOwnPod,
  waitUntilReachable,
  watchConfiguration,
} from '@steelyard/k8s-adapter';
import type { ControlSettings } from './control-settings.ts';

export interface ConfigurationOptions {
  readonly client: KubeClient;
  readonly settings: ControlSettings;
  /** Undefined until they were listed. */
  readonly nodes: () => readonly NodeView[] | undefined;
  readonly onConfiguration: (config: ConfigurationInForce['config']) => void;
  readonly logger: Logger;
}

/** Follows the configuration, and tells of it in the log and in the ConfigurationState of this node. */
export function followConfiguration(options: ConfigurationOptions): ConfigurationWatch {
  const { client, settings, nodes, onConfiguration, logger } = options;
  const { nodeName, podName, rules } = settings;
  const namespace = configurationNamespace(settings.namespace, client);
  const stopped = new AbortController();
  const reportProblems = createProblemReporter(logger, undefined); // the Events are the controller's
  let latest: ConfigurationInForce | undefined;
  let state: ConfigurationStateReporter | undefined;

  function report(): void {
    if (latest !== undefined) state?.report(configurationReport(latest, 'speaker'));
  }

  /** Announcing waits for none of this. */
  async function startReporting(): Promise<void> {
    if (!(await waitUntilReachable(client, logger, stopped.signal))) return;
    const own = await readOwnPod({ client, namespace, podName, signal: stopped.signal });
    if (stopped.signal.aborted) return;
    if (!own.found) {
      logger.warn({ op: 'startup', reason: own.because }, 'own Pod not found, so the ConfigurationState has no owner');
    }
    state = createConfigurationStateReporter({
      client,
      namespace,
      reporter: { component: 'speaker', nodeName },
      owner: own.found ? own.pod : undefined,
      logger,
    });
    report();
  }
  const reporting = startReporting().catch((error: unknown) => {
    logger.error(
      { op: 'startup', error: errorText(error) },
      'the configuration is not reported in a ConfigurationState',
    );
  });

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
    async stop() {
      stopped.abort();
      await Promise.all([watch.stop(), reporting]);
      await state?.stop();
    },
  };
}
