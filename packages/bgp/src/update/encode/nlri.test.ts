import { isIpAddress, parseIpAddress } from '@steelyard/wire';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatNlri, parsePrefix } from './nlri.ts';

function hexOf(nlri: string): string {
  return [...nlri].map((octet) => octet.charCodeAt(0).toString(16).padStart(2, '0')).join(' ');
}

describe('RFC 4271, section 4.3: a length in bits, and as many octets as it needs', () => {
  test.for([
    ['0.0.0.0/0', '00'],
    ['10.0.0.0/8', '08 0a'],
    ['128.0.0.0/1', '01 80'],
    ['10.128.0.0/9', '09 0a 80'],
    ['192.0.2.0/24', '18 c0 00 02'],
    ['192.0.2.240/28', '1c c0 00 02 f0'],
    ['255.255.255.255/32', '20 ff ff ff ff'],
    ['::/0', '00'],
    ['2001:db8::/32', '20 20 01 0d b8'],
    ['2001:db8:8000::/33', '21 20 01 0d b8 80'],
    ['2001:db8::1/128', '80 20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 01'],
    ['::ffff:192.0.2.1/128', '80 00 00 00 00 00 00 00 00 00 00 ff ff c0 00 02 01'],
  ])('%s', ([text, hex]) => {
    const { family, nlri } = parsePrefix(text as string);
    expect(hexOf(nlri)).toBe(hex);
    expect(formatNlri(family, nlri)).toBe(text);
  });
});

test('an IPv6 prefix is one and the same however it is written', () => {
  const { nlri } = parsePrefix('2001:db8::1:0:0/96');
  for (const text of ['2001:DB8:0:0:0:1:0:0/96', '2001:0db8::0001:0000:0000/96', '2001:db8::1:0.0.0.0/96']) {
    expect(parsePrefix(text)).toEqual({ family: 'ipv6-unicast', nlri });
  }
});

describe('what is no prefix is the caller’s mistake', () => {
  test.for([
    '',
    '/',
    '/32',
    '192.0.2.1',
    '192.0.2.1/',
    '192.0.2.1/33',
    '192.0.2.1/-1',
    '192.0.2.1/ 32',
    '192.0.2.1/032',
    '192.0.2.1/32/32',
    '192.0.2.1/3a',
    '192.0.2/24',
    '192.0.2.0.0/24',
    '192.0.2.0./24',
    '.192.0.2.0/24',
    '192.0.2.256/32',
    '192.0.02.0/24',
    '192.0.2.1/31',
    '192.0.2.0/22',
    '1.0.0.0/0',
    '2001:db8::1',
    '2001:db8::/129',
    '2001:db8::1/127',
    '2001:db8::/28',
    '::1/0',
    ':/0',
    ':::/0',
    '1::2::3/128',
    '1:2:3:4:5:6:7/112',
    '1:2:3:4:5:6:7:/128',
    '1:2:3:4:5:6:7:8:9/128',
    '1::2:3:4:5:6:7:8/128',
    '12345::/32',
    'fe80::1%eth0/128',
    'gggg::/16',
  ])('%j', (text) => {
    expect(() => parsePrefix(text)).toThrow(TypeError);
  });

  test('nor is what is no text', () => {
    expect(() => parsePrefix(undefined as unknown as string)).toThrow(TypeError);
  });
});

test('what is taken for an address is what is taken for one elsewhere, with the same octets', () => {
  const text = fc.oneof(
    fc.ipV4(),
    fc.ipV6(),
    fc.string({ unit: fc.constantFrom('0', '1', 'f', 'A', ':', '::', '.', '25'), maxLength: 20 }),
    fc.array(fc.constantFrom('0', 'ffff', '12', ''), { maxLength: 10 }).map((groups) => groups.join(':')),
  );
  fc.assert(
    fc.property(text, (address) => {
      const prefix = `${address}/${address.includes(':') ? 128 : 32}`;
      if (isIpAddress(address)) {
        const octets = parseIpAddress(address);
        expect(parsePrefix(prefix).nlri).toBe(String.fromCharCode(octets.length * 8, ...octets));
      } else {
        expect(() => parsePrefix(prefix)).toThrow(TypeError);
      }
    }),
    { numRuns: 2000 },
  );
});

test('a prefix of any length survives, and its host bits do not pass', () => {
  const address = fc.oneof(
    fc.uint8Array({ minLength: 4, maxLength: 4 }),
    fc.uint8Array({ minLength: 16, maxLength: 16 }),
  );
  fc.assert(
    fc.property(address, fc.nat(128), (octets, any) => {
      const bits = 8 * octets.length;
      const length = any % (bits + 1);
      const masked = octets.map((octet, i) => octet & (0xff00 >> Math.max(0, Math.min(8, length - 8 * i))));
      const family = octets.length === 4 ? 'ipv4-unicast' : 'ipv6-unicast';
      const needed = Math.ceil(length / 8);
      const nlri = String.fromCharCode(length, ...masked.subarray(0, needed));
      expect(parsePrefix(formatNlri(family, nlri))).toEqual({ family, nlri });
      if (masked.some((octet, i) => octet !== octets[i])) {
        const withHostBits = formatNlri(family, String.fromCharCode(bits, ...octets)).replace(/\/.*/, `/${length}`);
        expect(() => parsePrefix(withHostBits)).toThrow(TypeError);
      }
    }),
  );
});
