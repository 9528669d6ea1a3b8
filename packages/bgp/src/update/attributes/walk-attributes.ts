import type { BgpDecodeFailure } from '../../messages/decode-failure.ts';
import type { SessionContext } from '../../messages/session-context.ts';
import type { NlriFault, NlriField } from '../nlri.ts';
import { type AttributeFault, attributeFailure, UPDATE_SUBCODE, updateFailure } from '../update-failure.ts';
import type { RawPathAttribute } from '../update-message.ts';
import { type MpReach, readMpReach, readMpUnreach } from './multiprotocol.ts';
import { ATTRIBUTE, ATTRIBUTE_FLAG, attributeName, type KnownAttribute, knownAttribute } from './registry.ts';
import { faultOfValue } from './value-fault.ts';

/** The Path Attributes field, walked through to its end or to where its framing breaks. */
export interface AttributeWalk {
  /** Without those that are to be left out. */
  readonly attributes: RawPathAttribute[];
  /** Bounded: one for each type code, and one for each that occurs again. */
  readonly failures: BgpDecodeFailure[];
  readonly reach: MpReach | undefined;
  readonly unreach: NlriField | undefined;
  /** Type codes that occur, sound or not. */
  readonly seen: ReadonlySet<number>;
  /** What lies behind this is unknown: RFC 7606, section 4. */
  readonly framingBroken: boolean;
}

/** Attributes that only an internal peer may send: RFC 7606, sections 7.5, 7.9 and 7.10. */
function isForInternalPeers(code: number): boolean {
  return code === ATTRIBUTE.localPref || code === ATTRIBUTE.originatorId || code === ATTRIBUTE.clusterList;
}

function isMultiprotocol(code: number): boolean {
  return code === ATTRIBUTE.mpReachNlri || code === ATTRIBUTE.mpUnreachNlri;
}

/** Attributes that are to be left out whatever is in them. */
function unwanted(code: number, at: number, context: SessionContext): AttributeFault | undefined {
  if (isForInternalPeers(code) && !context.internal) {
    return {
      scope: 'discard',
      subcode: UPDATE_SUBCODE.malformedAttributeList,
      offset: at,
      message: `${attributeName(code)} from an external peer`,
    };
  }
  // RFC 6793, section 4.1.
  if ((code === ATTRIBUTE.as4Path || code === ATTRIBUTE.as4Aggregator) && context.fourOctetAsn) {
    return {
      scope: 'discard',
      subcode: UPDATE_SUBCODE.optionalAttributeError,
      offset: at,
      message: `${attributeName(code)} in a session with four-octet AS numbers`,
    };
  }
  return undefined;
}

function flagsFault(code: number, known: KnownAttribute, flags: number, at: number): AttributeFault | undefined {
  const bits = flags & (ATTRIBUTE_FLAG.optional | ATTRIBUTE_FLAG.transitive);
  if (bits === known.flags) return undefined;
  const message = `the flags of ${known.name} are 0x${known.flags.toString(16)}, got 0x${bits.toString(16)}`;
  // RFC 7606, section 5.3: flags against RFC 4760 make the attribute incorrect, and section 7 there resets the session.
  if (isMultiprotocol(code)) {
    return { scope: 'session', subcode: UPDATE_SUBCODE.optionalAttributeError, offset: at, message };
  }
  return { scope: 'withdraw', subcode: UPDATE_SUBCODE.attributeFlagsError, offset: at, message }; // section 3 (c)
}

/** RFC 4760, section 7: an incorrect attribute ends the session with Optional Attribute Error. */
function multiprotocolFault(fault: NlriFault): AttributeFault {
  return { scope: 'session', subcode: UPDATE_SUBCODE.optionalAttributeError, ...fault };
}

/**
 * Walks through the Path Attributes field, and judges each attribute.
 *
 * @param start - Where the field begins in the message; `end` is behind it.
 * @returns What was found, or the first failure that ends the session.
 * @see {@link https://www.rfc-editor.org/rfc/rfc7606#section-3 | RFC 7606, sections 3 and 4}
 */
