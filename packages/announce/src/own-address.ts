import { canonicalAddress } from '@steelyard/config';

/** Why an address is never announced, whatever a Service says. */
export type OwnAddressReason = 'AddressBelongsToNode' | 'AddressIsGateway';

/**
 * Judges whether an address is one that the network needs for itself: answering ARP for a node's own address or for
 * the default gateway's would cut the node or all of the segment off.
 *
 * @param address - In canonical text.
 * @param network - Addresses in any spelling; what is no address counts for nothing.
 * @returns Why the address is not announced, or `undefined` if it may be.
 */
export function refuseOwnAddress(
  address: string,
  network: { readonly localAddresses: Iterable<string>; readonly gateways: Iterable<string> },
): OwnAddressReason | undefined {
  if (has(network.localAddresses, address)) {
    return 'AddressBelongsToNode';
  }
  return has(network.gateways, address) ? 'AddressIsGateway' : undefined;
}

function has(addresses: Iterable<string>, wanted: string): boolean {
  for (const address of addresses) {
    if (address === wanted || canonicalAddress(address) === wanted) {
      return true;
    }
  }
  return false;
}
