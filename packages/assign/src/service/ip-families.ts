import { type Families, goQuoteList, parseIp } from '@steelyard/ipam';
import type { ServiceView } from './service-view.ts';

/** The families of a list of addresses, or why there is no telling. */
export type FamiliesOutcome =
  | { readonly ok: true; readonly value: Families }
  | { readonly ok: false; readonly message: string };

/**
 * Tells which families one or two addresses are of.
 *
 * @see MetalLB `internal/ipfamily/ipfamily.go`, `ForAddresses`
 */
export function familiesOf(addresses: readonly string[]): FamiliesOutcome {
  const parsed = addresses.map(parseIp);
  const [first, second] = parsed;
  if (first === undefined || parsed.length > 2) {
    return addresses.length === 1 || addresses.length === 2
      ? refuse(`Invalid address ${goQuoteList(addresses)}`)
      : refuse(`invalid ips length ${addresses.length} ${goQuoteList(addresses)}`);
  }
  if (parsed.length === 1) {
    return { ok: true, value: first.family === 4 ? 'ipv4' : 'ipv6' };
  }
  if (second === undefined) {
    return refuse(`Invalid address ${goQuoteList(addresses)}`);
  }
  return first.family === second.family
    ? refuse(`same address family ${goQuoteList(addresses)}`)
    : { ok: true, value: 'dual' };
}

function refuse(why: string): FamiliesOutcome {
  return { ok: false, message: `IPFamilyForAddresses: ${why}` };
}

/** The families of a Service: those of its cluster IPs, whatever its policy says. */
export function familiesOfService(service: ServiceView): FamiliesOutcome {
  return familiesOf(service.clusterIPs.length > 0 ? service.clusterIPs : [service.clusterIP]);
}

/** Which family comes first where only one can be had: `spec.ipFamilies[0]`, IPv4 if it says nothing. */
export function familiesByPreference(service: ServiceView): readonly ['ipv4' | 'ipv6', 'ipv4' | 'ipv6'] {
  return service.ipFamilies[0] === 'IPv6' ? ['ipv6', 'ipv4'] : ['ipv4', 'ipv6'];
}
