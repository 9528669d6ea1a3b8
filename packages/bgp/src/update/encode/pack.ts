import { type AddressFamily, afiSafiOf } from '../../messages/address-family.ts';
import { createMessage } from '../../messages/framing/header.ts';
import {
  HEADER_LENGTH,
  MAX_EXTENDED_MESSAGE_LENGTH,
  MAX_MESSAGE_LENGTH,
  MESSAGE_TYPE,
} from '../../messages/framing/limits.ts';
import type { AdvertisementContext, RouteAttributes } from '../route.ts';
import { attributesKey } from './attributes-key.ts';
import { type NextHop, nextHopOf, nextHopProblem } from './next-hop.ts';
import { MAX_NLRI_OCTETS, type Nlri, parsePrefix, writeNlri } from './nlri.ts';
import { writePathAttributes } from './path-attributes.ts';

/** The two length fields of an UPDATE: Withdrawn Routes Length, Total Path Attribute Length. */
const LENGTHS_OCTETS = 4;
/** Attributes below this fit into any message, whatever its next hop and prefix. */
const SMALL_ATTRIBUTES_OCTETS = 3500;

const OPTIONAL = 0x80;
const EXTENDED_LENGTH = 0x10;
const MP_REACH_NLRI = 14;
const MP_UNREACH_NLRI = 15;

/** How long a message of this session may be. */
export function maxMessageOctets({ extendedMessage }: Pick<AdvertisementContext, 'extendedMessage'>): number {
  return extendedMessage ? MAX_EXTENDED_MESSAGE_LENGTH : MAX_MESSAGE_LENGTH;
}

/** What all UPDATEs that announce prefixes with the same attributes have in common. */
export interface AnnouncementForm {
  /** So many octets of NLRI fit in one message. */
  readonly nlriOctets: number;
  /** The message for these prefixes of the form's family, which must fit. */
  encode(nlris: readonly Nlri[]): Uint8Array;
}

/** What all UPDATEs that withdraw prefixes of a family have in common. */
export type WithdrawalForm = AnnouncementForm;

/** A message with room for `bodyOctets` octets behind its header. */
function startUpdate(bodyOctets: number): { readonly message: Uint8Array; readonly view: DataView } {
  const message = createMessage(MESSAGE_TYPE.update, HEADER_LENGTH + bodyOctets, MAX_EXTENDED_MESSAGE_LENGTH);
  return { message, view: new DataView(message.buffer, message.byteOffset) };
}

/** The octets of NLRI one behind the other. */
function lengthOf(nlris: readonly Nlri[]): number {
  let octets = 0;
  for (const nlri of nlris) octets += nlri.length;
  return octets;
}

/** Writes the header of MP_REACH_NLRI or MP_UNREACH_NLRI. @returns Where its value begins. */
function writeMpHeader(view: DataView, offset: number, code: number, valueOctets: number): number {
  const extended = valueOctets > 255;
  view.setUint8(offset, extended ? OPTIONAL | EXTENDED_LENGTH : OPTIONAL);
  view.setUint8(offset + 1, code);
  if (extended) view.setUint16(offset + 2, valueOctets);
  else view.setUint8(offset + 2, valueOctets);
  return offset + mpHeaderOctets(valueOctets);
}

function mpHeaderOctets(valueOctets: number): number {
  return valueOctets > 255 ? 4 : 3;
}

/** The most that these attributes can take, but for the next hop, without writing them. */
function upperBoundOctets(attributes: RouteAttributes): number {
  const asPath = 1 + (attributes.asPath?.length ?? 0);
  const communities =
    4 * (attributes.communities?.length ?? 0) +
    8 * (attributes.extendedCommunities?.length ?? 0) +
    12 * (attributes.largeCommunities?.length ?? 0);
  // AS_PATH and AS4_PATH together have 6 octets for each AS number, and 2 twice for each segment; the rest is below 100.
  return 100 + 6 * asPath + 4 * Math.ceil(asPath / 255) + communities;
}

