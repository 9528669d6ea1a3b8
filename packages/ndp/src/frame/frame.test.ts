import { describe, expect, test } from 'vitest';
import {
  ASKER_MAC,
  advertisement,
  OURS,
  probe,
  solicitation,
  sourceLinkLayerAddress,
} from '../../test/solicitation.ts';
import { writeChecksum } from './checksum.ts';
import { decodeNdpFrame, encodeNdpFrame, type NdpFrame } from './frame.ts';

/** What two hosts with Linux sent to each other when one wanted to reach the other. */
const captured: readonly (readonly [what: string, hex: string, frame: NdpFrame])[] = [
  [
    'solicitation',
    '3333ff00000102000100000186dd6000000000203aff20010db8000000000000000000000100ff0200000000000000000001ff000001' +
      '87001a2a0000000020010db80000000000000000000000010101020001000001',
    solicitation({
      target: '2001:db8::1',
      source: '2001:db8::100',
      sourceMac: '02:00:01:00:00:01',
      options: [sourceLinkLayerAddress('02:00:01:00:00:01')],
    }),
  ],
  [
    'advertisement',
    '02000100000102000100000286dd6000000000203aff20010db800000000000000000000000120010db8000000000000000000000100' +
      '880088746000000020010db80000000000000000000000010201020001000002',
    advertisement({
      target: '2001:db8::1',
      source: '2001:db8::1',
      sourceMac: '02:00:01:00:00:02',
      destination: '2001:db8::100',
      destinationMac: '02:00:01:00:00:01',
      solicited: true,
      options: [{ type: 'TargetLinkLayerAddress', linkLayerAddress: '02:00:01:00:00:02' }],
    }),
  ],
];

test.for<[name: string, frame: NdpFrame]>([
  ['a solicitation', solicitation()],
  ['a probe', probe()],
  ['an unsolicited advertisement', advertisement()],
  ['a solicited one', advertisement({ destination: '2001:db8::7', destinationMac: ASKER_MAC, solicited: true })],
])('%s that was written is read again', ([, frame]) => {
  expect(decodeNdpFrame(encodeNdpFrame(frame))).toEqual({ ok: true, value: frame });
});

test.for(captured)('the %s of a kernel is read, and written octet by octet', ([, hex, frame]) => {
  expect(decodeNdpFrame(Buffer.from(hex, 'hex'))).toEqual({ ok: true, value: frame });
  expect(Buffer.from(encodeNdpFrame(frame)).toString('hex')).toBe(hex);
});

/** A frame with octets changed, and the checksum put right. */
function patched(frame: NdpFrame, ...patches: readonly (readonly [offset: number, value: number])[]): Uint8Array {
  const octets = encodeNdpFrame(frame);
  for (const [offset, value] of patches) octets[offset] = value;
  writeChecksum(octets, octets.length - 54);
  return octets;
}

