import { macToNumber } from '@steelyard/announcement-schedule';
import { ipv4ToNumber } from '@steelyard/wire';
import { ARP_REPLY, ARP_REQUEST, faultOfArpFrame } from './packet.ts';

/**
 * Whether a frame says that an address of ours is somebody else's: a request or reply whose sender protocol address
 * is ours and whose sender hardware address is not. A probe (sender 0.0.0.0) asks and claims nothing.
 *
 * It allocates nothing.
 *
 * @param isOwnMac - Whether a MAC, as an integer of 48 bits, is one of this host's: "any of the host's own interface
 *   addresses", not only the receiving interface's.
 * @see {@link https://www.rfc-editor.org/rfc/rfc5227#section-2.4 | RFC 5227, section 2.4}
 */
export function isConflict(
  frame: Uint8Array,
  owns: (protocolAddress: number) => boolean,
  isOwnMac: (mac: number) => boolean,
): boolean {
  if (faultOfArpFrame(frame) !== undefined) return false;
  const operation = ((frame[20] ?? 0) << 8) | (frame[21] ?? 0);
  if (operation !== ARP_REQUEST && operation !== ARP_REPLY) return false;
  return owns(ipv4ToNumber(frame, 28)) && !isOwnMac(macToNumber(frame, 22));
}