export function walkAttributes(
  octets: Uint8Array,
  start: number,
  end: number,
  context: SessionContext,
): AttributeWalk | BgpDecodeFailure {
  const attributes: RawPathAttribute[] = [];
  const failures: BgpDecodeFailure[] = [];
  const seen = new Set<number>();
  let repeated: Set<number> | undefined;
  let reach: MpReach | undefined;
  let unreach: NlriField | undefined;
  let framingBroken = false;

  for (let at = start; at < end; ) {
    const flags = octets[at] ?? 0;
    const extended = (flags & ATTRIBUTE_FLAG.extendedLength) !== 0;
    const valueAt = at + (extended ? 4 : 3);
    const code = octets[at + 1] ?? 0;
    const length = extended ? ((octets[at + 2] ?? 0) << 8) | (octets[at + 3] ?? 0) : (octets[at + 2] ?? 0);
    const next = valueAt + length;
    if (valueAt > end || next > end) {
      const message =
        valueAt > end
          ? `${end - at} octets are left where a path attribute begins`
          : `${attributeName(code)} of ${length} octets goes beyond the end of the path attributes`;
      // Section 3 (j): NLRI that lie in an attribute without an end cannot be found.
      if (at + 1 < end && isMultiprotocol(code)) {
        return attributeFailure(multiprotocolFault({ offset: at, message }), code, octets.subarray(at, end));
      }
      failures.push(updateFailure('withdraw', UPDATE_SUBCODE.malformedAttributeList, at, message));
      framingBroken = true;
      break;
    }

    if (seen.has(code)) {
      const message = `${attributeName(code)} more than once`;
      // Section 3 (g).
      const scope = isMultiprotocol(code) ? 'session' : 'discard';
      const failure = attributeFailure(
        { scope, subcode: UPDATE_SUBCODE.malformedAttributeList, offset: at, message },
        code,
        octets.subarray(at, next),
      );
      if (scope === 'session') return failure;
      repeated ??= new Set();
      if (!repeated.has(code)) failures.push(failure);
      repeated.add(code);
      at = next;
      continue;
    }
    seen.add(code);

    const known = knownAttribute(code);
    let fault: AttributeFault | undefined;
    if (known === undefined) {
      if ((flags & ATTRIBUTE_FLAG.optional) === 0) {
        // RFC 4271, section 6.3; RFC 7606, section 3, does not revise it.
        fault = {
          scope: 'session',
          subcode: UPDATE_SUBCODE.unrecognizedWellKnownAttribute,
          offset: at,
          message: `unrecognized well-known attribute ${code}`,
        };
      } else if ((flags & ATTRIBUTE_FLAG.transitive) === 0) {
        at = next; // RFC 4271, section 5: quietly ignored
        continue;
      }
    } else {
      fault = unwanted(code, at, context) ?? flagsFault(code, known, flags, at);
      if (fault === undefined && code === ATTRIBUTE.mpReachNlri) {
        const read = readMpReach(octets, valueAt, next, context);
        if ('nlri' in read) reach = read;
        else fault = multiprotocolFault(read);
      } else if (fault === undefined && code === ATTRIBUTE.mpUnreachNlri) {
        const read = readMpUnreach(octets, valueAt, next, context);
        if ('count' in read) unreach = read;
        else fault = multiprotocolFault(read);
      } else {
        fault ??= faultOfValue(code, octets, valueAt, next, context);
      }
    }

    if (fault !== undefined) {
      const failure = attributeFailure(fault, code, octets.subarray(at, next));
      if (fault.scope === 'session') return failure;
      failures.push(failure);
    }
    if (fault?.scope !== 'discard') attributes.push({ code, flags, value: octets.subarray(valueAt, next), offset: at });
    at = next;
  }
  return { attributes, failures, reach, unreach, seen, framingBroken };
}
