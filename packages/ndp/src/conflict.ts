import { macToNumber } from '@steelyard/announcement-schedule';
import { faultOfContents, faultOfHeaders, messageEnd } from './frame/fault.ts';
import { FRAME_OFFSET, isUnspecified, MESSAGE_OFFSET } from './frame/layout.ts';
import { NEIGHBOR_ADVERTISEMENT } from './message/message.ts';
import { linkLayerAddressOffset, OPTION_TARGET_LINK_LAYER_ADDRESS } from './message/options.ts';

/**
 * Whether a frame says that an address of ours is, or is about to be, somebody else's: an advertisement with another link-layer
 * address, or a probe of duplicate address detection (RFC 4862, sections 5.4.3 and 5.4.4). A solicitation with a source
 * asks and claims nothing.
 *
 * It allocates nothing for a frame that is about other addresses.
 *
 * @param isOwnMac - Whether a MAC, as an integer of 48 bits, is one of this host's.
 * @returns Where the claimant's MAC lies in the frame; `undefined` when nothing is claimed, or by nobody (a MAC of zero).
 */
export function claimantMacOffset(
  frame: Uint8Array,
  owns: (octets: Uint8Array, offset: number) => boolean,
  isOwnMac: (mac: number) => boolean,
): number | undefined {
  if (faultOfHeaders(frame) !== undefined) return undefined;
  const isAdvertisement = frame[FRAME_OFFSET.message] === NEIGHBOR_ADVERTISEMENT;
  if (!(isAdvertisement || isUnspecified(frame, FRAME_OFFSET.source))) return undefined;
  if (!owns(frame, FRAME_OFFSET.message + MESSAGE_OFFSET.target)) return undefined;
  if (faultOfContents(frame) !== undefined) return undefined;
  const options = FRAME_OFFSET.message + MESSAGE_OFFSET.options;
  const told = linkLayerAddressOffset(frame, options, messageEnd(frame), OPTION_TARGET_LINK_LAYER_ADDRESS);
  // A probe has no link-layer address; one is meant in advertisements only.
  const offset = isAdvertisement ? (told ?? FRAME_OFFSET.sourceMac) : FRAME_OFFSET.sourceMac;
  const mac = macToNumber(frame, offset);
  return mac === 0 || isOwnMac(mac) ? undefined : offset;
}
