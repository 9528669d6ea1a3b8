import { type AfiSafi, afiSafiOf } from '../messages/address-family.ts';
import type { BgpDecoded, BgpDecodeFailure } from '../messages/decode-failure.ts';
import type { SessionContext } from '../messages/session-context.ts';
import { ATTRIBUTE, attributeName } from './attributes/registry.ts';
import { type AttributeWalk, walkAttributes } from './attributes/walk-attributes.ts';
import { type NlriField, prefixesOf, scanNlri } from './nlri.ts';
import { attributeFailure, UPDATE_SUBCODE, updateFailure } from './update-failure.ts';
import type { RawPathAttribute, UpdateMessage, UpdatePrefixes } from './update-message.ts';

/** Octets of the fields Withdrawn Routes Length and Total Path Attribute Length, each. */
const LENGTH_FIELD = 2;
const IPV4_UNICAST = afiSafiOf('ipv4-unicast');

function uint16(octets: Uint8Array, at: number): number {
  return ((octets[at] ?? 0) << 8) | (octets[at + 1] ?? 0);
}

function sessionFailure(subcode: number, offset: number, message: string): { ok: false; failure: BgpDecodeFailure } {
  return { ok: false, failure: updateFailure('session', subcode, offset, message) };
}

/** Whether a field has NLRI, though they may be of a family that is not read. */
function isFilled(field: NlriField): boolean {
  return field.end > field.start;
}

/**
 * Adds a failure for each attribute without which nothing is announced: RFC 7606, section 3 (d).
 *
 * LOCAL_PREF: RFC 4271, section 5.1.5. NEXT_HOP goes with the NLRI field alone: RFC 4760, section 3.
 */
function addMissingAttributes(
  { seen, failures }: AttributeWalk,
  hasNlriField: boolean,
  offset: number,
  context: SessionContext,
): void {
  const want = (code: number): void => {
    if (seen.has(code)) return;
    const message = `${attributeName(code)} is missing`;
    const subcode = UPDATE_SUBCODE.missingWellKnownAttribute;
    failures.push(attributeFailure({ scope: 'withdraw', subcode, offset, message }, code, Uint8Array.of(code)));
  };
  want(ATTRIBUTE.origin);
  want(ATTRIBUTE.asPath);
  if (hasNlriField) want(ATTRIBUTE.nextHop);
  if (context.internal) want(ATTRIBUTE.localPref);
}

/** RFC 4760, section 3: NEXT_HOP in a message whose only NLRI are in MP_REACH_NLRI is ignored, right or wrong. */
function withoutNextHop(walk: AttributeWalk): AttributeWalk {
  if (!walk.failures.some(({ attributeCode }) => attributeCode === ATTRIBUTE.nextHop)) return walk;
  return {
    ...walk,
    attributes: walk.attributes.filter(({ code }) => code !== ATTRIBUTE.nextHop),
    failures: walk.failures.map((failure) =>
      failure.attributeCode === ATTRIBUTE.nextHop ? { ...failure, scope: 'discard' } : failure,
    ),
  };
}

/** RFC 4724, section 2: nothing at all, or nothing but an empty MP_UNREACH_NLRI. */
function endOfRibOf(walk: AttributeWalk, withdrawn: NlriField, nlri: NlriField): AfiSafi | undefined {
  if (isFilled(withdrawn) || isFilled(nlri)) return undefined;
  if (walk.seen.size === 0 && !walk.framingBroken) return IPV4_UNICAST;
  const { unreach } = walk;
  return unreach !== undefined && !isFilled(unreach) && walk.seen.size === 1 ? unreach.family : undefined;
}

function nextHopOf(attributes: readonly RawPathAttribute[]): Uint8Array | undefined {
  return attributes.find(({ code }) => code === ATTRIBUTE.nextHop)?.value;
}

