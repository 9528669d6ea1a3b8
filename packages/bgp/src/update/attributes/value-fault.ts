import type { FailureScope } from '../../messages/decode-failure.ts';
import type { SessionContext } from '../../messages/session-context.ts';
import { type AttributeFault, UPDATE_SUBCODE } from '../update-failure.ts';
import { faultOfAsPath } from './as-path.ts';
import { ATTRIBUTE, attributeName } from './registry.ts';

/** Octets of an AS number in AS_PATH and AGGREGATOR: RFC 6793. */
export function asnLengthOf(context: SessionContext): 2 | 4 {
  return context.fourOctetAsn ? 4 : 2;
}

/** Whether four octets can be the address of a host: not this network, loopback, multicast, or reserved. */
function isIpv4Host(first: number): boolean {
  return first !== 0 && first !== 127 && first < 224;
}

function wrongLength(
  code: number,
  offset: number,
  length: number,
  wanted: string,
  scope: FailureScope,
): AttributeFault {
  return {
    scope,
    subcode: UPDATE_SUBCODE.attributeLengthError,
    offset,
    message: `${attributeName(code)} has ${wanted} octets, got ${length}`,
  };
}

function isZero(octets: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (octets[at] !== 0) return false;
  return true;
}

/** AGGREGATOR and AS4_AGGREGATOR: a wrong one is left out. RFC 7606, section 7.7; RFC 6793, section 6; RFC 7607. */
function faultOfAggregator(
  code: number,
  octets: Uint8Array,
  start: number,
  end: number,
  asnLength: number,
): AttributeFault | undefined {
  const wanted = asnLength + 4;
  if (end - start !== wanted) return wrongLength(code, start, end - start, String(wanted), 'discard');
  if (!isZero(octets, start, start + asnLength)) return undefined;
  return {
    scope: 'discard',
    subcode: UPDATE_SUBCODE.optionalAttributeError,
    offset: start,
    message: `AS number 0 in ${attributeName(code)}`,
  };
}

/** RFC 6793, section 6: a malformed AS4_PATH is left out. RFC 7606 does not revise it. */
function faultOfAs4Path(octets: Uint8Array, start: number, end: number): AttributeFault | undefined {
  if (end - start < 6) return wrongLength(ATTRIBUTE.as4Path, start, end - start, 'at least 6', 'discard');
  // Segments of a confederation are well-formed; they are left out when the path is read.
  const fault = faultOfAsPath(octets, start, end, 4, true);
  return fault && { scope: 'discard', subcode: UPDATE_SUBCODE.optionalAttributeError, ...fault };
}

/** RFC 7606, section 4: no attribute is empty but AS_PATH and ATOMIC_AGGREGATE. */
function faultOfMultiple(code: number, start: number, end: number, unit: number): AttributeFault | undefined {
  const length = end - start;
  if (length > 0 && length % unit === 0) return undefined;
  return wrongLength(code, start, length, `a multiple of ${unit}`, 'withdraw');
}

function faultOfLength(code: number, start: number, end: number, wanted: number): AttributeFault | undefined {
  return end - start === wanted ? undefined : wrongLength(code, start, end - start, String(wanted), 'withdraw');
}

/**
 * Looks for what is wrong with the value of an attribute, without making an object of it.
 *
 * MP_REACH_NLRI and MP_UNREACH_NLRI are not judged here, nor are attributes that are not known.
 *
 * @param start - Where the value begins in `octets`; `end` is behind it.
 * @see {@link https://www.rfc-editor.org/rfc/rfc7606#section-7 | RFC 7606, section 7}
 */
export function faultOfValue(
  code: number,
  octets: Uint8Array,
  start: number,
  end: number,
  context: SessionContext,
): AttributeFault | undefined {
  switch (code) {
    case ATTRIBUTE.origin: {
      const fault = faultOfLength(code, start, end, 1);
      if (fault !== undefined || (octets[start] ?? 0) <= 2) return fault;
      return {
        scope: 'withdraw',
        subcode: UPDATE_SUBCODE.invalidOrigin,
        offset: start,
        message: `undefined ORIGIN ${octets[start]}`,
      };
    }
    case ATTRIBUTE.asPath: {
      const fault = faultOfAsPath(octets, start, end, asnLengthOf(context), context.internal);
      return fault && { scope: 'withdraw', subcode: UPDATE_SUBCODE.malformedAsPath, ...fault };
    }
    case ATTRIBUTE.nextHop: {
      const fault = faultOfLength(code, start, end, 4);
      if (fault !== undefined || isIpv4Host(octets[start] ?? 0)) return fault;
      return {
        scope: 'withdraw',
        subcode: UPDATE_SUBCODE.invalidNextHop,
        offset: start,
        message: 'NEXT_HOP is not the address of a host',
      };
    }
    case ATTRIBUTE.multiExitDisc:
    case ATTRIBUTE.localPref:
    case ATTRIBUTE.originatorId:
    case ATTRIBUTE.onlyToCustomer: // RFC 9234, section 5
      return faultOfLength(code, start, end, 4);
    case ATTRIBUTE.atomicAggregate:
      return end === start ? undefined : wrongLength(code, start, end - start, 'no', 'discard');
    case ATTRIBUTE.aggregator:
      return faultOfAggregator(code, octets, start, end, asnLengthOf(context));
    case ATTRIBUTE.as4Aggregator:
      return faultOfAggregator(code, octets, start, end, 4);
    case ATTRIBUTE.as4Path:
      return faultOfAs4Path(octets, start, end);
    case ATTRIBUTE.communities:
    case ATTRIBUTE.clusterList:
      return faultOfMultiple(code, start, end, 4);
    case ATTRIBUTE.extendedCommunities:
      return faultOfMultiple(code, start, end, 8);
    case ATTRIBUTE.ipv6ExtendedCommunities:
      return faultOfMultiple(code, start, end, 20);
    case ATTRIBUTE.largeCommunities: // RFC 8092, section 6
      return faultOfMultiple(code, start, end, 12);
    default:
      return undefined;
  }
}
