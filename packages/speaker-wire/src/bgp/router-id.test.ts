import { expect, test } from 'vitest';
import { defaultRouterId } from './router-id.ts';

const info = (address: string, family: 'IPv4' | 'IPv6') =>
  ({ address, family, netmask: '', mac: '', internal: false, cidr: null, scopeid: 0 }) as never;

test('an IPv4 session has its own address as its identifier', () => {
  expect(defaultRouterId('192.0.2.7', 'node-a', {})).toBe('192.0.2.7');
});

test('an IPv6 session has the first IPv4 address of its interface', () => {
  const interfaces = {
    eth0: [info('192.0.2.1', 'IPv4')],
    eth1: [info('2001:db8::1', 'IPv6'), info('198.51.100.1', 'IPv4'), info('198.51.100.2', 'IPv4')],
  };
  expect(defaultRouterId('2001:db8::1', 'node-a', interfaces)).toBe('198.51.100.1');
  expect(defaultRouterId('2001:db8::1%eth1', 'node-a', interfaces)).toBe('198.51.100.1');
});

test('without any it is made of the node’s name, as MetalLB makes it', () => {
  // crc32("foo") is 0x8c736521, its octets the least significant first.
  expect(defaultRouterId('2001:db8::1', 'foo', {})).toBe('33.101.115.140');
});
