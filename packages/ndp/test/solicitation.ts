import { multicastMac, type NdpFrame, type NdpMessage, type NdpOption, solicitedNodeGroup } from '@steelyard/ndp';
import { formatIpv6Address, formatMacAddress, parseIpv6Address } from '@steelyard/wire';

export const OURS = '2001:db8::1:2';
export const OUR_MAC = '02:00:5e:00:53:0a';
export const ASKER = '2001:db8::9';
export const ASKER_MAC = '02:00:5e:00:53:0b';

/** The solicited-node group of an address, and its MAC. */
function groupOf(address: string): { readonly destination: string; readonly destinationMac: string } {
  const group = solicitedNodeGroup(parseIpv6Address(address));
  return { destination: formatIpv6Address(group), destinationMac: formatMacAddress(multicastMac(group)) };
}

export const sourceLinkLayerAddress = (linkLayerAddress: string): NdpOption => ({
  type: 'SourceLinkLayerAddress',
  linkLayerAddress,
});

/** A solicitation as a host sends it that knows nothing of its target yet. */
export function solicitation(
  fields: Partial<Omit<NdpFrame, 'message'>> & { target?: string; options?: readonly NdpOption[] } = {},
): NdpFrame {
  const { target = OURS, options = [sourceLinkLayerAddress(ASKER_MAC)], ...headers } = fields;
  const message: NdpMessage = { type: 'NeighborSolicitation', target, options };
  return { ...groupOf(target), sourceMac: ASKER_MAC, source: ASKER, ...headers, message };
}

/** A probe of duplicate address detection. */
export const probe = (target: string = OURS): NdpFrame => solicitation({ target, source: '::', options: [] });

/** An advertisement to all nodes. */
export function advertisement(
  fields: Partial<Omit<NdpFrame, 'message'>> & {
    target?: string;
    solicited?: boolean;
    options?: readonly NdpOption[];
  } = {},
): NdpFrame {
  const { target = OURS, solicited = false, ...headers } = fields;
  const { options = [{ type: 'TargetLinkLayerAddress', linkLayerAddress: ASKER_MAC }], ...addresses } = headers;
  return {
    destinationMac: '33:33:00:00:00:01',
    sourceMac: ASKER_MAC,
    source: ASKER,
    destination: 'ff02::1',
    ...addresses,
    message: { type: 'NeighborAdvertisement', target, router: false, solicited, override: true, options },
  };
}
