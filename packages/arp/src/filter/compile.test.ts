import { type BpfInstruction, checkClassicBpf, runClassicBpf } from '@steelyard/announcement-schedule';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeArpFrame } from '../packet.ts';
import { compileArpFilter, MAX_FILTER_RANGES } from './compile.ts';

const HOST = 0;
const BROADCAST = 1;
const MULTICAST = 2;
const OTHER_HOST = 3;

const blank = encodeArpFrame({
  destination: 'ff:ff:ff:ff:ff:ff',
  source: '02:00:5e:00:53:01',
  operation: 1,
  senderHardwareAddress: '02:00:5e:00:53:01',
  senderProtocolAddress: '0.0.0.0',
  targetHardwareAddress: '00:00:00:00:00:00',
  targetProtocolAddress: '0.0.0.0',
});

function arp(operation: number, sender: number, target: number): Uint8Array {
  const octets = Uint8Array.from(blank);
  const view = new DataView(octets.buffer);
  view.setUint16(20, operation);
  view.setUint32(28, sender);
  view.setUint32(38, target);
  return octets;
}

const passes = (program: readonly BpfInstruction[], octets: Uint8Array, packetType = BROADCAST): boolean =>
  runClassicBpf(program, { octets, packetType }) > 0;

const uint32 = fc.integer({ min: 0, max: 0xffff_ffff });
/** Addresses that lie close together, so that neighbours and near misses are common, and some at the ends of the space. */
const address = fc.oneof(
  fc.integer({ min: 0xc000_0200, max: 0xc000_0400 }),
  uint32,
  fc.constantFrom(0, 1, 0xffff_fffe, 0xffff_ffff),
);

test('lets through exactly the requests for our addresses and the packets that claim one', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(address, { maxLength: 700 }),
      fc.array(fc.tuple(fc.nat({ max: 4 }), address, address, fc.nat({ max: 4 })), { minLength: 40, maxLength: 40 }),
      (addresses, frames) => {
        const program = compileArpFilter(addresses);
        checkClassicBpf(program);
        const owned = new Set(addresses);
        const near = addresses.flatMap((one) => [one, Math.max(0, one - 1), Math.min(0xffff_ffff, one + 1)]);
        const asked = near.map((target): [number, number, number, number] => [1, 7, target, BROADCAST]);
        for (const [operation, sender, target, packetType] of [...frames, ...asked]) {
          const isOurs = owned.has(sender) || (operation === 1 && owned.has(target));
          expect(passes(program, arp(operation, sender, target), packetType)).toBe(packetType <= BROADCAST && isOurs);
        }
      },
    ),
    { numRuns: 60 },
  );
});

test('is never narrower than what is owned and never longer than the kernel takes, however scattered the addresses', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 0x7fff_ffff }), fc.integer({ min: 900, max: 12_000 }), (seed, count) => {
      let random = seed;
      const addresses = Array.from({ length: count }, () => {
        random = (Math.imul(random, 1_664_525) + 1_013_904_223) >>> 0;
        return random;
      });
      const program = compileArpFilter(addresses);
      checkClassicBpf(program);
      for (const one of addresses) {
        expect(passes(program, arp(1, 7, one))).toBe(true);
        expect(passes(program, arp(2, one, 7))).toBe(true);
      }
    }),
    { numRuns: 6 },
  );
});

test('is exact for as many separate ranges as it promises, ranges of several addresses being the longest case', () => {
  const pairs = Array.from({ length: MAX_FILTER_RANGES }, (_, i) => [100 + 4 * i, 101 + 4 * i]).flat();
  const program = compileArpFilter(pairs);
  checkClassicBpf(program);
  checkClassicBpf(compileArpFilter(pairs, MAX_FILTER_RANGES, 2));
  for (const one of pairs) expect(passes(program, arp(1, 0, one))).toBe(true);
  for (let i = 0; i < MAX_FILTER_RANGES; i++) expect(passes(program, arp(1, 0, 102 + 4 * i))).toBe(false);
});

test('with an interface, what the kernel hands on to one on top of it is dropped', () => {
  const program = compileArpFilter([1, 3, 5], MAX_FILTER_RANGES, 0x1234_5678);
  checkClassicBpf(program);
  const frame = { octets: arp(1, 7, 3), packetType: BROADCAST };
  expect(runClassicBpf(program, { ...frame, interfaceIndex: 0x1234_5678 })).toBeGreaterThan(0);
  expect(runClassicBpf(program, { ...frame, interfaceIndex: 0x1234_5679 })).toBe(0);
});

test('10,000 addresses that follow one another take as few instructions as two', () => {
  const pool = Array.from({ length: 10_000 }, (_, i) => 0x0a00_0000 + i);
  expect(compileArpFilter(pool)).toHaveLength(compileArpFilter([1, 2]).length);
});

describe('what is dropped before it wakes anyone', () => {
  const ours = 0xc000_0201;
  const program = compileArpFilter([ours]);
  const patched = (offset: number, value: number): Uint8Array => arp(1, 7, ours).with(offset, value);

  test.for<[name: string, octets: Uint8Array, packetType: number]>([
    ['a request for another address', arp(1, 7, ours + 1), BROADCAST],
    ['a reply to us', arp(2, 7, ours), HOST],
    ['a request sent to another host', arp(1, 7, ours), OTHER_HOST],
    ['a request sent to a multicast group', arp(1, 7, ours), MULTICAST],
    ['another hardware type', patched(15, 6), BROADCAST],
    ['another protocol type', patched(16, 0x86), BROADCAST],
    ['a hardware address length that lies', patched(18, 8), BROADCAST],
    ['a protocol address length that lies', patched(19, 16), BROADCAST],
    ['another EtherType', patched(12, 0x86), BROADCAST],
    ['a frame that ends within its target address', arp(1, 7, ours).subarray(0, 41), BROADCAST],
    ['a frame without a packet', arp(1, 7, ours).subarray(0, 14), BROADCAST],
    ['nothing', new Uint8Array(), BROADCAST],
  ])('%s', ([, octets, packetType]) => {
    expect(passes(program, octets, packetType)).toBe(false);
  });

  test('everything, while nothing is owned', () => {
    const none = compileArpFilter([]);
    checkClassicBpf(none);
    expect(passes(none, arp(1, ours, ours))).toBe(false);
  });
});
