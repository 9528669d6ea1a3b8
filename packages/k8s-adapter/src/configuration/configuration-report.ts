import type { ConfigurationScope } from '@steelyard/config';
import type { ConfigurationReport } from '../configuration-state/next-write.ts';
import type { ConfigurationInForce } from './watch-configuration.ts';

/** What a process says of its configuration: what MetalLB's counterpart does not read is for others to tell of. */
export function configurationReport(
  { problems, choice }: Pick<ConfigurationInForce, 'problems' | 'choice'>,
  scope: ConfigurationScope,
): ConfigurationReport {
  if (choice.source === 'unknown') return { unknown: choice.because };
  const errors = problems.filter(({ severity, scopes }) => severity === 'error' && scopes.includes(scope));
  return errors.length === 0 ? { valid: true } : { errors: errors.map(({ message }) => message) };
}

/** What the gauges `config_loaded_bool` and `config_stale_bool` show of a report. */
export interface ConfigurationGauges {
  /** Some configuration is in force. Once true it stays so. */
  readonly loaded: boolean;
  /** What is in force is not all that is written. */
  readonly stale: boolean;
}

/** @param isolates - Whether what is not wrong is in force; else a wrong configuration leaves what there was, after a start nothing. */
export function configurationGauges(report: ConfigurationReport, isolates: boolean): ConfigurationGauges {
  const valid = 'valid' in report;
  return { loaded: valid || ('errors' in report && isolates), stale: !valid };
}
