import { formatIpv6Address } from '@steelyard/wire';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { OwnedAddresses } from './owned-addresses.ts';

/** Few different octets, so that addresses often share a hash. */
const octets = fc
  .array(fc.constantFrom(0, 1, 31), { minLength: 16, maxLength: 16 })
  .map((each) => Uint8Array.from(each));

test('finds exactly what is owned, wherever it lies in a frame', () => {
  const actions = fc.array(fc.record({ add: fc.boolean(), address: octets }), { maxLength: 60 });
  fc.assert(
    fc.property(actions, (all) => {
      const owned = new OwnedAddresses(undefined);
      const expected = new Set<string>();
      for (const { add, address } of all) {
        const text = formatIpv6Address(address);
        if (add) {
          expect(owned.add(text) === undefined).toBe(expected.has(text));
          expected.add(text);
        } else {
          expect(owned.remove(text)?.text).toBe(expected.delete(text) ? text : undefined);
        }
      }
      expect(owned.texts).toEqual(expected);
      expect(new Set(Array.from(owned.octets(), (one) => formatIpv6Address(one)))).toEqual(expected);
      for (const { address } of all) {
        const text = formatIpv6Address(address);
        const frame = Uint8Array.of(9, 9, 9, ...address);
        expect(owned.at(frame, 3)?.text).toBe(expected.has(text) ? text : undefined);
      }
    }),
    { numRuns: 300 },
  );
});

test.for(['192.0.2.1', 'ff02::1', 'fe80::1%eth0', 'x'])('%s cannot be owned', (text) => {
  expect(() => new OwnedAddresses(undefined).add(text)).toThrow(TypeError);
});

test('an address is counted where the caller wants, under its canonical text', () => {
  const counters = { requestsReceived: 7, responsesSent: 0, gratuitousSent: 0 };
  const asked: string[] = [];
  const owned = new OwnedAddresses((address) => {
    asked.push(address);
    return counters;
  });
  expect(owned.add('2001:DB8:0::1')?.counters).toBe(counters);
  expect(asked).toEqual(['2001:db8::1']);
});
