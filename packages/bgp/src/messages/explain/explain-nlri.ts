import { formatIpv4Address, formatIpv6Address } from '@steelyard/wire';
import { type AfiSafi, addressFamilyOf } from '../address-family.ts';
import type { SessionContext } from '../session-context.ts';
import type { Explanation } from './explanation.ts';

/**
 * Explains NLRI from `start` to `end`: RFC 4271, section 4.3; RFC 7911, section 3.
 *
 * Of a family that the session does not have they are read all the same, without path identifiers; of a family that this
 * package does not announce they stay octets.
 */
export function explainNlri(
  explanation: Explanation,
  start: number,
  end: number,
  depth: number,
  family: AfiSafi,
  context: SessionContext,
): void {
  const name = addressFamilyOf(family);
  if (name === undefined) {
    explanation.addOctets(start, end, depth, 'NLRI');
    return;
  }
  const addressLength = name === 'ipv4-unicast' ? 4 : 16;
  const addPath = context.addPathReceive.includes(name);
  let offset = start;
  while (offset < end) {
    if (addPath) {
      explanation.addNumber(offset, 4, end, depth, 'Path Identifier');
      offset += 4;
      if (offset >= end) return;
    }
    const bits = explanation.octets[offset] ?? 0;
    const octetCount = (bits + 7) >>> 3;
    const next = offset + 1 + octetCount;
    if (octetCount > addressLength || next > end) {
      explanation.addOctets(offset, end, depth, 'NLRI');
      return;
    }
    const address = new Uint8Array(addressLength);
    address.set(explanation.octets.subarray(offset + 1, next));
    const text = addressLength === 4 ? formatIpv4Address(address) : formatIpv6Address(address);
    explanation.add(offset, next, depth, 'NLRI', `${text}/${bits}`);
    offset = next;
  }
}
