import type { AddressFamily, LargeCommunity } from '@steelyard/bgp';

/** A prefix that this node announces by BGP: what the wire thread is told. */
export interface BgpRouteEntry {
  /** Canonical, without host bits: `192.0.2.0/28`. It names the entry. */
  readonly prefix: string;
  /** The Services whose addresses make it be announced, sorted. */
  readonly serviceKeys: readonly string[];
  /** Each peer that gets it stands in exactly one of them. */
  readonly paths: readonly BgpPath[];
}

/** What some peers are told of a prefix. */
export interface BgpPath {
  /** Names of BGPPeers of this node, sorted. */
  readonly peers: readonly string[];
  /** `undefined` where no advertisement gives one: 100 towards internal peers. */
  readonly localPref: number | undefined;
  /** RFC 1997, each as one unsigned 32-bit number; sorted, each once. */
  readonly communities: readonly number[];
  /** RFC 8092; sorted, each once. */
  readonly largeCommunities: readonly LargeCommunity[];
}

/** A BGPPeer that this node peers with: what the wire thread is told. Plain values, for it crosses threads. */
export interface BgpPeerEntry {
  /** Of the BGPPeer. It names the entry. */
  readonly name: string;
  readonly peerAddress: string;
  readonly peerPort: number;
  /** The AS number that the peer is shown: `localASN`, else `myASN`. */
  readonly localAsn: number;
  readonly peerAsn: number | 'internal' | 'external';
  readonly sourceAddress: string | undefined;
  /** Seconds; `undefined`: 90. */
  readonly holdTimeSeconds: number | undefined;
  readonly keepaliveTimeMs: number | undefined;
  readonly connectTimeSeconds: number | undefined;
  readonly routerId: string | undefined;
  /** Of TCP MD5. Never logged, never in a report. */
  readonly password: Uint8Array | undefined;
  readonly ebgpMultiHop: boolean;
  readonly vrf: string | undefined;
  readonly families: readonly AddressFamily[];
}
