import { type AddressFamily, afiSafiOf } from '../../messages/address-family.ts';
import { createMessage } from '../../messages/framing/header.ts';
import { HEADER_LENGTH, MAX_EXTENDED_MESSAGE_LENGTH, MESSAGE_TYPE } from '../../messages/framing/limits.ts';
import { ATTRIBUTE, ATTRIBUTE_FLAG } from '../attributes/registry.ts';
import type { Nlri } from './nlri.ts';

/** An UPDATE that says nothing: its header, Withdrawn Routes Length, and Total Path Attribute Length. */
export const EMPTY_UPDATE_OCTETS: number = HEADER_LENGTH + 4;
/** Where the path attributes begin, if nothing is withdrawn in front of them. */
const ATTRIBUTES_OFFSET = EMPTY_UPDATE_OCTETS;

/** Flags, code, and the longer form of the length. */
const MAX_MP_HEADER_OCTETS = 4;

/** The most that MP_REACH_NLRI adds to its prefixes: AFI, SAFI, next hop and its length, an octet that is reserved. */
export function mpReachOctets(nextHop: Uint8Array): number {
  return MAX_MP_HEADER_OCTETS + 5 + nextHop.length;
}

/** The most that MP_UNREACH_NLRI adds to its prefixes: AFI and SAFI. */
export const MP_UNREACH_OCTETS: number = MAX_MP_HEADER_OCTETS + 3;

function writeUint16(message: Uint8Array, offset: number, value: number): void {
  message[offset] = value >> 8;
  message[offset + 1] = value & 0xff;
}

function octetsOf(nlris: readonly Nlri[]): number {
  let octets = 0;
  for (const nlri of nlris) octets += nlri.length;
  return octets;
}

/** Writes prefixes one behind the other. @returns Where they end. */
function writeNlris(message: Uint8Array, offset: number, nlris: readonly Nlri[]): number {
  let at = offset;
  for (const nlri of nlris) {
    for (let i = 0; i < nlri.length; i += 1) message[at + i] = nlri.charCodeAt(i);
    at += nlri.length;
  }
  return at;
}

function startUpdate(length: number): Uint8Array {
  return createMessage(MESSAGE_TYPE.update, length, MAX_EXTENDED_MESSAGE_LENGTH);
}

function mpHeaderOctets(valueOctets: number): number {
  return valueOctets > 255 ? MAX_MP_HEADER_OCTETS : MAX_MP_HEADER_OCTETS - 1;
}

/** Writes the header of an attribute and the AFI and SAFI at its front. @returns Where it goes on. */
function writeMpHeader(message: Uint8Array, code: number, valueOctets: number, family: AddressFamily): number {
  const { afi, safi } = afiSafiOf(family);
  const { optional, extendedLength } = ATTRIBUTE_FLAG;
  const at = ATTRIBUTES_OFFSET + mpHeaderOctets(valueOctets);
  message[ATTRIBUTES_OFFSET] = valueOctets > 255 ? optional | extendedLength : optional;
  message[ATTRIBUTES_OFFSET + 1] = code;
  if (valueOctets > 255) writeUint16(message, ATTRIBUTES_OFFSET + 2, valueOctets);
  else message[ATTRIBUTES_OFFSET + 2] = valueOctets;
  writeUint16(message, at, afi);
  message[at + 2] = safi;
  return at + 3;
}

/** An UPDATE with what its three fields are to hold: RFC 4271, section 4.3. */
export function updateMessage(
  withdrawn: readonly Nlri[],
  attributes: ArrayLike<number>,
  announced: readonly Nlri[],
): Uint8Array {
  const withdrawnOctets = octetsOf(withdrawn);
  const message = startUpdate(EMPTY_UPDATE_OCTETS + withdrawnOctets + attributes.length + octetsOf(announced));
  writeUint16(message, HEADER_LENGTH, withdrawnOctets);
  const at = writeNlris(message, HEADER_LENGTH + 2, withdrawn);
  writeUint16(message, at, attributes.length);
  message.set(attributes, at + 2);
  writeNlris(message, at + 2 + attributes.length, announced);
  return message;
}

/** Announces IPv4 prefixes in the field of RFC 4271, section 4.3. */
export function classicAnnouncement(attributes: ArrayLike<number>, nlris: readonly Nlri[]): Uint8Array {
  return updateMessage([], attributes, nlris);
}

/** Announces prefixes in MP_REACH_NLRI, RFC 4760, section 3, in front of the other attributes. */
export function mpAnnouncement(
  family: AddressFamily,
  nextHop: Uint8Array,
  attributes: ArrayLike<number>,
  nlris: readonly Nlri[],
): Uint8Array {
  const valueOctets = 5 + nextHop.length + octetsOf(nlris);
  const attributesOctets = mpHeaderOctets(valueOctets) + valueOctets + attributes.length;
  const message = startUpdate(EMPTY_UPDATE_OCTETS + attributesOctets);
  writeUint16(message, HEADER_LENGTH + 2, attributesOctets);
  const at = writeMpHeader(message, ATTRIBUTE.mpReachNlri, valueOctets, family);
  message[at] = nextHop.length;
  message.set(nextHop, at + 1);
  message.set(attributes, writeNlris(message, at + 2 + nextHop.length, nlris));
  return message;
}

/** Withdraws IPv4 prefixes in the field of RFC 4271, section 4.3. */
export function classicWithdrawal(nlris: readonly Nlri[]): Uint8Array {
  return updateMessage(nlris, [], []);
}

/** Withdraws prefixes in MP_UNREACH_NLRI: RFC 4760, section 4. */
export function mpWithdrawal(family: AddressFamily, nlris: readonly Nlri[]): Uint8Array {
  const valueOctets = 3 + octetsOf(nlris);
  const attributesOctets = mpHeaderOctets(valueOctets) + valueOctets;
  const message = startUpdate(EMPTY_UPDATE_OCTETS + attributesOctets);
  writeUint16(message, HEADER_LENGTH + 2, attributesOctets);
  writeNlris(message, writeMpHeader(message, ATTRIBUTE.mpUnreachNlri, valueOctets, family), nlris);
  return message;
}

/** RFC 4724, section 2: an UPDATE that says nothing, for IPv4; one with an empty MP_UNREACH_NLRI for others. */
export function endOfRib(family: AddressFamily): Uint8Array {
  return family === 'ipv4-unicast' ? classicWithdrawal([]) : mpWithdrawal(family, []);
}
