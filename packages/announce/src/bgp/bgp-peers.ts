import type { AddressFamily } from '@steelyard/bgp';
import { type ParsedBgpPeer, type ParsedConfig, type SecretText, selectsNode } from '@steelyard/config';
import type { NodeView } from '../node-view.ts';
import type { BgpPeerEntry } from './bgp-entry.ts';
import { isIpv6 } from './prefix.ts';

/** What a BGPPeer asks for and does not get. */
export interface UnservedPeerField {
  /** The name of the BGPPeer. */
  readonly peer: string;
  /** In its spec. */
  readonly field: 'interface' | 'passwordSecret' | 'bfdProfile' | 'enableGracefulRestart';
  /**
   * - `Unnumbered`: a peer without an address is not peered with.
   * - `SecretUnknown`: the Secret cannot be read. A session that there is already stays as it is.
   * - `NotServed`: the session is there without it.
   */
  readonly because: 'Unnumbered' | 'SecretUnknown' | 'NotServed';
}

/** A peer that what is announced may go to. */
export interface RoutePeer {
  readonly name: string;
  readonly families: readonly AddressFamily[];
}

/** The BGPPeers of one node. */
export interface NodePeers {
  /** By name, sorted. */
  readonly peers: readonly BgpPeerEntry[];
  /** Those in `peers`, and those of which not all can be told: they may have a session. */
  readonly routePeers: readonly RoutePeer[];
  readonly unserved: readonly UnservedPeerField[];
}

const BOTH: readonly AddressFamily[] = ['ipv4-unicast', 'ipv6-unicast'];
const IPV4: readonly AddressFamily[] = ['ipv4-unicast'];
const IPV6: readonly AddressFamily[] = ['ipv6-unicast'];

/** The passwords of entries, for comparing: an entry has octets. */
const passwords = new WeakMap<BgpPeerEntry, SecretText>();

/**
 * Finds whom a node peers with.
 *
 * @param node - Of which only the labels count.
 * @see MetalLB `speaker/bgp_controller.go`, `syncPeers`
 */
export function bgpPeersForNode(
  { bgpPeers }: Pick<ParsedConfig, 'bgpPeers'>,
  node: Pick<NodeView, 'labels'>,
): NodePeers {
  const peers: BgpPeerEntry[] = [];
  const routePeers: RoutePeer[] = [];
  const unserved: UnservedPeerField[] = [];
  const own = [...bgpPeers.values()].filter((peer) => selectsNode(peer, node.labels));
  for (const peer of own.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const { name, address } = peer;
    if (address === undefined) {
      unserved.push({ peer: name, field: 'interface', because: 'Unnumbered' });
      continue;
    }
    const families = familiesOf(address, peer);
    routePeers.push({ name, families });
    if (peer.passwordSecretName !== undefined && peer.password === undefined) {
      unserved.push({ peer: name, field: 'passwordSecret', because: 'SecretUnknown' });
      continue;
    }
    if (peer.bfdProfile !== undefined) {
      unserved.push({ peer: name, field: 'bfdProfile', because: 'NotServed' });
    }
    if (peer.enableGracefulRestart) {
      unserved.push({ peer: name, field: 'enableGracefulRestart', because: 'NotServed' });
    }
    peers.push(entryOf(peer, address, families));
  }
  return { peers, routePeers, unserved };
}

function familiesOf(address: string, { dualStackAddressFamily }: ParsedBgpPeer): readonly AddressFamily[] {
  if (dualStackAddressFamily) {
    return BOTH;
  }
  return isIpv6(address) ? IPV6 : IPV4;
}

function entryOf(peer: ParsedBgpPeer, peerAddress: string, families: readonly AddressFamily[]): BgpPeerEntry {
  const entry: BgpPeerEntry = {
    name: peer.name,
    peerAddress,
    peerPort: peer.port,
    localAsn: peer.localAsn ?? peer.myAsn,
    peerAsn: peer.peerAsn,
    sourceAddress: peer.sourceAddress,
    holdTimeSeconds: peer.holdTimeSeconds,
    keepaliveTimeMs: peer.keepaliveTimeMs || undefined, // 0 beside a hold time: as MetalLB's native mode, a third of it
    connectTimeSeconds: peer.connectTimeSeconds,
    routerId: peer.routerId,
    password: peer.password?.reveal(),
    ebgpMultiHop: peer.ebgpMultiHop,
    vrf: peer.vrf,
    families,
  };
  if (peer.password !== undefined) {
    passwords.set(entry, peer.password);
  }
  return entry;
}

/** Whether two entries of one name ask for the same session. Passwords are compared as secrets are. */
export function samePeerEntry(a: BgpPeerEntry, b: BgpPeerEntry): boolean {
  const [mine, theirs] = [passwords.get(a), passwords.get(b)];
  return (
    (mine === theirs || mine?.equals(theirs) === true) &&
    a.name === b.name &&
    a.peerAddress === b.peerAddress &&
    a.peerPort === b.peerPort &&
    a.localAsn === b.localAsn &&
    a.peerAsn === b.peerAsn &&
    a.sourceAddress === b.sourceAddress &&
    a.holdTimeSeconds === b.holdTimeSeconds &&
    a.keepaliveTimeMs === b.keepaliveTimeMs &&
    a.connectTimeSeconds === b.connectTimeSeconds &&
    a.routerId === b.routerId &&
    a.ebgpMultiHop === b.ebgpMultiHop &&
    a.vrf === b.vrf &&
    String(a.families) === String(b.families)
  );
}
