import { expect, test } from 'vitest';
import { formatEndpoint, isReachable, octetsOfSystemAddress, parseEndpoint } from './endpoint.ts';

test.for<[text: string, shown: string]>([
  ['192.0.2.1', '192.0.2.1:7946'],
  ['192.0.2.1:17946', '192.0.2.1:17946'],
  ['2001:db8::1', '[2001:db8::1]:7946'],
  ['[2001:db8::1]', '[2001:db8::1]:7946'],
  ['[2001:DB8:0::1]:53', '[2001:db8::1]:53'],
  ['::1', '[::1]:7946'],
])('%s is the endpoint %s', ([text, shown]) => {
  const endpoint = parseEndpoint(text, 7946);
  expect(endpoint && formatEndpoint(endpoint)).toBe(shown);
});

test.for([
  '',
  ':7946',
  'node-a',
  'node-a:7946',
  '192.0.2.1:',
  '192.0.2.1:0',
  '192.0.2.1:65536',
  '192.0.2.1:123456',
  '192.0.2.256',
  '[192.0.2.1',
  '[]:1',
  'fe80::1%eth0',
  '2001:db8::1]:5',
  '192.0.2.1:1:1',
])('%j is no endpoint', (text) => {
  expect(parseEndpoint(text, 7946)).toBeUndefined();
});

test('what the system gives has no zone and no mapped IPv4', () => {
  expect(octetsOfSystemAddress('fe80::1%eth0')).toEqual(octetsOfSystemAddress('fe80::1'));
  expect([...octetsOfSystemAddress('::ffff:192.0.2.1')]).toEqual([192, 0, 2, 1]);
});

test.for<[octets: number, port: number, reachable: boolean]>([
  [4, 1, true],
  [16, 65_535, true],
  [4, 0, false],
  [0, 7946, false],
  [5, 7946, false],
  [4, 65_536, false],
])('%i octets and port %i: %s', ([octets, port, reachable]) => {
  expect(isReachable({ address: new Uint8Array(octets), port })).toBe(reachable);
});
