import { type BpfInstruction, checkClassicBpf, runClassicBpf } from '@steelyard/announcement-schedule';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { advertisement, OURS, solicitation } from '../../test/solicitation.ts';
import { encodeNdpFrame } from '../frame/frame.ts';
import { compileNdpFilter, MAX_FILTER_RANGES } from './compile.ts';

const HOST = 0;
const MULTICAST = 2;
const OTHER_HOST = 3;

const blank = encodeNdpFrame(solicitation());

function asking(target: bigint, type = 135): Uint8Array {
  const octets = Uint8Array.from(blank);
  octets[54] = type;
  const view = new DataView(octets.buffer);
  view.setBigUint64(62, target >> 64n);
  view.setBigUint64(70, target & 0xffff_ffff_ffff_ffffn);
  return octets;
}
const octetsOf = (address: bigint): Uint8Array => asking(address).slice(62, 78);
const compile = (addresses: readonly bigint[], ranges?: number): BpfInstruction[] => {
  const program = compileNdpFilter(addresses.map(octetsOf), ranges);
  checkClassicBpf(program);
  return program;
};
const passes = (program: readonly BpfInstruction[], octets: Uint8Array, packetType = MULTICAST): boolean =>
  runClassicBpf(program, { octets, packetType }) > 0;

const PREFIX = 0x2001_0db8_0000_0000_0000_0000_0000_0000n;
const LAST = (1n << 128n) - 1n;
const address = fc.oneof(
  fc.bigInt({ min: PREFIX, max: PREFIX + 300n }),
  // On both sides of a border between words.
  fc.bigInt({ min: PREFIX + (1n << 32n) - 4n, max: PREFIX + (1n << 32n) + 4n }),
  fc.bigInt({ min: PREFIX + (1n << 64n) - 4n, max: PREFIX + (1n << 64n) + 4n }),
  fc.bigInt({ min: (1n << 96n) - 4n, max: (1n << 96n) + 4n }),
  fc.bigInt({ min: 0n, max: LAST }),
  fc.constantFrom(0n, 1n, LAST, LAST - 1n),
);

test('lets through exactly the solicitations and advertisements for our addresses', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(address, { maxLength: 150 }),
      fc.array(fc.tuple(address, fc.constantFrom(133, 134, 135, 136, 137), fc.nat(4)), {
        minLength: 40,
        maxLength: 40,
      }),
      (addresses, frames) => {
        const program = compile(addresses);
        const owned = new Set(addresses);
        const near = addresses.flatMap((one) => [one, one === 0n ? 0n : one - 1n, one === LAST ? LAST : one + 1n]);
        const asked = near.map((target): [bigint, number, number] => [target, 135, MULTICAST]);
        for (const [target, type, packetType] of [...frames, ...asked]) {
          const isOurs = (type === 135 || type === 136) && packetType <= MULTICAST && owned.has(target);
          expect(passes(program, asking(target, type), packetType)).toBe(isOurs);
        }
      },
    ),
    { numRuns: 50 },
  );
});

test('is never narrower than what is owned and never longer than the kernel takes, however scattered the addresses', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 0x7fff_ffff }),
      fc.integer({ min: 300, max: 2_000 }),
      fc.constantFrom(16n, 40n, 64n, 80n, 128n),
      (seed, count, bits) => {
        let random = BigInt(seed);
        const addresses = Array.from({ length: count }, () => {
          random =
            (random * 0x2360_ed05_1fc6_5da4_4385_df64_9fcc_f645n + 0x5851_f42d_4c95_7f2d_1405_7b7e_f767_814fn) & LAST;
          return PREFIX ^ (random >> (128n - bits));
        });
        const program = compile(addresses);
        for (const one of addresses) expect(passes(program, asking(one))).toBe(true);
      },
    ),
    { numRuns: 5 },
  );
});

test('is exact for as many separate ranges within a /64 as it promises, ranges of several addresses being the longest case', () => {
  const pairs = Array.from({ length: MAX_FILTER_RANGES }, (_, i) => [
    PREFIX + BigInt(4 * i),
    PREFIX + BigInt(4 * i + 1),
  ]).flat();
  const program = compile(pairs);
  for (const one of pairs) expect(passes(program, asking(one))).toBe(true);
  for (let i = 0; i < MAX_FILTER_RANGES; i++) expect(passes(program, asking(PREFIX + BigInt(4 * i + 2)))).toBe(false);
});

test('with fewer ranges it is coarser, and nothing is missed', () => {
  const scattered = Array.from({ length: 400 }, (_, i) => PREFIX + BigInt(i * i * 7));
  const coarse = compile(scattered, 16);
  expect(coarse.length).toBeLessThan(compile(scattered).length / 8);
  for (const one of scattered) expect(passes(coarse, asking(one))).toBe(true);
  expect(passes(coarse, asking(PREFIX - 1n))).toBe(false);
});

test('a whole prefix takes as few instructions as two addresses in a row', () => {
  const pool = Array.from({ length: 4_096 }, (_, i) => PREFIX + BigInt(i));
  expect(compile(pool)).toHaveLength(compile([PREFIX, PREFIX + 1n]).length);
});

test('with an interface, what the kernel hands on to one on top of it is dropped', () => {
  const program = compileNdpFilter([octetsOf(PREFIX)], MAX_FILTER_RANGES, 0x1234_5678);
  checkClassicBpf(program);
  const frame = { octets: asking(PREFIX), packetType: MULTICAST };
  expect(runClassicBpf(program, { ...frame, interfaceIndex: 0x1234_5678 })).toBeGreaterThan(0);
  expect(runClassicBpf(program, { ...frame, interfaceIndex: 0x1234_5679 })).toBe(0);
});

describe('what is dropped before it wakes anyone', () => {
  const ours = encodeNdpFrame(solicitation()).slice(62, 78);
  const program = compileNdpFilter([ours]);
  const good = encodeNdpFrame(solicitation());

  test('but not a good frame', () => {
    expect(passes(program, good)).toBe(true);
    expect(passes(program, good, HOST)).toBe(true);
    expect(passes(program, encodeNdpFrame(advertisement()), MULTICAST)).toBe(true);
  });

  test.for<[name: string, octets: Uint8Array, packetType: number]>([
    ['a hop limit that a router has touched', good.with(21, 254), MULTICAST],
    ['another next header', good.with(20, 0), MULTICAST],
    ['another code', good.with(55, 1), MULTICAST],
    ['another EtherType', good.with(13, 0), MULTICAST],
    ['another target', encodeNdpFrame(solicitation({ target: `${OURS}1` })), MULTICAST],
    ['a frame sent to another host', good, OTHER_HOST],
    ['a frame that ends within its target', good.subarray(0, 77), MULTICAST],
    ['a frame without a message', good.subarray(0, 54), MULTICAST],
    ['nothing', new Uint8Array(), MULTICAST],
  ])('%s', ([, octets, packetType]) => {
    expect(passes(program, octets, packetType)).toBe(false);
  });

  test('everything, while nothing is owned', () => {
    expect(passes(compile([]), good)).toBe(false);
  });
});

test.for([0, MAX_FILTER_RANGES + 1, Number.NaN])('%s ranges make no sense', (ranges) => {
  expect(() => compileNdpFilter([], ranges)).toThrow(RangeError);
});
