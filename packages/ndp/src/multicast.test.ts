import { formatIpv6Address, formatMacAddress, parseIpv6Address } from '@steelyard/wire';
import { expect, test } from 'vitest';
import { ALL_NODES, multicastMac, solicitedNodeGroup } from './multicast.ts';

test.for([
  ['4037::1:800:200e:8c6c', 'ff02::1:ff0e:8c6c', '33:33:ff:0e:8c:6c'], // the example of RFC 4291, section 2.7.1
  ['2001:db8::1', 'ff02::1:ff00:1', '33:33:ff:00:00:01'],
])('%s is asked for in %s, at %s', ([address, group, mac]) => {
  const octets = solicitedNodeGroup(parseIpv6Address(address ?? ''));
  expect([formatIpv6Address(octets), formatMacAddress(multicastMac(octets))]).toEqual([group, mac]);
});

test('all nodes listen at 33:33:00:00:00:01', () => {
  expect(formatMacAddress(multicastMac(ALL_NODES))).toBe('33:33:00:00:00:01');
});
