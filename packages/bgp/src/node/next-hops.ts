import { type ParsedAddress, parseAddress, sharePrefix } from './address.ts';
import type { InterfaceAddress } from './transport/interface-address.ts';

/** The addresses under which the peer reaches what this session announces. */
export interface NextHops {
  readonly ipv4: string | undefined;
  /** Global. */
  readonly ipv6: string | undefined;
  readonly linkLocal: string | undefined;
}

/** What they are derived from. */
export interface NextHopFacts {
  /** Of the session; a link-local one with its zone. */
  readonly localAddress: string;
  readonly peerAddress: string;
  /** In the order in which Linux lists them. */
  readonly interfaceAddresses: readonly InterfaceAddress[];
  readonly chosen: { readonly ipv4?: string | undefined; readonly ipv6?: string | undefined } | undefined;
}

/** The first octets of `2000::/3`, addresses of the Internet, are preferred to unique local ones. */
const GLOBAL_UNICAST = 0x20;

/**
 * Derives the next hops of a session: its own address, and of the other family one of the interface that has it.
 *
 * A link-local one goes beside the global only where the peer is on the same link (RFC 2545, section 3), which is known
 * of IPv6 sessions only; and alone where the session itself is between link-local addresses: one address of 16 octets
 * is what every router takes.
 */
export function nextHopsOf(facts: NextHopFacts): NextHops {
  const local = parseAddress(facts.localAddress);
  const peer = parseAddress(facts.peerAddress);
  const own = addressesBeside(local, facts.interfaceAddresses);
  const ipv4 = local.octets.length === 4 ? local.address : firstIpv4(own);
  return {
    ipv4: facts.chosen?.ipv4 ?? ipv4,
    ipv6: facts.chosen?.ipv6 ?? globalIpv6(local, own),
    linkLocal: facts.chosen?.ipv6 === undefined ? linkLocalBeside(local, peer, own) : undefined,
  };
}

interface OwnAddress extends ParsedAddress {
  readonly prefixLength: number;
}

/** All of the interface that has the address, loopback's and IPv4's unusable ones left out. */
function addressesBeside(local: ParsedAddress, all: readonly InterfaceAddress[]): readonly OwnAddress[] {
  const name =
    local.zone ??
    all.find(({ address }) => parseAddress(address).address === local.address)?.interfaceName ??
    undefined;
  if (name === undefined) return [];
  return all
    .filter(({ interfaceName }) => interfaceName === name)
    .map((each) => ({ ...parseAddress(each.address), prefixLength: each.prefixLength }))
    .filter(({ address, octets }) => address !== '::1' && !(octets.length === 4 && octets[0] === 127));
}

/** Linux lists the primary address of IPv4 first. */
function firstIpv4(own: readonly OwnAddress[]): string | undefined {
  return withoutHostAddresses(own.filter(({ octets }) => octets.length === 4))[0]?.address;
}

/**
 * Linux lists the newest address of IPv6 first. The oldest is likeliest to stay: temporary and virtual ones came later.
 * Which is temporary or deprecated Node.js does not say.
 */
function globalIpv6(local: ParsedAddress, own: readonly OwnAddress[]): string | undefined {
  if (local.linkLocal) return undefined;
  if (local.octets.length === 16) return local.address;
  const candidates = withoutHostAddresses(own.filter(({ octets, linkLocal }) => octets.length === 16 && !linkLocal));
  const best = candidates.findLast(({ octets }) => ((octets[0] ?? 0) & 0xe0) === GLOBAL_UNICAST) ?? candidates.at(-1);
  return best?.address;
}

/** A /32 or /128 beside an address of the link is a virtual one, which moves to another host. */
function withoutHostAddresses(sameFamily: readonly OwnAddress[]): readonly OwnAddress[] {
  const onLink = sameFamily.filter(({ octets, prefixLength }) => prefixLength < octets.length * 8);
  return onLink.length > 0 ? onLink : sameFamily;
}

function linkLocalBeside(local: ParsedAddress, peer: ParsedAddress, own: readonly OwnAddress[]): string | undefined {
  if (local.linkLocal) return local.address;
  if (local.octets.length !== 16) return undefined;
  const onLink = own.some(
    ({ address, octets, prefixLength }) =>
      // A /128 is no link, although it shares its prefix with itself.
      address === local.address && prefixLength < 128 && sharePrefix(octets, peer.octets, prefixLength),
  );
  return onLink ? own.find(({ linkLocal }) => linkLocal)?.address : undefined;
}