/** Octets of NLRI that fit beside path attributes of so many octets, and an MP_REACH_NLRI if there is one. */
function roomBeside(attributesOctets: number, nextHop: NextHop, context: AdvertisementContext): number {
  // AFI, SAFI, the next hop's length, and an octet that is reserved: RFC 4760, section 3.
  const mpReach = nextHop.inMpReach ? 4 + 5 + nextHop.octets.length : 0;
  return maxMessageOctets(context) - HEADER_LENGTH - LENGTHS_OCTETS - attributesOctets - mpReach;
}

/**
 * Why a session cannot carry prefixes of a family with these attributes; undefined where it can.
 *
 * Attributes of ordinary size are judged without being encoded.
 */
export function unsendableBecause(
  attributes: RouteAttributes,
  family: AddressFamily,
  context: AdvertisementContext,
): string | undefined {
  if (!context.families.includes(family)) return `the peer does not take ${family}`;
  const problem = nextHopProblem(attributes, family, context);
  if (problem !== undefined || upperBoundOctets(attributes) < SMALL_ATTRIBUTES_OCTETS) return problem;
  const nextHop = nextHopOf(attributes, family, context);
  const encoded = writePathAttributes(attributes, context, nextHop.inMpReach ? undefined : nextHop.octets);
  if (roomBeside(encoded.length, nextHop, context) >= MAX_NLRI_OCTETS[family]) return undefined;
  return `the path attributes leave no room in a message of ${maxMessageOctets(context)} octets`;
}

/**
 * What announcing a family's prefixes with these attributes looks like in a session.
 *
 * @throws RangeError where `unsendableBecause` has a reason.
 */
export function announcementForm(
  attributes: RouteAttributes,
  family: AddressFamily,
  context: AdvertisementContext,
): AnnouncementForm {
  const nextHop = nextHopOf(attributes, family, context);
  const encoded = writePathAttributes(attributes, context, nextHop.inMpReach ? undefined : nextHop.octets);
  const nlriOctets = roomBeside(encoded.length, nextHop, context);
  if (nlriOctets < MAX_NLRI_OCTETS[family]) throw new RangeError('the path attributes leave no room for a prefix');
  if (!nextHop.inMpReach) return { nlriOctets, encode: (nlris) => classicAnnouncement(encoded, nlris) };
  return { nlriOctets, encode: (nlris) => mpAnnouncement(family, nextHop.octets, encoded, nlris) };
}

function classicAnnouncement(attributes: Uint8Array, nlris: readonly Nlri[]): Uint8Array {
  const { message, view } = startUpdate(LENGTHS_OCTETS + attributes.length + lengthOf(nlris));
  view.setUint16(HEADER_LENGTH + 2, attributes.length);
  const start = HEADER_LENGTH + LENGTHS_OCTETS;
  message.set(attributes, start);
  writeNlri(message, start + attributes.length, nlris);
  return message;
}

function mpAnnouncement(
  family: AddressFamily,
  nextHop: Uint8Array,
  attributes: Uint8Array,
  nlris: readonly Nlri[],
): Uint8Array {
  const { afi, safi } = afiSafiOf(family);
  const valueOctets = 5 + nextHop.length + lengthOf(nlris);
  const total = mpHeaderOctets(valueOctets) + valueOctets + attributes.length;
  const { message, view } = startUpdate(LENGTHS_OCTETS + total);
  view.setUint16(HEADER_LENGTH + 2, total);
  let at = writeMpHeader(view, HEADER_LENGTH + LENGTHS_OCTETS, MP_REACH_NLRI, valueOctets);
  view.setUint16(at, afi);
  view.setUint8(at + 2, safi);
  view.setUint8(at + 3, nextHop.length);
  message.set(nextHop, at + 4);
  at = writeNlri(message, at + 5 + nextHop.length, nlris);
  message.set(attributes, at);
  return message;
}

