import { equalMacAddresses, ipv4ToNumber, isGroupMacAddress } from '@steelyard/wire';
import {
  ARP_FRAME_LENGTH,
  ARP_REPLY,
  ARP_REQUEST,
  type ArpDecodeCode,
  faultOfArpFrame,
  writeArpHeader,
} from './packet.ts';

/** Who answers on an interface. */
export interface ArpIdentity {
  /** The interface's MAC address, six octets. */
  readonly hardwareAddress: Uint8Array;
  /** Whether an address, as an unsigned 32-bit number, is ours on this interface. */
  owns(protocolAddress: number): boolean;
}

/** What became of a frame: answered, or why not. */
export type ArpAnswer =
  | 'Answered'
  | 'NotARequest'
  | 'NotForThisInterface' // the Ethernet destination is neither broadcast nor the interface's MAC
  | 'NotOurs'
  | 'SenderIsZero'
  | 'SenderIsGroup'
  | ArpDecodeCode;

const isBroadcast = (frame: Uint8Array): boolean =>
  frame[0] === 0xff &&
  frame[1] === 0xff &&
  frame[2] === 0xff &&
  frame[3] === 0xff &&
  frame[4] === 0xff &&
  frame[5] === 0xff;

const isZeroMac = (frame: Uint8Array, offset: number): boolean =>
  ((frame[offset] ?? 0) |
    (frame[offset + 1] ?? 0) |
    (frame[offset + 2] ?? 0) |
    (frame[offset + 3] ?? 0) |
    (frame[offset + 4] ?? 0) |
    (frame[offset + 5] ?? 0)) ===
  0;

/**
 * Answers the requests that MetalLB answers (`internal/layer2/arp.go`): for an address of ours, sent to everyone or
 * to this interface. The sender's protocol address is not judged, so that probes (0.0.0.0, RFC 5227), announcements
 * of others and askers of other subnets are answered. The reply goes to the *ARP* sender's hardware address.
 *
 * One deviation: a hardware address that is a group's or zero is nobody's (RFC 1812, section 3.3.2), and a reply to
 * it would be flooded to the whole segment.
 *
 * It allocates nothing.
 *
 * @param frame - A received Ethernet frame. Not kept.
 * @param reply - At least 42 octets, overwritten with the frame to send when the outcome is `Answered`.
 */
export function answerFor(frame: Uint8Array, self: ArpIdentity, reply: Uint8Array): ArpAnswer {
  const fault = faultOfArpFrame(frame);
  if (fault !== undefined) return fault;
  if (frame[20] !== 0 || frame[21] !== ARP_REQUEST) return 'NotARequest';
  const mac = self.hardwareAddress;
  if (!(isBroadcast(frame) || equalMacAddresses(frame, mac))) return 'NotForThisInterface';
  if (!self.owns(ipv4ToNumber(frame, 38))) return 'NotOurs';
  if (isGroupMacAddress(frame, 22)) return 'SenderIsGroup';
  if (isZeroMac(frame, 22)) return 'SenderIsZero';
  writeReply(frame, mac, reply);
  return 'Answered';
}

/** "Swap hardware and protocol fields, putting the local hardware and protocol addresses in the sender fields": RFC 826. */
function writeReply(request: Uint8Array, mac: Uint8Array, reply: Uint8Array): void {
  if (reply.length < ARP_FRAME_LENGTH) throw new RangeError(`a reply needs ${ARP_FRAME_LENGTH} octets`);
  writeArpHeader(reply, ARP_REPLY);
  for (let i = 0; i < 6; i++) {
    const ours = mac[i] ?? 0;
    const asker = request[22 + i] ?? 0;
    reply[i] = asker;
    reply[6 + i] = ours;
    reply[22 + i] = ours;
    reply[32 + i] = asker;
  }
  for (let i = 0; i < 4; i++) {
    reply[28 + i] = request[38 + i] ?? 0;
    reply[38 + i] = request[28 + i] ?? 0;
  }
}