/**
 * Reads the body of an UPDATE: RFC 4271, sections 4.3 and 6.3, with the error handling of RFC 7606.
 *
 * The message keeps views of `octets`, and its prefixes become text when they are first asked for: both are valid as
 * long as the octets stay as they are.
 *
 * @param octets - The whole message, and nothing behind it.
 * @param bodyOffset - Where the body begins: behind the header of 19 octets.
 * @returns The message, with what is to be withdrawn or left out because of failures in it; or the failure that ends the
 *   session. Never throws.
 */
export function decodeUpdate(
  octets: Uint8Array,
  bodyOffset: number,
  context: SessionContext,
): BgpDecoded<UpdateMessage> {
  // Section 6.3: lengths that together exceed the message. Those that lie outside of it cannot be summed up.
  const withdrawnStart = bodyOffset + LENGTH_FIELD;
  const withdrawnEnd = withdrawnStart + uint16(octets, bodyOffset);
  if (withdrawnEnd + LENGTH_FIELD > octets.length) {
    const message = `Withdrawn Routes go to octet ${withdrawnEnd}, and the message has ${octets.length}`;
    return sessionFailure(UPDATE_SUBCODE.malformedAttributeList, bodyOffset, message);
  }
  const attributesStart = withdrawnEnd + LENGTH_FIELD;
  const attributesEnd = attributesStart + uint16(octets, withdrawnEnd);
  if (attributesEnd > octets.length) {
    const message = `path attributes go to octet ${attributesEnd}, and the message has ${octets.length}`;
    return sessionFailure(UPDATE_SUBCODE.malformedAttributeList, withdrawnEnd, message);
  }

  const withdrawnField = scanNlri(octets, withdrawnStart, withdrawnEnd, IPV4_UNICAST, context);
  if (!('count' in withdrawnField)) {
    return sessionFailure(UPDATE_SUBCODE.invalidNetworkField, withdrawnField.offset, withdrawnField.message);
  }
  const walked = walkAttributes(octets, attributesStart, attributesEnd, context);
  if ('scope' in walked) return { ok: false, failure: walked };
  const nlriField = scanNlri(octets, attributesEnd, octets.length, IPV4_UNICAST, context);
  if (!('count' in nlriField)) {
    return sessionFailure(UPDATE_SUBCODE.invalidNetworkField, nlriField.offset, nlriField.message);
  }

  const reach = walked.reach !== undefined && isFilled(walked.reach.nlri) ? walked.reach : undefined;
  const announces = isFilled(nlriField) || reach !== undefined;
  const walk = isFilled(nlriField) || reach === undefined ? walked : withoutNextHop(walked);
  const { failures } = walk;
  // What is missing may lie behind the place where the framing breaks.
  if (announces && !walk.framingBroken) addMissingAttributes(walk, isFilled(nlriField), withdrawnEnd, context);
  const severe = failures.find(({ scope }) => scope === 'withdraw');
  // RFC 7606, section 5.2: where attributes are wrong and nothing is announced, who knows where the NLRI are.
  if (severe !== undefined && !announces) return { ok: false, failure: { ...severe, scope: 'session' } };

  const withdrawn: UpdatePrefixes[] = [];
  const announced: UpdatePrefixes[] = [];
  if (isFilled(withdrawnField)) withdrawn.push(prefixesOf(withdrawnField, undefined));
  if (walk.unreach !== undefined && isFilled(walk.unreach)) withdrawn.push(prefixesOf(walk.unreach, undefined));
  const add = (field: NlriField, nextHop: Uint8Array | undefined): void => {
    if (severe === undefined) announced.push(prefixesOf(field, nextHop));
    else withdrawn.push(prefixesOf(field, undefined));
  };
  if (isFilled(nlriField)) add(nlriField, nextHopOf(walk.attributes));
  if (reach !== undefined) add(reach.nlri, reach.nextHop);

  const endOfRib = endOfRibOf(walk, withdrawnField, nlriField);
  return { ok: true, value: { type: 'update', withdrawn, announced, attributes: walk.attributes, endOfRib, failures } };
}