/** What withdrawing a family's prefixes looks like: in the field of RFC 4271 for IPv4, unless they go with IPv6 next hops. */
export function withdrawalForm(family: AddressFamily, context: AdvertisementContext): WithdrawalForm {
  const room = maxMessageOctets(context) - HEADER_LENGTH - LENGTHS_OCTETS;
  if (family === 'ipv4-unicast' && !context.extendedNextHop) {
    return { nlriOctets: room, encode: classicWithdrawal };
  }
  return { nlriOctets: room - 4 - 3, encode: (nlris) => mpWithdrawal(family, nlris) };
}

function classicWithdrawal(nlris: readonly Nlri[]): Uint8Array {
  const octets = lengthOf(nlris);
  const { message, view } = startUpdate(LENGTHS_OCTETS + octets);
  view.setUint16(HEADER_LENGTH, octets);
  writeNlri(message, HEADER_LENGTH + 2, nlris);
  return message;
}

function mpWithdrawal(family: AddressFamily, nlris: readonly Nlri[]): Uint8Array {
  const { afi, safi } = afiSafiOf(family);
  const valueOctets = 3 + lengthOf(nlris);
  const total = mpHeaderOctets(valueOctets) + valueOctets;
  const { message, view } = startUpdate(LENGTHS_OCTETS + total);
  view.setUint16(HEADER_LENGTH + 2, total);
  const at = writeMpHeader(view, HEADER_LENGTH + LENGTHS_OCTETS, MP_UNREACH_NLRI, valueOctets);
  view.setUint16(at, afi);
  view.setUint8(at + 2, safi);
  writeNlri(message, at + 3, nlris);
  return message;
}

/** RFC 4724, section 2: an UPDATE that says nothing, for IPv4; one with an empty MP_UNREACH_NLRI for others. */
export function endOfRib(family: AddressFamily): Uint8Array {
  return family === 'ipv4-unicast' ? classicWithdrawal([]) : mpWithdrawal(family, []);
}

function* packed(nlris: Iterable<Nlri>, form: WithdrawalForm): Generator<Uint8Array> {
  let batch: Nlri[] = [];
  let octets = 0;
  for (const nlri of nlris) {
    if (octets + nlri.length > form.nlriOctets) {
      yield form.encode(batch);
      batch = [];
      octets = 0;
    }
    batch.push(nlri);
    octets += nlri.length;
  }
  if (batch.length > 0) yield form.encode(batch);
}

function nlrisOf(prefixes: Iterable<string>, family: AddressFamily): Nlri[] {
  return Array.from(prefixes, (text) => {
    const prefix = parsePrefix(text);
    if (prefix.family !== family) throw new TypeError(`not a prefix of ${family}: ${JSON.stringify(text)}`);
    return prefix.nlri;
  });
}

/** The messages, or why the session cannot carry them. */
export type PackedAnnouncements =
  | { readonly ok: true; readonly messages: readonly Uint8Array[] }
  | { readonly ok: false; readonly because: string };

/**
 * The UPDATEs that announce prefixes with the same attributes, as few as can be.
 *
 * @throws TypeError for a prefix that is none, or of another family; TypeError or RangeError for attributes that no
 *   message can carry.
 */
export function packAnnouncements(
  attributes: RouteAttributes,
  family: AddressFamily,
  prefixes: Iterable<string>,
  context: AdvertisementContext,
): PackedAnnouncements {
  const nlris = nlrisOf(prefixes, family);
  attributesKey(attributes);
  const because = unsendableBecause(attributes, family, context);
  if (because !== undefined) return { ok: false, because };
  return { ok: true, messages: [...packed(nlris, announcementForm(attributes, family, context))] };
}

/**
 * The UPDATEs that withdraw prefixes, as few as can be.
 *
 * @throws TypeError for a prefix that is none, or of another family.
 */
export function packWithdrawals(
  family: AddressFamily,
  prefixes: Iterable<string>,
  context: AdvertisementContext,
): readonly Uint8Array[] {
  return [...packed(nlrisOf(prefixes, family), withdrawalForm(family, context))];
}
