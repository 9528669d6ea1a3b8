import { formatIpAddress, parseIpAddress } from '@steelyard/wire';
import { expect, test } from 'vitest';
import { createScriptedKernel } from '../../test/scripted-kernel.ts';
import { formatAddress, parseAddressLiteral, resolveZone } from './endpoint.ts';

test.for<[text: string, device: string | undefined, address: string, zone: string | undefined]>([
  ['192.0.2.1', undefined, '192.0.2.1', undefined],
  ['192.0.2.1', 'eth0', '192.0.2.1', undefined],
  ['2001:db8::1', 'eth0', '2001:db8::1', undefined],
  ['::ffff:192.0.2.1', undefined, '192.0.2.1', undefined],
  ['fe80::1%eth0', undefined, 'fe80::1', 'eth0'],
  ['fe80::1%eth0', 'vrf1', 'fe80::1', 'eth0'],
  ['fe80::1', 'eth0', 'fe80::1', 'eth0'],
  ['febf::1%3', undefined, 'febf::1', '3'],
  ['fec0::1', undefined, 'fec0::1', undefined],
])('%s with device %s is %s of %s', ([text, device, address, zone]) => {
  const literal = parseAddressLiteral('address', text, device);
  expect([formatIpAddress(literal.octets), literal.zone]).toEqual([address, zone]);
});

test.for([
  'example.org',
  '',
  '192.0.2',
  'fe80::1',
  'fe80::1%',
  'fe80::1%a/b',
  'fe80::1%a%b',
  '2001:db8::1%eth0',
  '192.0.2.1%eth0',
])('%j is refused', (text) => {
  expect(() => parseAddressLiteral('address', text, undefined)).toThrow(TypeError);
});

test('a zone is the name of an interface, or its index', () => {
  const kernel = createScriptedKernel();
  kernel.interfaces.set(5, '3');
  expect(resolveZone(kernel, undefined)).toBe(0);
  expect(resolveZone(kernel, 'eth0')).toBe(3);
  expect(resolveZone(kernel, '3')).toBe(5); // a name comes first
  expect(resolveZone(kernel, '5')).toBe(5);
  for (const zone of ['eth1', '7', '12345678901']) {
    expect(() => resolveZone(kernel, zone)).toThrow(expect.objectContaining({ code: 'ENODEV' }));
  }
});

test('an address is written with the name of its zone, or with the number if it has no name any more', () => {
  const kernel = createScriptedKernel();
  const octets = parseIpAddress('fe80::1');
  expect(formatAddress(kernel, { octets, port: 0, scopeId: 3 })).toBe('fe80::1%eth0');
  expect(formatAddress(kernel, { octets, port: 0, scopeId: 9 })).toBe('fe80::1%9');
  expect(formatAddress(kernel, { octets: parseIpAddress('2001:db8::1'), port: 0, scopeId: 3 })).toBe('2001:db8::1');
});
