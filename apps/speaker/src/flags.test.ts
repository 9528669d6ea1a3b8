import { parseGoFlags } from '@steelyard/daemon';
import { expect, test } from 'vitest';
import { flags } from './flags.ts';

/** MetalLB `speaker/main.go`: what its manifests and charts may set. */
const METALLBS = {
  'bgp-debounce-timeout': '',
  namespace: '',
  host: '',
  'ml-bindaddr': '',
  'ml-bindport': 7946,
  'ml-labels': '',
  'ml-secret-key-path': '',
  'ml-wan-config': false,
  'node-name': 'a',
  'pod-name': '',
  port: 9120,
  'log-level': 'info',
  'pprof-bind-address': '',
  'health-probe-port': 17472,
  'lb-class': '',
  'ignore-exclude-lb': false,
  'frrk8s-namespace': '',
  'frrk8s-secret-passthrough': false,
  'tls-min-version': '',
  'tls-cipher-suites': '',
  'tls-curve-preferences': '',
  'metrics-cert-dir': '',
};

test('MetalLB’s flags are there, with its defaults; ours beside them change nothing by default', () => {
  expect(parseGoFlags(flags, [], { METALLB_NODE_NAME: 'a' })).toMatchObject({
    outcome: 'values',
    values: { ...METALLBS, 'config-strictness': 'isolate', parity: '', 'legacy-config': 'auto' },
    notYet: [],
  });
});

test.for<[variable: string, flag: keyof typeof flags]>([
  ['METALLB_BGP_DEBOUNCE_TIMEOUT', 'bgp-debounce-timeout'],
  ['METALLB_HOST', 'host'],
  ['METALLB_ML_BIND_ADDR', 'ml-bindaddr'],
  ['METALLB_ML_LABELS', 'ml-labels'],
  ['METALLB_ML_SECRET_KEY_PATH', 'ml-secret-key-path'],
  ['METALLB_NAMESPACE', 'namespace'],
  ['METALLB_NODE_NAME', 'node-name'],
  ['METALLB_POD_NAME', 'pod-name'],
  ['FRRK8S_NAMESPACE', 'frrk8s-namespace'],
])('%s stands in for -%s, which outranks it', ([variable, flag]) => {
  const env = { METALLB_NODE_NAME: 'a', [variable]: 'b' };
  expect(parseGoFlags(flags, [], env)).toMatchObject({ values: { [flag]: 'b' } });
  expect(parseGoFlags(flags, [`--${flag}=c`], env)).toMatchObject({ values: { [flag]: 'c' } });
});

test('a speaker that is not told its node is refused', () => {
  expect(parseGoFlags(flags, [], {})).toMatchObject({ failure: { code: 'ERR_DAEMON_FLAG_MISSING' } });
});
