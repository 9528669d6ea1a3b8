import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ConfigurationInput } from '@steelyard/config';
import { type FlagValues, type GivenFlags, readGoFlags } from '@steelyard/daemon';
import { readTlsFlags, type TlsSettings } from '@steelyard/serving-certificates';
import { flags } from './flags.ts';

/** What the command line and the environment say. */
export interface Settings {
  readonly given: GivenFlags<typeof flags>;
  readonly values: FlagValues<typeof flags>;
  readonly rules: Required<Pick<ConfigurationInput, 'bgpType' | 'strictness' | 'parity'>>;
  /** Of the webhooks and the metrics. */
  readonly tls: TlsSettings;
  readonly certificateDirectory: string;
}

/** Reads them, or says what is wrong and exits, with MetalLB's codes: 2 for the command line, 1 for what it means. */
export function readSettings(): Settings {
  const given = readGoFlags(flags, { program: 'controller' });
  const { values } = given;
  const tls = readTlsFlags({
    minVersion: values['tls-min-version'],
    cipherSuites: values['tls-cipher-suites'],
    curvePreferences: values['tls-curve-preferences'],
  });
  if (!tls.ok) {
    process.stderr.write(`${tls.message}\nRun 'controller -h' for all flags.\n`);
    process.exit(1);
  }
  return {
    given,
    values,
    rules: {
      bgpType: process.env['METALLB_BGP_TYPE'] ?? 'native',
      strictness: values['config-strictness'],
      parity: values.parity === 'metallb',
    },
    tls: tls.value,
    certificateDirectory: values['cert-dir'] || join(tmpdir(), 'k8s-webhook-server', 'serving-certs'),
  };
}
