import type { NdpDecodeCode } from '../codes.ts';
import {
  FLAG_SOLICITED,
  faultOfMessageHeader,
  faultOfMessageOptions,
  NEIGHBOR_ADVERTISEMENT,
} from '../message/message.ts';
import { linkLayerAddressOffset, OPTION_SOURCE_LINK_LAYER_ADDRESS, type OptionFault } from '../message/options.ts';
import { isSolicitedNodeGroupOf } from '../multicast.ts';
import { checksumOver } from './checksum.ts';
import {
  ETHERTYPE_IPV6,
  FRAME_OFFSET,
  isLoopback,
  isMulticast,
  isUnspecified,
  MESSAGE_OFFSET,
  NDP_HOP_LIMIT,
  NEXT_HEADER_ICMPV6,
  uint16,
} from './layout.ts';

/** Where the message ends: a driver's padding may follow it. */
export const messageEnd = (frame: Uint8Array): number =>
  FRAME_OFFSET.message + uint16(frame, FRAME_OFFSET.payloadLength);

/**
 * What is wrong with the headers of a frame, without making an object: what the answering path asks of every frame.
 *
 * A message behind an extension header is refused. No host sends one; fragments are forbidden (RFC 6980, section 5);
 * and what hides behind a chain of headers hides from the switches that guard neighbour discovery (RFC 7113).
 */
export function faultOfHeaders(frame: Uint8Array): NdpDecodeCode | undefined {
  if (frame.length < FRAME_OFFSET.message) return 'ERR_NDP_TRUNCATED';
  if (uint16(frame, FRAME_OFFSET.etherType) !== ETHERTYPE_IPV6) return 'ERR_NDP_UNEXPECTED_ETHERTYPE';
  if ((frame[FRAME_OFFSET.version] ?? 0) >> 4 !== 6) return 'ERR_NDP_UNEXPECTED_VERSION';
  if (frame[FRAME_OFFSET.nextHeader] !== NEXT_HEADER_ICMPV6) return 'ERR_NDP_UNEXPECTED_NEXT_HEADER';
  if (frame[FRAME_OFFSET.hopLimit] !== NDP_HOP_LIMIT) return 'ERR_NDP_UNEXPECTED_HOP_LIMIT';
  const end = messageEnd(frame);
  if (end > frame.length) return 'ERR_NDP_TRUNCATED';
  return faultOfMessageHeader(frame, FRAME_OFFSET.message, end);
}

/** What is wrong with a frame whose headers are right. */
export function faultOfContents(frame: Uint8Array): OptionFault | undefined {
  const end = messageEnd(frame);
  if (checksumOver(frame, end - FRAME_OFFSET.message) !== 0) {
    return { code: 'ERR_NDP_BAD_CHECKSUM', offset: FRAME_OFFSET.message + MESSAGE_OFFSET.checksum };
  }
  // RFC 4291, sections 2.5.3 and 2.7: neither may be a source, and a reply to a group would be multiplied.
  if (isMulticast(frame, FRAME_OFFSET.source) || isLoopback(frame, FRAME_OFFSET.source)) {
    return { code: 'ERR_NDP_SOURCE_NOT_UNICAST', offset: FRAME_OFFSET.source };
  }
  const options = faultOfMessageOptions(frame, FRAME_OFFSET.message, end);
  if (options !== undefined) return options;
  return frame[FRAME_OFFSET.message] === NEIGHBOR_ADVERTISEMENT
    ? faultOfAdvertisement(frame)
    : faultOfSolicitation(frame);
}

/** RFC 4861, section 7.1.1. */
function faultOfSolicitation(frame: Uint8Array): OptionFault | undefined {
  if (!isUnspecified(frame, FRAME_OFFSET.source)) return undefined;
  const options = FRAME_OFFSET.message + MESSAGE_OFFSET.options;
  const isAllowed =
    isSolicitedNodeGroupOf(frame, FRAME_OFFSET.destination, FRAME_OFFSET.message + MESSAGE_OFFSET.target) &&
    linkLayerAddressOffset(frame, options, messageEnd(frame), OPTION_SOURCE_LINK_LAYER_ADDRESS) === undefined;
  return isAllowed ? undefined : { code: 'ERR_NDP_SOURCE_IS_UNSPECIFIED', offset: FRAME_OFFSET.source };
}

/** RFC 4861, section 7.1.2. */
function faultOfAdvertisement(frame: Uint8Array): OptionFault | undefined {
  const flags = FRAME_OFFSET.message + MESSAGE_OFFSET.flags;
  const isSolicited = ((frame[flags] ?? 0) & FLAG_SOLICITED) !== 0;
  return isSolicited && isMulticast(frame, FRAME_OFFSET.destination)
    ? { code: 'ERR_NDP_SOLICITED_MULTICAST', offset: flags }
    : undefined;
}
