import {
  createOctetWriter,
  formatIpv6Address,
  formatMacAddress,
  internetChecksum,
  MAC_ADDRESS_LENGTH,
  parseIpv6Address,
  parseMacAddress,
} from '@steelyard/wire';

// The judge of what `@steelyard/ndp` sends, so it has a codec of its own: both could be wrong together otherwise.

/** EtherType of IPv6. */
export const ETHERTYPE_IPV6 = 0x86dd;
const ICMPV6 = 58;
const NEIGHBOR_SOLICITATION = 135;
const NEIGHBOR_ADVERTISEMENT = 136;
const SOURCE_LINK_LAYER_ADDRESS = 1;
/** Ethernet and IPv6 header. */
const HEADERS_LENGTH = 54;
/** Up to the options: RFC 4861, sections 4.3 and 4.4. */
const MESSAGE_LENGTH = 24;

/** A Neighbor Solicitation or Advertisement as it was on the wire. */
export interface SeenNdp {
  readonly kind: 'solicitation' | 'advertisement';
  /** Of the Ethernet header. */
  readonly sourceMac: string;
  readonly destinationMac: string;
  /** Of the IPv6 header. */
  readonly source: string;
  readonly destination: string;
  readonly hopLimit: number;
  readonly checksumIsRight: boolean;
  readonly target: string;
  readonly router: boolean;
  readonly solicited: boolean;
  readonly override: boolean;
  /** Of the source or target link-layer address option; `undefined` without one. */
  readonly linkLayerAddress: string | undefined;
}

/** What is asked. */
export interface Solicitation {
  readonly mac: string;
  readonly source: string;
  readonly target: string;
  /** Asks this host alone, at the target itself, as a neighbour does that checks whether it is still there. */
  readonly destinationMac: string | undefined;
  readonly withLinkLayerAddress: boolean;
}

/** The solicited-node group of an address and its MAC: RFC 4291, section 2.7.1; RFC 2464, section 7. */
function groupOf(target: Uint8Array): { readonly address: Uint8Array; readonly mac: Uint8Array } {
  const address = parseIpv6Address('ff02::1:ff00:0');
  address.set(target.subarray(13), 13);
  return { address, mac: Uint8Array.of(0x33, 0x33, ...address.subarray(12)) };
}

/** A solicitation: in the solicited-node group, or to one host. */
export function neighborSolicitation({
  mac,
  source,
  target,
  destinationMac,
  withLinkLayerAddress,
}: Solicitation): Uint8Array {
  const asked = parseIpv6Address(target);
  const group = groupOf(asked);
  const message = createOctetWriter();
  message.uint8(NEIGHBOR_SOLICITATION).uint8(0).uint16(0).uint32(0).octets(asked);
  if (withLinkLayerAddress) message.uint8(SOURCE_LINK_LAYER_ADDRESS).uint8(1).octets(parseMacAddress(mac));
  const addresses = createOctetWriter();
  addresses.octets(parseIpv6Address(source)).octets(destinationMac === undefined ? group.address : asked);
  const pseudoHeader = createOctetWriter();
  pseudoHeader.octets(addresses.finish()).uint32(message.length).uint32(ICMPV6).octets(message.finish());
  message.patchUint16(2, internetChecksum(pseudoHeader.finish()));
  const frame = createOctetWriter();
  frame.octets(destinationMac === undefined ? group.mac : parseMacAddress(destinationMac));
  frame.octets(parseMacAddress(mac)).uint16(ETHERTYPE_IPV6);
  frame.uint32(0x6000_0000).uint16(message.length).uint8(ICMPV6).uint8(255);
  frame.octets(addresses.finish()).octets(message.finish());
  return frame.finish();
}

/** Reads a frame; `undefined` if it carries neither message right after the IPv6 header. */
export function readNdp(frame: Uint8Array): SeenNdp | undefined {
  if (frame.length < HEADERS_LENGTH + MESSAGE_LENGTH || frame[20] !== ICMPV6) return undefined;
  const type = frame[HEADERS_LENGTH];
  if (type !== NEIGHBOR_SOLICITATION && type !== NEIGHBOR_ADVERTISEMENT) return undefined;
  const length = ((frame[18] ?? 0) << 8) | (frame[19] ?? 0);
  const flags = type === NEIGHBOR_ADVERTISEMENT ? (frame[58] ?? 0) : 0;
  const option =
    frame[78] === (type === NEIGHBOR_SOLICITATION ? 1 : 2) && frame[79] === 1 && length >= MESSAGE_LENGTH + 8;
  return {
    kind: type === NEIGHBOR_SOLICITATION ? 'solicitation' : 'advertisement',
    destinationMac: formatMacAddress(frame, 0),
    sourceMac: formatMacAddress(frame, MAC_ADDRESS_LENGTH),
    source: formatIpv6Address(frame, 22),
    destination: formatIpv6Address(frame, 38),
    hopLimit: frame[21] ?? 0,
    checksumIsRight: internetChecksum(frame.subarray(22, HEADERS_LENGTH + length), length + ICMPV6) === 0,
    target: formatIpv6Address(frame, 62),
    router: (flags & 0x80) !== 0,
    solicited: (flags & 0x40) !== 0,
    override: (flags & 0x20) !== 0,
    linkLayerAddress: option ? formatMacAddress(frame, 80) : undefined,
  };
}
