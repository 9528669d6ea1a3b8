import { type Decoded, decoded, failed } from '@steelyard/wire';
import type { GossipDecodeCode } from '../messages/decode-code.ts';
import { MESSAGE_TYPE } from '../messages/message-type.ts';
import { decodeText, encodeText } from '../msgpack/text.ts';
import type { SealCodec } from './codec.ts';

/** Octets of a label at most. */
export const GREATEST_LABEL_OCTETS = 255;

/** Octets of the type and the length before a label. */
export const LABEL_HEADER_OCTETS = 2;

/**
 * The label as octets, which are also the associated data of what is sealed.
 *
 * @throws RangeError for one that is too long.
 * @see hashicorp/memberlist `label.go`
 */
export function labelOctets(label: string): Uint8Array {
  const octets = encodeText(label);
  if (octets.length > GREATEST_LABEL_OCTETS) {
    throw new RangeError(`a label has at most ${GREATEST_LABEL_OCTETS} octets: ${JSON.stringify(label)}`);
  }
  return octets;
}

/** `f4 | length | label`; nothing without a label. */
export function labelHeader(label: string): Uint8Array {
  const octets = labelOctets(label);
  if (octets.length === 0) return octets;
  return Uint8Array.of(MESSAGE_TYPE.label, octets.length, ...octets);
}

/** Reads the label in front, if there is one; `'need more'`: it has not come as a whole. */
export function readLabel(
  octets: Uint8Array,
): Decoded<{ readonly label: string; readonly end: number }, GossipDecodeCode> | 'need more' {
  if (octets.length === 0) return 'need more';
  if (octets[0] !== MESSAGE_TYPE.label) return decoded({ label: '', end: 0 });
  const length = octets[1];
  if (length === undefined) return 'need more';
  if (length === 0) return failed('ERR_MEMBERLIST_LABEL_INVALID', 1, 'a label header without a label');
  const end = LABEL_HEADER_OCTETS + length;
  if (octets.length < end) return 'need more';
  return decoded({ label: decodeText(octets.subarray(LABEL_HEADER_OCTETS, end)), end });
}

/**
 * Whether what came with this label is for us.
 *
 * @returns Why not; undefined: it is.
 */
export function refusedLabel(
  label: string,
  codec: Pick<SealCodec, 'label' | 'skipInboundLabelCheck'>,
): Decoded<never, GossipDecodeCode> | undefined {
  const expected = codec.skipInboundLabelCheck === true ? '' : codec.label;
  if (label === expected) return undefined;
  return failed(
    'ERR_MEMBERLIST_LABEL_MISMATCH',
    0,
    `the label is ${JSON.stringify(label)}, not ${JSON.stringify(expected)}`,
  );
}
