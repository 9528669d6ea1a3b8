import { equalMacAddresses, isGroupMacAddress } from '@steelyard/wire';
import type { NdpDecodeCode } from './codes.ts';
import { type NdpSender, writeNdpAnnouncement, writeSolicitedAdvertisement } from './frame/advertisement.ts';
import { faultOfContents, faultOfHeaders, messageEnd } from './frame/fault.ts';
import { FRAME_OFFSET, isUnspecified, MESSAGE_OFFSET } from './frame/layout.ts';
import { NEIGHBOR_SOLICITATION } from './message/message.ts';
import { linkLayerAddressOffset, OPTION_SOURCE_LINK_LAYER_ADDRESS } from './message/options.ts';

/** Where a frame's target lies. */
const TARGET: number = FRAME_OFFSET.message + MESSAGE_OFFSET.target;

/** Who answers on an interface. */
export interface NdpIdentity extends NdpSender {
  /** Whether the IPv6 address at `offset` is ours on this interface. */
  owns(octets: Uint8Array, offset: number): boolean;
}

/** What became of a frame: answered, or why not. */
export type NdpAnswer =
  | 'Answered'
  | 'NotASolicitation'
  | 'NotForThisInterface' // the Ethernet destination is another host's
  | 'NotOurs'
  | 'SenderIsZero'
  | 'SenderIsGroup'
  | NdpDecodeCode;

const isZeroMac = (octets: Uint8Array, offset: number): boolean => {
  for (let i = 0; i < 6; i++) if (octets[offset + i] !== 0) return false;
  return true;
};

/**
 * Answers the valid solicitations for an address of ours (RFC 4861, section 7.2.4), sent to a group or to this interface:
 *
 * - from `::`, duplicate address detection: all nodes are told that the address is taken (RFC 4862, section 5.4.4);
 * - with a source link-layer address: the answer goes there;
 * - without one, as a neighbour asks that only checks whether we are still there (section 7.3): to where the frame came
 *   from. Resolving the asker first, as a host would, could only tell the same.
 *
 * MetalLB answers the second alone (`internal/layer2/ndp.go`). A link-layer address that is a group's or zero is nobody's,
 * and an answer to it would be flooded to the whole segment.
 *
 * It allocates nothing for a frame that is not answered, but for one that asks for an address of ours and is not valid.
 *
 * @param frame - A received Ethernet frame. Not kept.
 * @param reply - At least 86 octets, overwritten with the frame to send when the outcome is `Answered`.
 */
export function answerFor(frame: Uint8Array, self: NdpIdentity, reply: Uint8Array): NdpAnswer {
  const header = faultOfHeaders(frame);
  if (header !== undefined) return header;
  if (frame[FRAME_OFFSET.message] !== NEIGHBOR_SOLICITATION) return 'NotASolicitation';
  if (!(isGroupMacAddress(frame) || equalMacAddresses(frame, self.hardwareAddress))) return 'NotForThisInterface';
  if (!self.owns(frame, TARGET)) return 'NotOurs';
  const contents = faultOfContents(frame);
  if (contents !== undefined) return contents.code;
  if (isUnspecified(frame, FRAME_OFFSET.source)) {
    writeNdpAnnouncement(reply, self, frame, TARGET);
    return 'Answered';
  }
  const options = FRAME_OFFSET.message + MESSAGE_OFFSET.options;
  const sender =
    linkLayerAddressOffset(frame, options, messageEnd(frame), OPTION_SOURCE_LINK_LAYER_ADDRESS) ??
    FRAME_OFFSET.sourceMac;
  if (isGroupMacAddress(frame, sender)) return 'SenderIsGroup';
  if (isZeroMac(frame, sender)) return 'SenderIsZero';
  writeSolicitedAdvertisement(reply, self, frame, sender);
  return 'Answered';
}
