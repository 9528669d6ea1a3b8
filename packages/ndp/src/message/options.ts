import { formatMacAddress, parseMacAddress } from '@steelyard/wire';
import type { NdpDecodeCode } from '../codes.ts';

/** From the IANA registry "IPv6 Neighbor Discovery Option Formats". */
export const OPTION_SOURCE_LINK_LAYER_ADDRESS = 1;
export const OPTION_TARGET_LINK_LAYER_ADDRESS = 2;

/** An option's length counts in these. */
const UNIT_OCTETS = 8;
/** Type and length. */
const OPTION_HEADER_OCTETS = 2;

/**
 * The most options that are read. Those of RFC 4861, RFC 3971 (SEND) and RFC 7527 together are fewer than ten; a frame
 * of 1,500 octets can hold 182.
 */
export const MAX_OPTIONS = 32;

/** An option of a message: RFC 4861, section 4.6. */
export type NdpOption =
  | { readonly type: 'SourceLinkLayerAddress'; readonly linkLayerAddress: string }
  | { readonly type: 'TargetLinkLayerAddress'; readonly linkLayerAddress: string }
  /** One that is not understood here: "nodes should silently ignore" it. `value`: what follows its length, in all 8 n - 2 octets. */
  | { readonly type: 'Other'; readonly number: number; readonly value: Uint8Array };

/** What is wrong with options, and where. */
export interface OptionFault {
  readonly code: NdpDecodeCode;
  readonly offset: number;
}

/**
 * Looks for what is wrong with the options between two places.
 *
 * "Nodes MUST silently discard an ND packet that contains an option with length zero": RFC 4861, section 4.6.
 */
export function faultOfOptions(octets: Uint8Array, start: number, end: number): OptionFault | undefined {
  let count = 0;
  for (let at = start; at < end; ) {
    const length = (octets[at + 1] ?? 0) * UNIT_OCTETS;
    if (at + OPTION_HEADER_OCTETS > end || length === 0 || at + length > end) {
      return { code: 'ERR_NDP_OPTION_LENGTH', offset: at };
    }
    const type = octets[at];
    const isLinkLayer = type === OPTION_SOURCE_LINK_LAYER_ADDRESS || type === OPTION_TARGET_LINK_LAYER_ADDRESS;
    if (isLinkLayer && length !== UNIT_OCTETS) return { code: 'ERR_NDP_LINK_LAYER_ADDRESS_LENGTH', offset: at };
    count += 1;
    if (count > MAX_OPTIONS) return { code: 'ERR_NDP_TOO_MANY_OPTIONS', offset: at };
    at += length;
  }
  return undefined;
}

/**
 * Where the link-layer address of the first option of a type starts, among options without fault.
 *
 * @returns `undefined` when there is none. It allocates nothing.
 */
export function linkLayerAddressOffset(
  octets: Uint8Array,
  start: number,
  end: number,
  type: number,
): number | undefined {
  for (let at = start; at < end; at += (octets[at + 1] ?? 0) * UNIT_OCTETS) {
    if (octets[at] === type) return at + OPTION_HEADER_OCTETS;
  }
  return undefined;
}

/** Reads options without fault. */
export function readOptions(octets: Uint8Array, start: number, end: number): NdpOption[] {
  const options: NdpOption[] = [];
  for (let at = start; at < end; ) {
    const length = (octets[at + 1] ?? 0) * UNIT_OCTETS;
    options.push(readOption(octets, at, length));
    at += length;
  }
  return options;
}

function readOption(octets: Uint8Array, at: number, length: number): NdpOption {
  const number = octets[at] ?? 0;
  const value = at + OPTION_HEADER_OCTETS;
  switch (number) {
    case OPTION_SOURCE_LINK_LAYER_ADDRESS:
      return { type: 'SourceLinkLayerAddress', linkLayerAddress: formatMacAddress(octets, value) };
    case OPTION_TARGET_LINK_LAYER_ADDRESS:
      return { type: 'TargetLinkLayerAddress', linkLayerAddress: formatMacAddress(octets, value) };
    default:
      return { type: 'Other', number, value: octets.slice(value, at + length) };
  }
}

/**
 * The octets of an option.
 *
 * @throws TypeError for text that is no MAC address, RangeError for a number or length that no option can have.
 */
export function encodeOption(option: NdpOption): Uint8Array {
  const [number, value] =
    option.type === 'Other'
      ? [option.number, option.value]
      : [
          option.type === 'SourceLinkLayerAddress'
            ? OPTION_SOURCE_LINK_LAYER_ADDRESS
            : OPTION_TARGET_LINK_LAYER_ADDRESS,
          parseMacAddress(option.linkLayerAddress),
        ];
  const length = OPTION_HEADER_OCTETS + value.length;
  if (!(Number.isInteger(number) && number >= 0 && number <= 255)) throw new RangeError(`not an option: ${number}`);
  if (length % UNIT_OCTETS !== 0 || length > 255 * UNIT_OCTETS) {
    throw new RangeError(`an option has 8 n - 2 octets after its length, got ${value.length}`);
  }
  const octets = new Uint8Array(length);
  octets[0] = number;
  octets[1] = length / UNIT_OCTETS;
  octets.set(value, OPTION_HEADER_OCTETS);
  return octets;
}
