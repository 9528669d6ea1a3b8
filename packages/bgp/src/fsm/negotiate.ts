import { type AddressFamily, type AfiSafi, addressFamilyOf } from '../messages/address-family.ts';
import type { Capability } from '../messages/capability.ts';
import type { OpenMessage } from '../messages/message.ts';
import { asnOf } from '../messages/open/autonomous-system.ts';
import type { SessionContext } from '../messages/session-context.ts';
import type { ConnectionId, NegotiatedSession, PeerFsmConfig } from './vocabulary.ts';

function has(capabilities: readonly Capability[], type: Capability['type']): boolean {
  return capabilities.some((capability) => capability.type === type);
}

/** RFC 4760, section 8: who says nothing about families has IPv4 unicast. */
function familiesOf(capabilities: readonly Capability[]): readonly AddressFamily[] {
  const offered = capabilities.filter((capability) => capability.type === 'multiprotocol');
  if (offered.length === 0) return ['ipv4-unicast'];
  return [...new Set(offered.map((capability) => addressFamilyOf(capability)))].filter(
    (family) => family !== undefined,
  );
}

function isIpv4Unicast({ afi, safi }: AfiSafi): boolean {
  return afi === 1 && safi === 1;
}

/** RFC 8950: IPv6 next hops for IPv4 unicast. */
function takesIpv6NextHops(capabilities: readonly Capability[]): boolean {
  return capabilities.some(
    (capability) =>
      capability.type === 'extended-next-hop' &&
      capability.families.some((family) => isIpv4Unicast(family) && family.nextHopAfi === 2),
  );
}

/** RFC 7911: the families of which one side wants to send, or to receive, several paths. */
function addPathFamilies(capabilities: readonly Capability[], direction: 'send' | 'receive'): Set<AddressFamily> {
  const families = new Set<AddressFamily>();
  for (const capability of capabilities) {
    if (capability.type !== 'add-path') continue;
    for (const offered of capability.families) {
      const family = addressFamilyOf(offered);
      if (family !== undefined && offered[direction]) families.add(family);
    }
  }
  return families;
}

function contextOf(local: readonly Capability[], peer: readonly Capability[], internal: boolean): SessionContext {
  const peerFamilies = familiesOf(peer);
  const families = familiesOf(local).filter((family) => peerFamilies.includes(family));
  const sentWithPaths = addPathFamilies(peer, 'send');
  const receivedWithPaths = addPathFamilies(local, 'receive');
  return {
    fourOctetAsn: has(local, 'four-octet-asn') && has(peer, 'four-octet-asn'),
    extendedMessage: has(local, 'extended-message') && has(peer, 'extended-message'),
    addPathReceive: families.filter((family) => sentWithPaths.has(family) && receivedWithPaths.has(family)),
    extendedNextHop: takesIpv6NextHops(local) && takesIpv6NextHops(peer),
    internal,
    families,
  };
}

/** RFC 4271, section 4.4: a third of the hold time at most, and nothing is sent with a hold time of 0. */
function keepaliveTimeMsOf(holdTimeSeconds: number, config: PeerFsmConfig): number {
  const thirdMs = (holdTimeSeconds * 1_000) / 3;
  return config.keepaliveTimeMs === undefined ? thirdMs : Math.min(config.keepaliveTimeMs, thirdMs);
}

/** What two OPENs, both of them good, agree on. */
export function negotiate(
  connection: ConnectionId,
  local: OpenMessage,
  peer: OpenMessage,
  config: PeerFsmConfig,
): NegotiatedSession {
  const holdTimeSeconds = Math.min(local.holdTimeSeconds, peer.holdTimeSeconds);
  const peerAsn = asnOf(peer);
  const internal = peerAsn === config.localAsn;
  const bothHave = (type: Capability['type']): boolean => has(local.capabilities, type) && has(peer.capabilities, type);
  return {
    connection,
    peerAsn,
    peerIdentifier: peer.bgpIdentifier,
    internal,
    holdTimeSeconds,
    keepaliveTimeMs: keepaliveTimeMsOf(holdTimeSeconds, config),
    localCapabilities: local.capabilities,
    peerCapabilities: peer.capabilities,
    context: contextOf(local.capabilities, peer.capabilities, internal),
    routeRefresh: bothHave('route-refresh') || bothHave('cisco-route-refresh'),
    enhancedRouteRefresh: bothHave('enhanced-route-refresh'),
  };
}
