import { type AfiSafi, addressFamilyOf } from '../../messages/address-family.ts';
import type { SessionContext } from '../../messages/session-context.ts';
import { type NlriFault, type NlriField, scanNlri } from '../nlri.ts';

/** MP_REACH_NLRI, its parts found: RFC 4760, section 3. */
export interface MpReach {
  readonly nextHop: Uint8Array;
  readonly nlri: NlriField;
}

/** AFI, SAFI, and the length of the next hop. */
const NEXT_HOP_OFFSET = 4;
/** RFC 7606, section 5.3: with an empty next hop, the reserved octet, and no NLRI. */
const MIN_MP_REACH_LENGTH = 5;
/** RFC 7606, section 5.3: AFI and SAFI. */
const MIN_MP_UNREACH_LENGTH = 3;

function familyAt(octets: Uint8Array, at: number): AfiSafi {
  return { afi: ((octets[at] ?? 0) << 8) | (octets[at + 1] ?? 0), safi: octets[at + 2] ?? 0 };
}

/** RFC 4760 and RFC 8950, section 3, for IPv4; RFC 2545, section 3, for IPv6. */
function takesNextHop(family: AfiSafi, length: number, context: SessionContext): boolean {
  const name = addressFamilyOf(family);
  if (name === undefined || !context.families.includes(name)) return true; // framing only
  if (name === 'ipv4-unicast' && length === 4) return true;
  return (length === 16 || length === 32) && (name === 'ipv6-unicast' || context.extendedNextHop);
}

/** Finds next hop and NLRI, or what is wrong: RFC 7606, sections 5.3 and 7.11. */
export function readMpReach(
  octets: Uint8Array,
  start: number,
  end: number,
  context: SessionContext,
): MpReach | NlriFault {
  if (end - start < MIN_MP_REACH_LENGTH) {
    return { offset: start, message: `MP_REACH_NLRI has at least ${MIN_MP_REACH_LENGTH} octets, got ${end - start}` };
  }
  const family = familyAt(octets, start);
  const length = octets[start + 3] ?? 0;
  const nlriStart = start + NEXT_HOP_OFFSET + length + 1; // the reserved octet is not looked at: RFC 4760, section 3
  if (nlriStart > end || !takesNextHop(family, length, context)) {
    return { offset: start + 3, message: `unexpected next hop of ${length} octets in MP_REACH_NLRI` };
  }
  const nlri = scanNlri(octets, nlriStart, end, family, context);
  if (!('count' in nlri)) return nlri;
  return { nextHop: octets.subarray(start + NEXT_HOP_OFFSET, nlriStart - 1), nlri };
}

/** Finds the NLRI of MP_UNREACH_NLRI, or what is wrong: RFC 4760, section 4, and RFC 7606, section 5.3. */
export function readMpUnreach(
  octets: Uint8Array,
  start: number,
  end: number,
  context: SessionContext,
): NlriField | NlriFault {
  if (end - start < MIN_MP_UNREACH_LENGTH) {
    return {
      offset: start,
      message: `MP_UNREACH_NLRI has at least ${MIN_MP_UNREACH_LENGTH} octets, got ${end - start}`,
    };
  }
  return scanNlri(octets, start + MIN_MP_UNREACH_LENGTH, end, familyAt(octets, start), context);
}
