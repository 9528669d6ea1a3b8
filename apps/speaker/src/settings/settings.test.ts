import { expect, test } from 'vitest';
import { readSettings, type Settings } from './settings.ts';

class Exited extends Error {}

function read(
  argv: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Settings | { code: number; said: string } {
  let said = '';
  let code = -1;
  try {
    return readSettings({
      argv,
      env: { METALLB_NODE_NAME: 'a', ...env },
      printError: (text) => {
        said += text;
      },
      exit: (given) => {
        code = given;
        throw new Exited();
      },
    });
  } catch (error) {
    if (!(error instanceof Exited)) throw error;
    return { code, said };
  }
}

test('MetalLB’s manifest is read as it is', () => {
  const env = { METALLB_ML_BIND_ADDR: '192.0.2.11', METALLB_ML_LABELS: 'app=metallb,component=speaker' };
  expect(read(['--port=9120', '--log-level=info'], env)).toMatchObject({
    rules: { bgpType: 'native', strictness: 'isolate', parity: false },
    metrics: { port: 9120, certificateDirectory: '', tls: { minVersion: 'TLSv1.3' }, plainHttp: false },
    memberlist: {
      bindAddress: '192.0.2.11',
      bindPort: 7946,
      labels: 'app=metallb,component=speaker',
      wan: false,
      secretDirectory: '',
    },
    refreshIntervalMs: undefined,
  });
});

test('what is announced anew each so many seconds', () => {
  expect(read(['--gratuitous-arp-interval=300'])).toMatchObject({ refreshIntervalMs: 300_000 });
});

test('another thread can be given what is for the metrics', () => {
  const settings = read([
    '--tls-min-version=VersionTLS12',
    '--tls-cipher-suites=TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256',
  ]);
  if (!('metrics' in settings)) expect.fail(settings.said);
  expect(structuredClone(settings.metrics)).toEqual(settings.metrics);
});

test.for<[argv: readonly string[], said: RegExp]>([
  [['--tls-min-version=VersionTLS11'], /tls-min-version/],
  [['--ml-bindaddr=node-1'], /-ml-bindaddr or METALLB_ML_BIND_ADDR is an IP address, not "node-1"/],
  [['--ml-bindaddr=fe80::1%eth0'], /is an IP address/],
  [['--ml-labels=app:metallb'], /-ml-labels or METALLB_ML_LABELS is a label selector/],
  [['--bgp-debounce-timeout=0'], /must be a positive integer/],
  [['--bgp-debounce-timeout=1.5'], /must be a positive integer/],
  [['--log-level=loud'], /must be one of/],
  [['--gratuitous-arp-interval=-5'], /must be at least/],
])('what cannot be meant is refused with one line, and 1: %j', ([argv, said]) => {
  const outcome = read(argv);
  expect(outcome).toMatchObject({ code: 1, said: expect.stringMatching(said) });
  expect(String(Reflect.get(outcome, 'said')).split('\n')).toHaveLength(3);
});

test.for(['192.0.2.1', '2001:db8::1', ''])('the gossip may listen on %j', (address) => {
  expect(read([`--ml-bindaddr=${address}`])).toMatchObject({ values: { 'ml-bindaddr': address } });
});

test('the other BGP types of MetalLB’s are taken, and no fourth', () => {
  expect(read([], { METALLB_BGP_TYPE: 'frr-k8s' })).toMatchObject({ rules: { bgpType: 'frr-k8s' } });
  expect(read([], { METALLB_BGP_TYPE: 'bird' })).toMatchObject({
    code: 1,
    said: expect.stringMatching(/METALLB_BGP_TYPE is .* not "bird"/),
  });
});
