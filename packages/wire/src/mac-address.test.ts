import { expect, test } from 'vitest';
import {
  equalMacAddresses,
  formatMacAddress,
  isGroupMacAddress,
  isMacAddress,
  parseMacAddress,
} from './mac-address.ts';

test('a MAC address is written as Linux writes it', () => {
  expect(formatMacAddress(parseMacAddress('00-00-5E-00-53-AF'))).toBe('00:00:5e:00:53:af');
});

test.for(['', '00:00:5e:00:53', '00:00:5e:00:53:af:01', '00:00:5e:00:53:g0', '0:0:5e:0:53:af', '00005e0053af'])(
  '%j is no MAC address',
  (text) => {
    expect(isMacAddress(text)).toBe(false);
    expect(() => parseMacAddress(text)).toThrow(TypeError);
  },
);

test('broadcast and multicast addresses are groups', () => {
  expect(isGroupMacAddress(parseMacAddress('ff:ff:ff:ff:ff:ff'))).toBe(true);
  expect(isGroupMacAddress(parseMacAddress('01:00:5e:00:00:01'))).toBe(true);
  expect(isGroupMacAddress(parseMacAddress('00:00:5e:00:53:01'))).toBe(false);
});

test('addresses are compared inside larger frames', () => {
  const frame = Uint8Array.from([9, 9, 0, 0, 0x5e, 0, 0x53, 1]);
  expect(equalMacAddresses(frame, parseMacAddress('00:00:5e:00:53:01'), 2)).toBe(true);
  expect(equalMacAddresses(frame, parseMacAddress('00:00:5e:00:53:02'), 2)).toBe(false);
});

test('too few octets are the caller’s mistake', () => {
  expect(() => formatMacAddress(new Uint8Array(5))).toThrow(RangeError);
});
