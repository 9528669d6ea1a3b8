import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeNdpMessage, encodeNdpMessage, type NdpMessage } from './message.ts';
import { MAX_OPTIONS } from './options.ts';

const TARGET = '2001:db8::1';
const MAC = '02:00:5e:00:53:01';
const plain = encodeNdpMessage({ type: 'NeighborSolicitation', target: TARGET, options: [] });
const withOptions = (...options: number[]): Uint8Array => Uint8Array.of(...plain, ...options);
const failureOf = (octets: Uint8Array): [string, number] | undefined => {
  const decoded = decodeNdpMessage(octets);
  return decoded.ok ? undefined : [decoded.failure.code, decoded.failure.offset];
};

const octet = fc.nat(255);
const mac = fc
  .uint8Array({ minLength: 6, maxLength: 6 })
  .map((octets) => Array.from(octets, (one) => one.toString(16).padStart(2, '0')).join(':'));
const option = fc.oneof(
  fc.record({ type: fc.constant('SourceLinkLayerAddress' as const), linkLayerAddress: mac }),
  fc.record({ type: fc.constant('TargetLinkLayerAddress' as const), linkLayerAddress: mac }),
  fc.record({
    type: fc.constant('Other' as const),
    number: fc.integer({ min: 3, max: 255 }),
    value: fc.constantFrom(6, 14, 22).chain((length) => fc.uint8Array({ minLength: length, maxLength: length })),
  }),
);
const options = fc.array(option, { maxLength: MAX_OPTIONS });
const target = fc.constantFrom(TARGET, 'fe80::1', '::', '2001:db8:ffff::ffff:1');
const message: fc.Arbitrary<NdpMessage> = fc.oneof(
  fc.record({ type: fc.constant('NeighborSolicitation' as const), target, options }),
  fc.record({
    type: fc.constant('NeighborAdvertisement' as const),
    target,
    router: fc.boolean(),
    solicited: fc.boolean(),
    override: fc.boolean(),
    options,
  }),
);

test('what was written is read again', () => {
  fc.assert(
    fc.property(message, (written) => {
      expect(decodeNdpMessage(encodeNdpMessage(written))).toEqual({ ok: true, value: written });
    }),
  );
});

test('an advertisement as RFC 4861, section 4.4, draws it', () => {
  const octets = encodeNdpMessage({
    type: 'NeighborAdvertisement',
    target: TARGET,
    router: false,
    solicited: true,
    override: true,
    options: [{ type: 'TargetLinkLayerAddress', linkLayerAddress: MAC }],
  });
  expect(Buffer.from(octets).toString('hex')).toBe(
    '8800000060000000' + '20010db8000000000000000000000001' + '020102005e005301',
  );
});

describe('a malformed option is a value', () => {
  test.for<[name: string, octets: Uint8Array, failure: [string, number]]>([
    ['length 0', withOptions(1, 0, 2, 0, 0x5e, 0, 0x53, 1), ['ERR_NDP_OPTION_LENGTH', 24]],
    ['length 0 after a good one', withOptions(14, 1, 1, 2, 3, 4, 5, 6, 1, 0), ['ERR_NDP_OPTION_LENGTH', 32]],
    ['a type and nothing else', withOptions(1), ['ERR_NDP_OPTION_LENGTH', 24]],
    ['an end before its length', withOptions(1, 1, 2, 0, 0x5e, 0, 0x53), ['ERR_NDP_OPTION_LENGTH', 24]],
    ['255 units in 8 octets', withOptions(200, 255, 0, 0, 0, 0, 0, 0), ['ERR_NDP_OPTION_LENGTH', 24]],
    [
      'a link-layer address of 14 octets',
      withOptions(1, 2, ...new Uint8Array(14)),
      ['ERR_NDP_LINK_LAYER_ADDRESS_LENGTH', 24],
    ],
    [
      'one more than is read',
      withOptions(...Array.from({ length: MAX_OPTIONS + 1 }, () => [200, 1, 0, 0, 0, 0, 0, 0]).flat()),
      ['ERR_NDP_TOO_MANY_OPTIONS', 24 + 8 * MAX_OPTIONS],
    ],
  ])('%s', ([, octets, failure]) => {
    expect(failureOf(octets)).toEqual(failure);
  });

  test('an option inside another one is none', () => {
    const nested = withOptions(200, 2, 1, 1, 2, 0, 0x5e, 0, 0x53, 1, 1, 0, 0, 0, 0, 0);
    expect(decodeNdpMessage(nested)).toMatchObject({ ok: true, value: { options: [{ type: 'Other', number: 200 }] } });
  });
});

describe('the fixed part', () => {
  test.for<[name: string, octets: Uint8Array, failure: [string, number]]>([
    ['nothing', new Uint8Array(), ['ERR_NDP_TRUNCATED', 0]],
    ['one octet too few', plain.subarray(0, 23), ['ERR_NDP_TRUNCATED', 23]],
    ['a Router Advertisement', plain.with(0, 134), ['ERR_NDP_UNEXPECTED_TYPE', 0]],
    ['a code', plain.with(1, 1), ['ERR_NDP_UNEXPECTED_CODE', 1]],
    ['a group as target', plain.with(8, 0xff), ['ERR_NDP_TARGET_IS_MULTICAST', 8]],
  ])('%s', ([, octets, failure]) => {
    expect(failureOf(octets)).toEqual(failure);
  });
});

test('whatever comes in, nothing is thrown', () => {
  const almost = fc.array(fc.tuple(fc.nat(63), octet), { maxLength: 4 }).map((patches) => {
    const octets = withOptions(
      1,
      1,
      2,
      0,
      0x5e,
      0,
      0x53,
      1,
      14,
      2,
      ...new Uint8Array(14),
      200,
      1,
      ...new Uint8Array(6),
    );
    for (const [offset, value] of patches) octets[offset] = value;
    return octets;
  });
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), almost), (octets) => {
      const decoded = decodeNdpMessage(octets);
      if (decoded.ok) expect(decoded.value.options.length).toBeLessThanOrEqual(MAX_OPTIONS);
      else expect(decoded.failure.offset).toBeLessThanOrEqual(octets.length);
    }),
    { numRuns: 2_000 },
  );
});

test.for([
  [{ type: 'Other', number: 256, value: new Uint8Array(6) }],
  [{ type: 'Other', number: 3, value: new Uint8Array(7) }],
  [{ type: 'Other', number: 3, value: new Uint8Array(2_046) }],
] as const)('an option that none can be is refused: %o', ([option]) => {
  expect(() => encodeNdpMessage({ type: 'NeighborSolicitation', target: TARGET, options: [option] })).toThrow(
    RangeError,
  );
});