describe('RFC 4861, sections 7.1.1 and 7.1.2', () => {
  const whole = encodeNdpFrame(solicitation());
  test.for<[name: string, octets: Uint8Array, code: string, offset: number]>([
    ['a hop limit of 254', patched(solicitation(), [21, 254]), 'ERR_NDP_UNEXPECTED_HOP_LIMIT', 21],
    ['a hop limit of 64', patched(solicitation(), [21, 64]), 'ERR_NDP_UNEXPECTED_HOP_LIMIT', 21],
    ['a wrong checksum', whole.with(56, (whole[56] ?? 0) ^ 1), 'ERR_NDP_BAD_CHECKSUM', 56],
    ['another code', patched(solicitation(), [55, 1]), 'ERR_NDP_UNEXPECTED_CODE', 55],
    ['another type', patched(solicitation(), [54, 133]), 'ERR_NDP_UNEXPECTED_TYPE', 54],
    ['a target that is a group', patched(solicitation(), [62, 0xff]), 'ERR_NDP_TARGET_IS_MULTICAST', 62],
    ['an option of length 0', patched(solicitation(), [79, 0]), 'ERR_NDP_OPTION_LENGTH', 78],
    [
      'a probe outside the solicited-node group',
      encodeNdpFrame({ ...probe(), destination: 'ff02::1' }),
      'ERR_NDP_SOURCE_IS_UNSPECIFIED',
      22,
    ],
    [
      "a probe in another target's group",
      encodeNdpFrame({ ...probe(), destination: 'ff02::1:ff01:3' }),
      'ERR_NDP_SOURCE_IS_UNSPECIFIED',
      22,
    ],
    [
      'a probe to the target itself',
      encodeNdpFrame({ ...probe(), destination: OURS }),
      'ERR_NDP_SOURCE_IS_UNSPECIFIED',
      22,
    ],
    [
      'a probe with a link-layer address',
      encodeNdpFrame(solicitation({ source: '::' })),
      'ERR_NDP_SOURCE_IS_UNSPECIFIED',
      22,
    ],
    [
      'a solicited advertisement to a group',
      encodeNdpFrame(advertisement({ solicited: true })),
      'ERR_NDP_SOLICITED_MULTICAST',
      58,
    ],
    ['a group as source', encodeNdpFrame(solicitation({ source: 'ff02::1' })), 'ERR_NDP_SOURCE_NOT_UNICAST', 22],
    ['loopback as source', encodeNdpFrame(solicitation({ source: '::1' })), 'ERR_NDP_SOURCE_NOT_UNICAST', 22],
    ['a hop-by-hop header', patched(solicitation(), [20, 0]), 'ERR_NDP_UNEXPECTED_NEXT_HEADER', 20],
    ['a fragment', patched(solicitation(), [20, 44]), 'ERR_NDP_UNEXPECTED_NEXT_HEADER', 20],
    ['IPv4 in a frame of IPv6', patched(solicitation(), [14, 0x45]), 'ERR_NDP_UNEXPECTED_VERSION', 14],
    ['another EtherType', patched(solicitation(), [13, 0]), 'ERR_NDP_UNEXPECTED_ETHERTYPE', 12],
    ['a frame that ends within its message', whole.subarray(0, 85), 'ERR_NDP_TRUNCATED', 85],
    ['a frame without a message', whole.subarray(0, 53), 'ERR_NDP_TRUNCATED', 53],
    ['a payload length too small', patched(solicitation(), [19, 23]), 'ERR_NDP_TRUNCATED', 86],
    ['a payload length beyond the frame', patched(solicitation(), [19, 33]), 'ERR_NDP_TRUNCATED', 86],
    ['nothing', new Uint8Array(), 'ERR_NDP_TRUNCATED', 0],
  ])('%s is refused', ([, octets, code, offset]) => {
    expect(decodeNdpFrame(octets)).toMatchObject({ ok: false, failure: { code, offset } });
  });

  test.for<[name: string, frame: NdpFrame]>([
    ['an asker of another prefix', solicitation({ source: '2001:db8:ffff::1' })],
    ['a link-local asker', solicitation({ source: 'fe80::1' })],
    ['no link-layer address', solicitation({ options: [] })],
    ['a solicitation to the target itself', solicitation({ destination: OURS, destinationMac: ASKER_MAC })],
    [
      'options that are not understood',
      solicitation({
        options: [{ type: 'Other', number: 253, value: new Uint8Array(14) }, sourceLinkLayerAddress(ASKER_MAC)],
      }),
    ],
  ])('%s is not', ([, frame]) => {
    expect(decodeNdpFrame(encodeNdpFrame(frame))).toMatchObject({ ok: true });
  });

  test('flags that are reserved and octets behind the message are ignored', () => {
    const octets = patched(solicitation(), [58, 0xff], [61, 0xff]);
    expect(decodeNdpFrame(Uint8Array.of(...octets, 1, 2, 3))).toMatchObject({ ok: true });
  });
});
