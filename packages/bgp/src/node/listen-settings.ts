import { formatIpAddress } from '@steelyard/wire';
import { type ParsedAddress, parseAddress, parsePrefix, sharePrefix } from './address.ts';
import { checkInteger, checkPeerOptions, type SpeakerDefaults } from './check-options.ts';
import type { BgpListenOptions, DynamicNeighbors } from './options.ts';
import type { AddressPrefix } from './transport/transport.ts';

/** Where connections are taken, checked, with the defaults. */
export interface ListenSettings {
  readonly address: string;
  readonly port: number;
  readonly gtsmHops: number | undefined;
  readonly dynamic: readonly DynamicPrefix[];
  readonly maxStrangers: number;
}

/** Neighbours by their prefix, checked. */
export interface DynamicPrefix {
  readonly prefix: AddressPrefix;
  matches(address: ParsedAddress): boolean;
  readonly md5Password: Uint8Array | undefined;
  readonly options: DynamicNeighbors['options'];
  readonly maxPeers: number;
  readonly onPeer: DynamicNeighbors['onPeer'];
}

const BGP_PORT = 179;
const MAX_STRANGERS = 64;
const MAX_GTSM_HOPS = 254;
const MAX_DYNAMIC_PEERS = 128;

/** @throws TypeError or RangeError that names the option. */
export function checkListenOptions(options: BgpListenOptions, speaker: SpeakerDefaults): ListenSettings {
  const { address = '::', port = BGP_PORT, dynamic = [], gtsmHops, maxStrangers = MAX_STRANGERS } = options;
  parseAddress(address);
  return {
    address,
    port: checkInteger('listen.port', port, 0, 65_535),
    gtsmHops: gtsmHops === undefined ? undefined : checkInteger('listen.gtsmHops', gtsmHops, 1, MAX_GTSM_HOPS),
    dynamic: dynamic
      .map((neighbors) => checkDynamic(neighbors, speaker))
      // The longest prefix that matches decides, as everywhere.
      .sort((a, b) => b.prefix.length - a.prefix.length),
    maxStrangers: checkInteger('listen.maxStrangers', maxStrangers, 0, 65_535),
  };
}

function checkDynamic(neighbors: DynamicNeighbors, speaker: SpeakerDefaults): DynamicPrefix {
  const { octets, length } = parsePrefix(neighbors.prefix);
  const network = formatIpAddress(octets);
  const linkLocal = parseAddress(network).linkLocal;
  // What can be said of any of them is said now, and not when the first connects.
  const { md5Password } = checkPeerOptions(
    { ...neighbors.options, address: linkLocal ? `${network}%any` : network },
    speaker,
    true,
  );
  return {
    prefix: { address: network, length },
    matches: (address) => sharePrefix(octets, address.octets, length),
    md5Password,
    options: neighbors.options,
    maxPeers: checkInteger('maxPeers', neighbors.maxPeers ?? MAX_DYNAMIC_PEERS, 1, 65_535),
    onPeer: neighbors.onPeer === undefined ? undefined : (peer) => neighbors.onPeer?.(peer),
  };
}
