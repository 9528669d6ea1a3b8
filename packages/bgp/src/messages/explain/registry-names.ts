/** A number with its name behind it, where it has one: `1 (IPv4)`. */
export function named(value: number, name: string | undefined): string {
  return name === undefined ? String(value) : `${value} (${name})`;
}

/** IANA, "Address Family Numbers": those that BGP sessions are seen with. */
const AFI_NAMES: ReadonlyMap<number, string> = new Map([
  [1, 'IPv4'],
  [2, 'IPv6'],
  [25, 'L2VPN'],
  [16_388, 'BGP-LS'],
]);

/** IANA, "SAFI Values": those that BGP sessions are seen with. */
const SAFI_NAMES: ReadonlyMap<number, string> = new Map([
  [1, 'unicast'],
  [2, 'multicast'],
  [4, 'MPLS labels'],
  [65, 'VPLS'],
  [70, 'EVPN'],
  [71, 'BGP-LS'],
  [128, 'MPLS-labeled VPN'],
  [132, 'Route Target constraints'],
  [133, 'Flow Specification'],
  [134, 'L3VPN Flow Specification'],
]);

/** `1 (IPv4)`. */
export function afiText(afi: number): string {
  return named(afi, AFI_NAMES.get(afi));
}

/** `1 (unicast)`. */
export function safiText(safi: number): string {
  return named(safi, SAFI_NAMES.get(safi));
}

/** IANA, "Capability Codes". */
const CAPABILITY_NAMES: ReadonlyMap<number, string> = new Map([
  [1, 'Multiprotocol Extensions'],
  [2, 'Route Refresh'],
  [3, 'Outbound Route Filtering'],
  [5, 'Extended Next Hop Encoding'],
  [6, 'Extended Message'],
  [8, 'Multiple Labels'],
  [9, 'BGP Role'],
  [64, 'Graceful Restart'],
  [65, 'Support for 4-octet AS number'],
  [67, 'Support for Dynamic Capability'],
  [68, 'Multisession'],
  [69, 'ADD-PATH'],
  [70, 'Enhanced Route Refresh'],
  [71, 'Long-Lived Graceful Restart'],
  [73, 'FQDN'],
  [75, 'Software Version'],
  [128, 'Route Refresh, before RFC 2918'],
]);

/** `65 (Support for 4-octet AS number)`. */
export function capabilityCodeText(code: number): string {
  return named(code, CAPABILITY_NAMES.get(code));
}

/** RFC 9234, section 4.1. */
const ROLES = ['provider', 'RS', 'RS-client', 'customer', 'peer'];

/** `3 (customer)`. */
export function roleText(role: number): string {
  return named(role, ROLES[role]);
}
