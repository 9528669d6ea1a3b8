/**
 * IPv6 neighbour discovery (RFC 4861, RFC 4862): solicitations and advertisements, what to answer, what to announce,
 * conflicts, and the filter by which the kernel drops what is of no interest. It does no I/O; the door
 * `@steelyard/ndp/node` does.
 *
 * @packageDocumentation
 */
export { answerFor, type NdpAnswer, type NdpIdentity } from './answer.ts';
export type { NdpDecodeCode } from './codes.ts';
export { claimantMacOffset } from './conflict.ts';
export { compileNdpFilter, MAX_FILTER_RANGES } from './filter/compile.ts';
export { ADVERTISEMENT_FRAME_LENGTH, type NdpSender, writeNdpAnnouncement } from './frame/advertisement.ts';
export { decodeNdpFrame, encodeNdpFrame, type NdpFrame } from './frame/frame.ts';
export { ETHERTYPE_IPV6, NDP_HOP_LIMIT, NEXT_HEADER_ICMPV6 } from './frame/layout.ts';
export {
  decodeNdpMessage,
  encodeNdpMessage,
  type NdpMessage,
  NEIGHBOR_ADVERTISEMENT,
  NEIGHBOR_SOLICITATION,
  type NeighborAdvertisement,
  type NeighborSolicitation,
} from './message/message.ts';
export { MAX_OPTIONS, type NdpOption } from './message/options.ts';
export { ALL_NODES, multicastMac, solicitedNodeGroup } from './multicast.ts';
