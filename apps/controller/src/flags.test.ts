import { parseGoFlags } from '@steelyard/daemon';
import { describe, expect, test } from 'vitest';
import { flags } from './flags.ts';

/** MetalLB `controller/main.go`: what its manifests and charts may set. */
const METALLBS = {
  port: 9120,
  namespace: '',
  'ml-secret-name': '',
  deployment: '',
  'log-level': 'info',
  'pprof-bind-address': '',
  'health-probe-port': 17472,
  'disable-cert-rotation': false,
  'cert-dir': '',
  'cert-service-name': 'metallb-webhook-service',
  'lb-class': '',
  'webhook-mode': 'enabled',
  'webhook-secret': 'metallb-webhook-cert',
  'pod-name': '',
  'webhook-http2': false,
  'tls-min-version': '',
  'tls-cipher-suites': '',
  'tls-curve-preferences': '',
  'metrics-cert-dir': '',
};

function read(argv: readonly string[], env: Readonly<Record<string, string>> = {}) {
  return parseGoFlags(flags, argv, env);
}

test('MetalLB’s flags are there, with its defaults; ours beside them change nothing by default', () => {
  expect(read([])).toMatchObject({
    outcome: 'values',
    values: { ...METALLBS, 'config-strictness': 'isolate', parity: '', 'legacy-config': 'auto', 'webhook-port': 9443 },
    notYet: [],
  });
});

test.for<[variable: string, flag: keyof typeof flags]>([
  ['METALLB_NAMESPACE', 'namespace'],
  ['METALLB_ML_SECRET_NAME', 'ml-secret-name'],
  ['METALLB_DEPLOYMENT', 'deployment'],
  ['METALLB_POD_NAME', 'pod-name'],
])('%s stands in for -%s, which outranks it', ([variable, flag]) => {
  expect(read([], { [variable]: 'a' })).toMatchObject({ values: { [flag]: 'a' } });
  expect(read([`--${flag}=b`], { [variable]: 'a' })).toMatchObject({ values: { [flag]: 'b' } });
});

describe('each word of MetalLB’s is taken, and no other', () => {
  test.for<[flag: keyof typeof flags, words: readonly string[]]>([
    ['webhook-mode', ['enabled', 'disabled', 'onlywebhook']],
    ['log-level', ['all', 'debug', 'info', 'warn', 'error', 'none']],
    ['legacy-config', ['auto', 'on', 'off']],
    ['config-strictness', ['isolate', 'all-or-nothing']],
    ['parity', ['', 'metallb']],
  ])('-%s', ([flag, words]) => {
    for (const word of words) expect(read([`-${flag}=${word}`])).toMatchObject({ values: { [flag]: word } });
    expect(read([`-${flag}=sometimes`])).toMatchObject({ failure: { code: 'ERR_DAEMON_FLAG_NOT_ALLOWED' } });
  });
});

test('port 0 is allowed for the metrics, and for nothing else', () => {
  expect(read(['--port', '0'])).toMatchObject({ values: { port: 0 } });
  expect(read(['--health-probe-port', '0'])).toMatchObject({ outcome: 'refused' });
});
