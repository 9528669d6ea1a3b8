/** The names that MetalLB's converter leaves as they are. */
const UNCHANGED = /^[a-z][-a-z0-9]{0,61}[a-z0-9]$/;
const MAX_NAME_OCTETS = 63;
const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/**
 * What becomes of a name of the old format: cut at 63 octets, in small letters, hyphens for underscores, from the first
 * letter from a to z on. `My_Pool` becomes `my-pool`, `01-pool` becomes `pool`.
 *
 * @returns Undefined if it has no such letter.
 * @see MetalLB `configmaptocrs/main.go`, `formatToK8S`
 */
export function objectName(name: string): string | undefined {
  if (UNCHANGED.test(name)) {
    return name;
  }
  // Go makes one letter of the dotted capital I, JavaScript two.
  const plain = cut(name).replaceAll('\u0130', 'i').toLowerCase().replaceAll('_', '-');
  const start = plain.search(/[a-z]/);
  return start === -1 ? undefined : plain.slice(start);
}

/** Whether the API server takes a name: a DNS subdomain (RFC 1123). */
export function isObjectName(name: string): boolean {
  return name.length <= 253 && SUBDOMAIN.test(name);
}

/** Whether the API server takes a namespace: a DNS label (RFC 1123). */
export function isNamespaceName(name: string): boolean {
  return name.length <= 63 && SUBDOMAIN.test(name) && !name.includes('.');
}

function cut(name: string): string {
  const octets = new TextEncoder().encode(name);
  return octets.length > MAX_NAME_OCTETS ? new TextDecoder().decode(octets.subarray(0, MAX_NAME_OCTETS)) : name;
}
