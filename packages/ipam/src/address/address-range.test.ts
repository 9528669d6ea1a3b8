import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatIp, parseIp } from './address.ts';
import { cidrsOf, formatCidr, parseAddressRange } from './address-range.ts';

function parsed(text: string): string {
  const range = parseAddressRange(text);
  return range.ok ? cidrsOf(range.value).map(formatCidr).join(' ') : range.failure.message;
}

describe('an entry of a pool', () => {
  test.for<[text: string, meaning: string]>([
    ['192.0.2.0/24', '192.0.2.0/24'],
    ['198.51.100.10/24', '198.51.100.0/24'],
    ['192.0.2.1/32', '192.0.2.1/32'],
    ['0.0.0.0/0', '0.0.0.0/0'],
    ['::/0', '::/0'],
    ['2001:0DB8:0000:0001::A/128', '2001:db8:0:1::a/128'],
    ['fc00:f853:0ccd:e799::/124', 'fc00:f853:ccd:e799::/124'],
    ['192.0.2.0/024', '192.0.2.0/24'],
    ['192.0.2.10-192.0.2.20', '192.0.2.10/31 192.0.2.12/30 192.0.2.16/30 192.0.2.20/32'],
    ['192.0.2.10 - 192.0.2.11', '192.0.2.10/31'],
    ['  192.0.2.1-192.0.2.1\t', '192.0.2.1/32'],
    ['192.0.2.0-192.0.2.255', '192.0.2.0/24'],
    ['0.0.0.0-255.255.255.255', '0.0.0.0/0'],
    ['2001:db8::1-2001:db8::2', '2001:db8::1/128 2001:db8::2/128'],
    ['::ffff:192.0.2.0/120', '192.0.2.0/24'],
    ['::ffff:192.0.2.1-192.0.2.2', '192.0.2.1/32 192.0.2.2/32'],
  ])('%j means %s', ([text, meaning]) => {
    expect(parsed(text)).toBe(meaning);
  });

  test.for<[text: string, message: string]>([
    ['192.0.2.1', 'invalid CIDR "192.0.2.1"'],
    ['2001:db8::1', 'invalid CIDR "2001:db8::1"'],
    ['', 'invalid CIDR ""'],
    ['garbage', 'invalid CIDR "garbage"'],
    [' 192.0.2.0/24', 'invalid CIDR " 192.0.2.0/24"'],
    ['192.0.2.0/33', 'invalid CIDR "192.0.2.0/33"'],
    ['192.0.2.0/-1', 'invalid IP range "192.0.2.0/-1": invalid start IP "192.0.2.0/"'],
    ['192.0.2.0/', 'invalid CIDR "192.0.2.0/"'],
    ['192.0.2.0/24/8', 'invalid CIDR "192.0.2.0/24/8"'],
    ['192.0.2/24', 'invalid CIDR "192.0.2/24"'],
    ['192.0.02.0/24', 'invalid CIDR "192.0.02.0/24"'],
    ['fe80::%eth0/64', 'invalid CIDR "fe80::%eth0/64"'],
    ['2001:db8::/129', 'invalid CIDR "2001:db8::/129"'],
    ['::ffff:192.0.2.0/64', 'invalid CIDR "::ffff:192.0.2.0/64"'],
    ['a"b\n/8', 'invalid CIDR "a\\"b\\n/8"'],
    [
      '192.0.2.20-192.0.2.10',
      'invalid IP range "192.0.2.20-192.0.2.10": start IP "192.0.2.20" is after the end IP "192.0.2.10"',
    ],
    ['192.0.2.1-x', 'invalid IP range "192.0.2.1-x": invalid end IP "x"'],
    ['x-192.0.2.1', 'invalid IP range "x-192.0.2.1": invalid start IP "x"'],
    [
      '192.0.2.1-192.0.2.2-192.0.2.3',
      'invalid IP range "192.0.2.1-192.0.2.2-192.0.2.3": invalid end IP "192.0.2.2-192.0.2.3"',
    ],
    [
      '192.0.2.1-2001:db8::1',
      'invalid IP range "192.0.2.1-2001:db8::1": start IP "192.0.2.1" and end IP "2001:db8::1" are of different families',
    ],
    ['192.0.2.1-192.0.2.010', 'invalid IP range "192.0.2.1-192.0.2.010": invalid end IP "192.0.2.010"'],
  ])('%j is refused: %s', ([text, message]) => {
    expect(parseAddressRange(text)).toEqual({ ok: false, failure: { code: 'ERR_IPAM_INVALID_RANGE', message } });
  });

  test('of a megabyte is refused in a short message', () => {
    for (const text of ['1'.repeat(1_000_000), `-${' '.repeat(1_000_000)}`]) {
      const range = parseAddressRange(text);
      expect(range.ok ? '' : range.failure.message.length).toBeLessThan(400);
    }
  });

  test('that is any text at all is judged without an exception', () => {
    const pieces = fc.constantFrom(
      '1',
      '255',
      '.',
      ':',
      '::',
      '/',
      '-',
      ' ',
      'f',
      '%',
      '2001:db8',
      '192.0.2.',
      '\ud800',
    );
    void fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(pieces).map((parts) => parts.join('')),
        ),
        (text) => {
          parseAddressRange(text);
        },
      ),
    );
  });
});

test('a range is split into the fewest CIDRs that are exactly that range', () => {
  void fc.assert(
    fc.property(
      fc.constantFrom(4 as const, 6 as const),
      fc.bigInt(0n, 2n ** 32n - 1n),
      fc.bigInt(0n, 2n ** 32n - 1n),
      (family, a, b) => {
        const shift = family === 4 ? 0n : 90n;
        const [low = 0n, high = 0n] = a < b ? [a, b] : [b, a];
        const range = { family, first: low << shift, last: high << shift };
        const cidrs = cidrsOf(range);
        expect(cidrs[0]?.first).toBe(range.first);
        expect(cidrs.at(-1)?.last).toBe(range.last);
        expect(cidrs.length).toBeLessThanOrEqual(family === 4 ? 62 : 254);
        for (const [index, cidr] of cidrs.entries()) {
          expect(cidr.first).toBe(index === 0 ? range.first : (cidrs[index - 1]?.last ?? -2n) + 1n);
          expect(cidr.first % (cidr.last - cidr.first + 1n)).toBe(0n);
        }
      },
    ),
  );
});

test('an address survives being written and read', () => {
  void fc.assert(
    fc.property(fc.bigInt(0n, 2n ** 128n - 1n), (value) => {
      const family = value >> 32n === 0xffffn ? 4 : 6;
      const address = family === 4 ? ({ family, value: value & 0xffff_ffffn } as const) : ({ family, value } as const);
      expect(parseIp(formatIp(address))).toEqual(address);
    }),
  );
});
