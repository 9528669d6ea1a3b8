import { isIP } from 'node:net';
import type { ConfigurationInput } from '@steelyard/config';
import { errorText, type FlagSource, type FlagValues, type GivenFlags, readGoFlags } from '@steelyard/daemon';
import { readTlsFlags } from '@steelyard/serving-certificates';
import type { MemberlistFlags } from '../gossip/memberlist-settings.ts';
import type { MetricsSettings } from '../metrics/speaker-metrics.ts';
import { readBgpType } from './bgp-type.ts';
import { flags } from './flags.ts';
import { isLabelSelector } from './label-selector.ts';

/** What the command line and the environment say. */
export interface Settings {
  readonly given: GivenFlags<typeof flags>;
  readonly values: FlagValues<typeof flags>;
  readonly rules: Required<Pick<ConfigurationInput, 'bgpType' | 'strictness' | 'parity'>>;
  /** Plain values, that another thread can be given. */
  readonly metrics: MetricsSettings;
  readonly memberlist: MemberlistFlags & { readonly bindPort: number; readonly secretDirectory: string };
  /** Announce everything anew so often; undefined for never. */
  readonly refreshIntervalMs: number | undefined;
}

/** Go's `strconv.Atoi`. */
const GO_DECIMAL = /^[+-]?\d+$/;

/** What a value means that no flag can know; undefined where all is well. */
function whatIsWrong(values: FlagValues<typeof flags>): string | undefined {
  const bindAddress = values['ml-bindaddr'];
  // A zone is what `net.ParseIP` does not take either.
  if (bindAddress !== '' && (isIP(bindAddress) === 0 || bindAddress.includes('%'))) {
    return `-ml-bindaddr or METALLB_ML_BIND_ADDR is an IP address, not ${JSON.stringify(bindAddress)}`;
  }
  const labels = values['ml-labels'];
  if (labels !== '' && !isLabelSelector(labels)) {
    return `-ml-labels or METALLB_ML_LABELS is a label selector such as app=metallb,component=speaker, not ${JSON.stringify(labels)}`;
  }
  const debounce = values['bgp-debounce-timeout'];
  if (debounce !== '' && !(GO_DECIMAL.test(debounce) && Number(debounce) > 0)) {
    return `invalid BGP debounce timeout value, must be a positive integer value: ${JSON.stringify(debounce)}`;
  }
  return undefined;
}

/** Reads them, or says what is wrong and exits, with MetalLB's codes: 2 for the command line, 1 for what it means. */
export function readSettings(source: Omit<FlagSource, 'program'> = {}): Settings {
  const given = readGoFlags(flags, { program: 'speaker', ...source });
  const { values } = given;
  const refuse = (message: string): never => {
    (source.printError ?? ((text) => process.stderr.write(text)))(`${message}\nRun 'speaker -h' for all flags.\n`);
    return (source.exit ?? ((code) => process.exit(code)))(1);
  };
  const tls = readTlsFlags({
    minVersion: values['tls-min-version'],
    cipherSuites: values['tls-cipher-suites'],
    curvePreferences: values['tls-curve-preferences'],
  });
  if (!tls.ok) return refuse(tls.message);
  const wrong = whatIsWrong(values);
  if (wrong !== undefined) return refuse(wrong);
  let bgpType: string;
  try {
    bgpType = readBgpType(source.env ?? process.env);
  } catch (error) {
    return refuse(errorText(error));
  }
  return {
    given,
    values,
    rules: {
      bgpType,
      strictness: values['config-strictness'],
      parity: values.parity === 'metallb',
    },
    metrics: {
      port: values.port,
      certificateDirectory: values['metrics-cert-dir'],
      tls: tls.value,
      plainHttp: values['metrics-plain-http'],
    },
    memberlist: {
      bindAddress: values['ml-bindaddr'],
      bindPort: values['ml-bindport'],
      labels: values['ml-labels'],
      wan: values['ml-wan-config'],
      secretDirectory: values['ml-secret-key-path'],
    },
    refreshIntervalMs: values['gratuitous-arp-interval'] === 0 ? undefined : values['gratuitous-arp-interval'],
  };
}
