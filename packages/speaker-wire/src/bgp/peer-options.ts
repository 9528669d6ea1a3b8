import type { BgpPeerEntry } from '@steelyard/announce';
import type { BgpPeerOptions } from '@steelyard/bgp/node';
import { defaultRouterId } from './router-id.ts';

/** The session that a BGPPeer asks for. */
export function peerOptions(entry: BgpPeerEntry, nodeName: string): BgpPeerOptions {
  const { name, peerAddress, peerPort, localAsn, peerAsn, connectTimeSeconds, password, routerId, vrf } = entry;
  return {
    name,
    address: peerAddress,
    port: peerPort,
    asn: peerAsn,
    localAsn,
    routerId: routerId ?? ((localAddress) => defaultRouterId(localAddress, nodeName)),
    families: entry.families,
    holdTimeSeconds: entry.holdTimeSeconds,
    keepaliveTimeMs: entry.keepaliveTimeMs,
    ...(entry.sourceAddress === undefined ? {} : { sourceAddress: entry.sourceAddress }),
    ...(vrf === undefined ? {} : { device: vrf }),
    ...(password === undefined || password.length === 0 ? {} : { md5Password: password }),
    ...(connectTimeSeconds === undefined ? {} : { connectRetryTimeMs: connectTimeSeconds * 1_000 }),
  };
}
