import { MAX_MESSAGE_LENGTH } from '../../messages/framing/limits.ts';
import { ATTRIBUTE_FLAG } from '../attributes/registry.ts';
import type { RawPathAttribute } from '../update-message.ts';
import { nlrisOf } from './pack.ts';
import { updateMessage } from './update-layout.ts';

/** What is in an UPDATE: RFC 4271, section 4.3. Prefixes of MP_REACH_NLRI and MP_UNREACH_NLRI are in these attributes. */
export interface UpdateContent {
  /** IPv4 prefixes. */
  readonly withdrawn?: Iterable<string> | undefined;
  /** In this order. */
  readonly attributes?: Iterable<Pick<RawPathAttribute, 'code' | 'flags' | 'value'>> | undefined;
  /** IPv4 prefixes. */
  readonly announced?: Iterable<string> | undefined;
}

/**
 * Writes one UPDATE as it is said, sense or nonsense: for tests, and for who makes his own attributes.
 *
 * An attribute's length has two octets where its flags or its value want it so.
 *
 * @throws TypeError for a prefix that is none, and RangeError for more than fits.
 */
export function encodeUpdate(
  { withdrawn = [], attributes = [], announced = [] }: UpdateContent,
  maxOctets: number = MAX_MESSAGE_LENGTH,
): Uint8Array {
  const octets: number[] = [];
  for (const { code, flags, value } of attributes) {
    const extended = value.length > 255 || (flags & ATTRIBUTE_FLAG.extendedLength) !== 0;
    if (extended) octets.push(flags | ATTRIBUTE_FLAG.extendedLength, code, value.length >> 8, value.length & 0xff);
    else octets.push(flags, code, value.length);
    for (const octet of value) octets.push(octet);
  }
  const message = updateMessage(nlrisOf(withdrawn, 'ipv4-unicast'), octets, nlrisOf(announced, 'ipv4-unicast'));
  if (message.length > maxOctets) {
    throw new RangeError(`a message has at most ${maxOctets} octets, this one needs ${message.length}`);
  }
  return message;
}
