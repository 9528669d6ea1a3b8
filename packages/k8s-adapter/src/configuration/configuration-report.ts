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
