import { FLAG_OVERRIDE, FLAG_SOLICITED, NEIGHBOR_ADVERTISEMENT } from '../message/message.ts';
import { OPTION_TARGET_LINK_LAYER_ADDRESS } from '../message/options.ts';
import { ALL_NODES, multicastMac } from '../multicast.ts';
import { writeChecksum } from './checksum.ts';
import { writeHeaders } from './frame.ts';
import { copyOctets, FRAME_OFFSET, MESSAGE_OFFSET, SHORTEST_MESSAGE_LENGTH } from './layout.ts';

/** Octets of an advertisement with its one option. */
const ADVERTISEMENT_LENGTH = SHORTEST_MESSAGE_LENGTH + 8;
/** Octets in a frame that carries it. */
export const ADVERTISEMENT_FRAME_LENGTH: number = FRAME_OFFSET.message + ADVERTISEMENT_LENGTH;

const ALL_NODES_MAC = multicastMac(ALL_NODES);

/** Who advertises on an interface. */
export interface NdpSender {
  /** The interface's MAC address, six octets. */
  readonly hardwareAddress: Uint8Array;
}

/**
 * Writes an advertisement. Its Override flag is set, its target link-layer address always there, its source the target.
 *
 * RFC 4861, section 7.2.4: Override is 1 unless the target is an anycast address, or one that the node is a proxy for, or
 * the option is missing. A service address is none of these: exactly one node has it at a time, in its own name. And it
 * moves: to a neighbour whose entry is in PROBE, STALE or DELAY with the old owner's MAC, an advertisement with Override 0
 * and another MAC changes nothing (section 7.2.5, I), so it would go on sending to the dead. MetalLB sends 0 in answers.
 * The Router flag is 0: who answers for a service address need not be a router.
 *
 * Section 4.4 wants "an address assigned to the interface" as the source. A host that has the target takes the target
 * itself, and so do we, who answer in its name: neighbours see what they would see of any host. MetalLB sends from the
 * interface's link-local address. Kernels do not look at the source, but `ndisc6` takes an answer from the target alone;
 * and switches that guard sources (SAVI, RFC 7039) must know the target from this port anyway, since the
 * service's own packets leave with it.
 */
function writeAdvertisement(
  frame: Uint8Array,
  sender: NdpSender,
  target: Uint8Array,
  targetOffset: number,
  flags: number,
): void {
  if (frame.length < ADVERTISEMENT_FRAME_LENGTH) {
    throw new RangeError(`an advertisement needs ${ADVERTISEMENT_FRAME_LENGTH} octets`);
  }
  const message = FRAME_OFFSET.message;
  copyOctets(sender.hardwareAddress, 0, frame, FRAME_OFFSET.sourceMac, 6);
  copyOctets(target, targetOffset, frame, FRAME_OFFSET.source, 16);
  writeHeaders(frame, ADVERTISEMENT_LENGTH);
  frame.fill(0, message, message + MESSAGE_OFFSET.target);
  frame[message] = NEIGHBOR_ADVERTISEMENT;
  frame[message + MESSAGE_OFFSET.flags] = flags | FLAG_OVERRIDE;
  copyOctets(target, targetOffset, frame, message + MESSAGE_OFFSET.target, 16);
  frame[message + MESSAGE_OFFSET.options] = OPTION_TARGET_LINK_LAYER_ADDRESS;
  frame[message + MESSAGE_OFFSET.options + 1] = 1;
  copyOctets(sender.hardwareAddress, 0, frame, message + MESSAGE_OFFSET.options + 2, 6);
  writeChecksum(frame, ADVERTISEMENT_LENGTH);
}

/**
 * Writes an unsolicited advertisement: to all nodes, as MetalLB does (`internal/layer2/ndp.go`, `Gratuitous`; RFC 4861,
 * section 7.2.6). It is also the answer to a probe of duplicate address detection, which has no address to answer to
 * (section 7.2.4).
 *
 * @param frame - At least 86 octets, overwritten.
 * @param target - Holds the IPv6 address at `targetOffset`.
 */
export function writeNdpAnnouncement(frame: Uint8Array, sender: NdpSender, target: Uint8Array, targetOffset = 0): void {
  copyOctets(ALL_NODES_MAC, 0, frame, FRAME_OFFSET.destinationMac, 6);
  copyOctets(ALL_NODES, 0, frame, FRAME_OFFSET.destination, 16);
  writeAdvertisement(frame, sender, target, targetOffset, 0);
}

/** Writes the answer to the solicitation in a frame, sent to the MAC address that lies at `macOffset` in it. */
export function writeSolicitedAdvertisement(
  frame: Uint8Array,
  sender: NdpSender,
  asked: Uint8Array,
  macOffset: number,
): void {
  copyOctets(asked, macOffset, frame, FRAME_OFFSET.destinationMac, 6);
  copyOctets(asked, FRAME_OFFSET.source, frame, FRAME_OFFSET.destination, 16);
  writeAdvertisement(frame, sender, asked, FRAME_OFFSET.message + MESSAGE_OFFSET.target, FLAG_SOLICITED);
}
