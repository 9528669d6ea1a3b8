import { canonicalAddress } from '@steelyard/config';

/** How long the prefixes are that addresses are announced as. */
export interface AggregationLengths {
  readonly aggregationLength: number;
  readonly aggregationLengthV6: number;
}

/**
 * The prefix that an address is announced as: without host bits, in canonical text.
 *
 * @param address - In canonical text.
 * @see MetalLB `speaker/bgp_controller.go`, `SetBalancer`
 */
export function prefixOf(address: string, { aggregationLength, aggregationLengthV6 }: AggregationLengths): string {
  if (isIpv6(address)) {
    const length = Math.min(aggregationLengthV6, 128);
    return `${length === 128 ? address : masked(groupsOf(address), length, 16, ':')}/${length}`;
  }
  const length = Math.min(aggregationLength, 32);
  return `${length === 32 ? address : masked(address.split('.').map(Number), length, 8, '.')}/${length}`;
}

/** Whether an address or a prefix is one of IPv6. */
export function isIpv6(text: string): boolean {
  return text.includes(':');
}

/** The eight groups of an IPv6 address. */
function groupsOf(address: string): readonly number[] {
  const [head = '', tail] = address.split('::');
  const [before, after] = [head, tail ?? ''].map((half) => (half === '' ? [] : half.split(':')));
  const written = [...(before ?? []), ...(after ?? [])].map((group) => Number.parseInt(group, 16));
  written.splice(before?.length ?? 0, 0, ...Array<number>(8 - written.length).fill(0));
  return written;
}

/** The parts of an address with all bits after the first `length` cleared. */
function masked(parts: readonly number[], length: number, bits: 8 | 16, separator: '.' | ':'): string {
  const kept = parts.map((part, i) => {
    const hostBits = Math.min(Math.max((i + 1) * bits - length, 0), bits);
    return (part >>> hostBits) << hostBits;
  });
  const text = kept.map((part) => part.toString(bits === 16 ? 16 : 10)).join(separator);
  return canonicalAddress(text) ?? text;
}
