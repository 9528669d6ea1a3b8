import { IPV4_LENGTH, parseIpAddress } from '@steelyard/wire';
import type { AddressFamily } from '../../messages/address-family.ts';
import type { AdvertisementContext, RouteAttributes } from '../route.ts';

/** Where a prefix's packets are to go. */
export interface NextHop {
  /** 4, 16, or 32 octets: an IPv4 address, an IPv6 address, or a global and a link-local one (RFC 2545). */
  readonly octets: Uint8Array;
  /** In MP_REACH_NLRI; else in NEXT_HOP, and the prefixes in the field of RFC 4271. */
  readonly inMpReach: boolean;
}

/** The octets of an address whose zone (`%eth0`), if it has one, means nothing to the peer. */
function addressOctets(text: string): Uint8Array {
  const zone = text.indexOf('%');
  return parseIpAddress(zone < 0 ? text : text.slice(0, zone));
}

/** Why a session has no next hop for a route; undefined where it has one. */
export function nextHopProblem(
  { nextHop }: RouteAttributes,
  family: AddressFamily,
  { nextHopIpv4, nextHopIpv6, nextHopLinkLocal, extendedNextHop }: AdvertisementContext,
): string | undefined {
  if (nextHop !== undefined) {
    const isIpv6 = nextHop.includes(':');
    if (family === 'ipv6-unicast') return isIpv6 ? undefined : 'an IPv4 next hop is of no use to an IPv6 prefix';
    return isIpv6 && !extendedNextHop ? 'the peer takes no IPv6 next hop for an IPv4 prefix' : undefined;
  }
  const hasIpv6 = nextHopIpv6 !== undefined || nextHopLinkLocal !== undefined;
  if (family === 'ipv6-unicast') return hasIpv6 ? undefined : 'the session has no IPv6 address for a next hop';
  return nextHopIpv4 !== undefined || (extendedNextHop && hasIpv6)
    ? undefined
    : 'the session has no IPv4 address for a next hop';
}

/**
 * The next hop of a route in a session: its own, else the session's.
 *
 * An IPv4 prefix with an IPv6 next hop has one address of 16 octets, never two: RFC 8950 allows both, Junos only this.
 *
 * @throws RangeError where `nextHopProblem` has a reason, and TypeError for an address that is none.
 */
export function nextHopOf(attributes: RouteAttributes, family: AddressFamily, context: AdvertisementContext): NextHop {
  const problem = nextHopProblem(attributes, family, context);
  if (problem !== undefined) throw new RangeError(problem);
  const { nextHopIpv4, nextHopIpv6, nextHopLinkLocal } = context;
  if (attributes.nextHop !== undefined) return nextHopFrom(family, attributes.nextHop);
  if (family === 'ipv4-unicast') return nextHopFrom(family, nextHopIpv4 ?? nextHopIpv6 ?? nextHopLinkLocal);
  return nextHopFrom(family, nextHopIpv6, nextHopLinkLocal);
}

function nextHopFrom(family: AddressFamily, ...addresses: readonly (string | undefined)[]): NextHop {
  const octets = Uint8Array.from(addresses.flatMap((text) => (text === undefined ? [] : [...addressOctets(text)])));
  return { octets, inMpReach: family === 'ipv6-unicast' || octets.length !== IPV4_LENGTH };
}
