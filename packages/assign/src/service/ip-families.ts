import { type Families, goQuote, goQuoteList, parseIp } from '@steelyard/ipam';
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
  const invalid = addresses.find((_, index) => parsed[index] === undefined);
  if (addresses.length > 2) {
    return { ok: false, message: `more than two addresses ${goQuoteList(addresses)}` };
  }
  if (invalid !== undefined) {
    return { ok: false, message: `invalid address ${goQuote(invalid)}` };
  }
  const [first, second] = parsed;
  if (first === undefined) {
    return { ok: false, message: 'no addresses' };
  }
  if (second === undefined) {
    return { ok: true, value: first.family === 4 ? 'ipv4' : 'ipv6' };
  }
  return first.family === second.family
    ? { ok: false, message: `${addresses.map(goQuote).join(' ')} has the same family` }
    : { ok: true, value: 'dual' };
}

/** The families of a Service: those of its cluster IPs, whatever its policy says. */
export function familiesOfService(service: ServiceView): FamiliesOutcome {
  return familiesOf(service.clusterIPs.length > 0 ? service.clusterIPs : [service.clusterIP]);
}

/** Which family comes first where only one can be had: `spec.ipFamilies[0]`, IPv4 if it says nothing. */
export function familiesByPreference(service: ServiceView): readonly ['ipv4' | 'ipv6', 'ipv4' | 'ipv6'] {
  return service.ipFamilies[0] === 'IPv6' ? ['ipv6', 'ipv4'] : ['ipv4', 'ipv6'];
}
