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
    values: {
      ...METALLBS,
      'config-strictness': 'isolate',
      'gratuitous-arp-interval': 0,
      'metrics-plain-http': false,
      parity: '',
      'legacy-config': 'auto',
    },
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

test('MetalLB’s manifests set nothing that is without effect', () => {
  const argv = ['--port=9120', '--log-level=info', '--ml-wan-config', '--ml-bindport=7946', '--metrics-cert-dir=/c'];
  const env = {
    METALLB_NODE_NAME: 'a',
    METALLB_ML_BIND_ADDR: '192.0.2.1',
    METALLB_ML_BIND_PORT: '7947',
    METALLB_ML_LABELS: 'app=metallb,component=speaker',
    METALLB_ML_SECRET_KEY_PATH: '/etc/ml_secret_key',
  };
  expect(parseGoFlags(flags, argv, env)).toMatchObject({ values: { 'ml-bindport': 7946 }, notYet: [] });
  expect(parseGoFlags(flags, [], env)).toMatchObject({ values: { 'ml-bindport': 7947 } });
});

test.for<[text: string, milliseconds: number | undefined]>([
  ['300', 300_000], // MetalLB's speaker: seconds
  ['5m', 300_000], // its operator: a duration
  ['5m0s', 300_000],
  ['0', 0],
  ['-1', undefined],
  ['99999999999', undefined],
  ['often', undefined],
])('every address is announced anew each %j', ([text, milliseconds]) => {
  const expected =
    milliseconds === undefined ? { outcome: 'refused' } : { values: { 'gratuitous-arp-interval': milliseconds } };
  const node = { METALLB_NODE_NAME: 'a' };
  expect(parseGoFlags(flags, [`--gratuitous-arp-interval=${text}`], node)).toMatchObject(expected);
  expect(parseGoFlags(flags, [], { ...node, METALLB_GRATUITOUS_ARP_INTERVAL: text })).toMatchObject(expected);
});
