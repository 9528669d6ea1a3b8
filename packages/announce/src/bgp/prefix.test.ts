import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { prefixOf } from './prefix.ts';

describe('an address is announced as', () => {
  test.for<[address: string, v4: number, v6: number, prefix: string]>([
    ['192.0.2.10', 32, 128, '192.0.2.10/32'],
    ['192.0.2.10', 24, 128, '192.0.2.0/24'],
    ['192.0.2.255', 31, 128, '192.0.2.254/31'],
    ['192.0.2.10', 1, 128, '128.0.0.0/1'],
    ['192.0.2.10', 0, 128, '0.0.0.0/0'],
    ['255.255.255.255', 20, 128, '255.255.240.0/20'],
    ['2001:db8::1234', 32, 128, '2001:db8::1234/128'],
    ['2001:db8::1234', 24, 124, '2001:db8::1230/124'],
    ['2001:db8:1:2:3:4:5:6', 32, 64, '2001:db8:1:2::/64'],
    ['2001:db8:1:2:3:4:5:6', 32, 50, '2001:db8:1::/50'],
    ['::1', 32, 127, '::/127'],
    ['fe80::', 32, 10, 'fe80::/10'],
    ['2001:db8::1', 32, 0, '::/0'],
  ])('%s with /%i and /%i: %s', ([address, aggregationLength, aggregationLengthV6, prefix]) => {
    expect(prefixOf(address, { aggregationLength, aggregationLengthV6 })).toBe(prefix);
  });
});

test('a prefix of a prefix is the shorter one, and has no host bits', () => {
  const bits = (prefix: string): string =>
    (prefix.split('/')[0] ?? '')
      .split('.')
      .map((octet) => Number(octet).toString(2).padStart(8, '0'))
      .join('');
  void fc.assert(
    fc.property(fc.ipV4(), fc.nat(32), fc.nat(32), (address, a, b) => {
      const [long, short] = [Math.max(a, b), Math.min(a, b)];
      const of = (text: string, length: number) =>
        prefixOf(text, { aggregationLength: length, aggregationLengthV6: 128 });
      const prefix = of(address, long);
      expect(bits(prefix)).toBe(bits(address).slice(0, long).padEnd(32, '0'));
      expect(of(prefix.split('/')[0] ?? '', short)).toBe(of(address, short));
    }),
  );
});
