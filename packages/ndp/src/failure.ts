import { failed } from '@steelyard/wire';
import type { NdpDecodeCode } from './codes.ts';
import { FRAME_OFFSET, MESSAGE_OFFSET } from './frame/layout.ts';

const HEADER_OFFSET: Readonly<Partial<Record<NdpDecodeCode, number>>> = {
  ERR_NDP_UNEXPECTED_ETHERTYPE: FRAME_OFFSET.etherType,
  ERR_NDP_UNEXPECTED_VERSION: FRAME_OFFSET.version,
  ERR_NDP_UNEXPECTED_NEXT_HEADER: FRAME_OFFSET.nextHeader,
  ERR_NDP_UNEXPECTED_HOP_LIMIT: FRAME_OFFSET.hopLimit,
};

const FIELD_OFFSET: Readonly<Partial<Record<NdpDecodeCode, number>>> = {
  ERR_NDP_UNEXPECTED_TYPE: MESSAGE_OFFSET.type,
  ERR_NDP_UNEXPECTED_CODE: MESSAGE_OFFSET.code,
  ERR_NDP_TARGET_IS_MULTICAST: MESSAGE_OFFSET.target,
};

const EXPECTED: Readonly<Record<NdpDecodeCode, string>> = {
  ERR_NDP_TRUNCATED: 'expected more octets',
  ERR_NDP_UNEXPECTED_ETHERTYPE: 'expected EtherType 0x86dd',
  ERR_NDP_UNEXPECTED_VERSION: 'expected IPv6',
  ERR_NDP_UNEXPECTED_NEXT_HEADER: 'expected ICMPv6 (58) right after the IPv6 header',
  ERR_NDP_UNEXPECTED_HOP_LIMIT: 'expected hop limit 255',
  ERR_NDP_UNEXPECTED_TYPE: 'expected type 135 or 136',
  ERR_NDP_UNEXPECTED_CODE: 'expected code 0',
  ERR_NDP_BAD_CHECKSUM: 'expected another checksum',
  ERR_NDP_TARGET_IS_MULTICAST: 'expected a target that is no group',
  ERR_NDP_SOURCE_NOT_UNICAST: 'expected a source that is neither a group nor loopback',
  ERR_NDP_SOURCE_IS_UNSPECIFIED: 'expected :: to ask in the solicited-node group and without a link-layer address',
  ERR_NDP_SOLICITED_MULTICAST: 'expected an advertisement to a group to be unsolicited',
  ERR_NDP_OPTION_LENGTH: 'expected an option of 8 octets or a multiple, before the end of the message',
  ERR_NDP_LINK_LAYER_ADDRESS_LENGTH: 'expected a link-layer address option of 8 octets',
  ERR_NDP_TOO_MANY_OPTIONS: 'expected at most 32 options',
};

/**
 * A fault in words.
 *
 * @param start - Where the message starts.
 * @param at - Where the fault lies, if the code alone does not tell.
 */
export function failureOf(
  code: NdpDecodeCode,
  octets: Uint8Array,
  start: number,
  at?: number,
): ReturnType<typeof failed<NdpDecodeCode>> {
  if (code === 'ERR_NDP_TRUNCATED') return failed(code, octets.length, `${EXPECTED[code]}, got ${octets.length}`);
  const field = FIELD_OFFSET[code];
  const offset = at ?? (field === undefined ? (HEADER_OFFSET[code] ?? 0) : start + field);
  return failed(
    code,
    offset,
    `${EXPECTED[code]}, got 0x${(octets[offset] ?? 0).toString(16).padStart(2, '0')} at ${offset}`,
  );
}
