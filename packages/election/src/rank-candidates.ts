import { formatIpAddress, parseIpAddress } from '@steelyard/wire';

/** A node that may announce an address, and how much it is preferred: the sum of the weights of `preferredNodeSelectors`, else 0. */
export interface Candidate {
  readonly node: string;
  readonly score: number;
}

/** SHA-256 (FIPS 180-4) of some octets: 32 octets. Passed in, for the core has no ciphers of its own. */
export type Sha256 = (octets: Uint8Array) => Uint8Array;

const utf8 = new TextEncoder();

/**
 * Puts candidates into the order in which they would announce an address: score descending, then
 * SHA-256(node + "#" + address) bytewise ascending.
 *
 * The order depends neither on the order of `candidates` nor on who is alive, so it may be kept and handed to
 * `electOwner` at each change of the members: only an address that is new costs hashes. A node that is named twice
 * counts once, with its higher score.
 *
 * @param address - The Service's first address; any spelling, hashed as Go's `net.IP.String()` writes it.
 * @throws TypeError if `address` is not an IP address.
 * @see MetalLB `speaker/layer2_controller.go`, `ShouldAnnounce`
 */
export function rankCandidates(
  candidates: readonly Candidate[],
  address: string,
  sha256: Sha256,
): readonly Candidate[] {
  const suffix = `#${canonicalAddress(address)}`;
  const scores = new Map<string, number>();
  for (const { node, score } of candidates) {
    scores.set(node, Math.max(score, scores.get(node) ?? score));
  }
  return [...scores]
    .map(([node, score]) => ({ candidate: { node, score }, digest: sha256(utf8.encode(node + suffix)) }))
    .sort((a, b) => b.candidate.score - a.candidate.score || compareOctets(a.digest, b.digest))
    .map(({ candidate }) => candidate);
}

/** The nodes of `rankCandidates`, without their scores. */
export function electionOrder(candidates: readonly Candidate[], address: string, sha256: Sha256): string[] {
  return rankCandidates(candidates, address, sha256).map(({ node }) => node);
}

/** Go's `net.IP.String()`: RFC 5952, but an IPv4-mapped IPv6 address is written as IPv4. */
function canonicalAddress(address: string): string {
  const octets = parseIpAddress(address);
  const mapped = octets.length === 16 && octets.every((octet, i) => i > 11 || octet === (i < 10 ? 0 : 0xff));
  return formatIpAddress(mapped ? octets.subarray(12) : octets);
}

function compareOctets(a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < a.length; i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) {
      return difference;
    }
  }
  return 0;
}
