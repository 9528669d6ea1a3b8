import type { Problem } from '@steelyard/config';
import type { EventRecorder } from '../events/event-recorder.ts';
import type { AdapterLogger } from '../logger.ts';
import type { ConfigurationInForce } from './watch-configuration.ts';

/**
 * Says what is wrong with the configuration: each problem once, in the log and, with a recorder, as an Event on its object.
 */
export function createProblemReporter(
  logger: AdapterLogger,
  recorder: Pick<EventRecorder, 'record'> | undefined,
): (configuration: ConfigurationInForce) => void {
  let told = new Set<string>();
  const identify = ({ object, field, value, code, message }: Problem): string =>
    JSON.stringify([object.kind, object.namespace, object.name, field, value, code, message]);

  return ({ config, problems, choice, identityOf }) => {
    const errors = problems.filter(({ severity }) => severity === 'error').length;
    const fresh = problems.filter((problem) => !told.has(identify(problem)));
    for (const problem of fresh) {
      const { object, field, value, code, message, remedy } = problem;
      const pairs = {
        op: 'loadConfig',
        object: `${object.kind}/${object.name}`,
        field,
        value,
        code,
        error: message,
        remedy,
      };
      if (problem.severity === 'error') logger.error(pairs, 'failed to parse the configuration');
      else logger.warn(pairs, 'the configuration has something to mend');
      const identity = identityOf(object);
      if (identity !== undefined) {
        recorder?.record({
          object: identity,
          type: 'Warning',
          reason: problem.severity === 'error' ? 'InvalidConfiguration' : 'ConfigurationWarning',
          message: `${message}. ${remedy}`,
        });
      }
    }
    told = new Set(problems.map(identify));
    if (choice.source === 'unknown') {
      const { source } = config;
      const remedy = 'allow get, list and watch of the kinds that the lines before this one name';
      logger.warn(
        { event: 'configUnknown', source, because: choice.because, remedy },
        'the configuration cannot be read',
      );
      return;
    }
    logger.info(
      {
        event: 'configLoaded',
        source: config.source,
        because: choice.because,
        pools: [...config.pools.values()].map(({ name, frozen }) => (frozen ? `${name} (not in force)` : name)),
        errors,
      },
      errors === 0 ? 'config reloaded' : 'config reloaded as far as it is valid',
    );
  };
}
