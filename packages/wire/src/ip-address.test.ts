import { isIP } from 'node:net';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  formatIpAddress,
  ipv4ToNumber,
  isIpAddress,
  numberToIpv4,
  parseIpAddress,
  parseIpv4Address,
  parseIpv6Address,
} from './ip-address.ts';

describe('RFC 5952, section 4: one way to write an IPv6 address', () => {
  test.for([
    ['2001:0db8:0000:0000:0001:0000:0000:0001', '2001:db8::1:0:0:1'],
    ['2001:DB8::AAAA', '2001:db8::aaaa'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['2001:db8:0:0:0:0:2:1', '2001:db8::2:1'],
    ['0:0:0:0:0:0:0:0', '::'],
    ['0:0:0:0:0:0:0:1', '::1'],
    ['1:0:0:0:0:0:0:0', '1::'],
    ['fe80:0:0:0:0:0:192.0.2.33', 'fe80::c000:221'],
    ['::ffff:192.0.2.1', '::ffff:192.0.2.1'],
    ['1:0:0:2:0:0:0:3', '1:0:0:2::3'],
  ])('%s is %s', ([text, canonical]) => {
    expect(formatIpAddress(parseIpv6Address(text as string))).toBe(canonical);
  });
});

describe('what is no address', () => {
  test.for([
    '',
    '1',
    '1.2.3',
    '1.2.3.4.5',
    '1.2.3.256',
    '01.2.3.4',
    '1.2.3.-4',
    '1.2.3.4 ',
    ':',
    ':::',
    '1::2::3',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1::2:3:4:5:6:7:8',
    '12345::',
    'fe80::1%eth0',
    '::1.2.3',
    '1.2.3.4::',
    '2001:db8::/32',
    'example.org',
  ])('%j', (text) => {
    expect(isIpAddress(text)).toBe(false);
    expect(() => parseIpAddress(text)).toThrow(TypeError);
  });
});

test('an IPv4 address is read and written in dotted decimal', () => {
  expect([...parseIpv4Address('192.0.2.255')]).toEqual([192, 0, 2, 255]);
  expect(formatIpAddress(Uint8Array.of(192, 0, 2, 255))).toBe('192.0.2.255');
});

test('an IPv4 address and its number are one to one', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 0xffff_ffff }), (value) => {
      expect(ipv4ToNumber(numberToIpv4(value))).toBe(value);
    }),
  );
});

test('any sixteen octets survive their text, which Node.js reads as IPv6 too', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (octets) => {
      const text = formatIpAddress(octets);
      expect(isIP(text)).toBe(6);
      expect(parseIpAddress(text)).toEqual(octets);
    }),
  );
});

test('what is taken for an address is what Node.js takes for one', () => {
  const text = fc.oneof(
    fc.string(),
    fc.string({ unit: fc.constantFrom('0', '1', 'f', ':', '::', '.', '25') }),
    fc.ipV6(),
    fc.ipV4(),
  );
  fc.assert(
    fc.property(text, (candidate) => {
      expect(isIpAddress(candidate)).toBe(isIP(candidate) !== 0);
    }),
    { numRuns: 2000 },
  );
});

test('an address of another length is the caller’s mistake', () => {
  expect(() => formatIpAddress(new Uint8Array(5))).toThrow(RangeError);
  expect(() => numberToIpv4(-1)).toThrow(RangeError);
});
