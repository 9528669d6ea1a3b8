import type { BgpDecodeFailure, FailureScope } from '../messages/decode-failure.ts';

/** Error code of every failure in an UPDATE: RFC 4271, section 4.5. */
const UPDATE_MESSAGE_ERROR = 3;

/** Subcodes of UPDATE Message Error: RFC 4271, section 4.5. */
export const UPDATE_SUBCODE = {
  malformedAttributeList: 1,
  unrecognizedWellKnownAttribute: 2,
  missingWellKnownAttribute: 3,
  attributeFlagsError: 4,
  attributeLengthError: 5,
  invalidOrigin: 6,
  invalidNextHop: 8,
  optionalAttributeError: 9,
  invalidNetworkField: 10,
  malformedAsPath: 11,
} as const;

const NO_DATA: Uint8Array = new Uint8Array(0);

/** What is wrong with the value of an attribute, before it is known which octets a NOTIFICATION is to show. */
export interface AttributeFault {
  readonly scope: FailureScope;
  readonly subcode: number;
  /** In the octets that were given. */
  readonly offset: number;
  readonly message: string;
}

/** A failure of the fields around the attributes, and of their framing. */
export function updateFailure(scope: FailureScope, subcode: number, offset: number, message: string): BgpDecodeFailure {
  return {
    code: 'ERR_BGP_UPDATE',
    scope,
    errorCode: UPDATE_MESSAGE_ERROR,
    errorSubcode: subcode,
    data: NO_DATA,
    offset,
    message,
  };
}

/**
 * A failure of one attribute.
 *
 * @param attribute - Its octets, flags to value: RFC 4271, section 6.3, wants them in the Data field but for a malformed
 *   attribute list and a malformed AS_PATH.
 */
export function attributeFailure(
  fault: AttributeFault,
  attributeCode: number,
  attribute: Uint8Array,
): BgpDecodeFailure {
  const shown =
    fault.subcode !== UPDATE_SUBCODE.malformedAttributeList && fault.subcode !== UPDATE_SUBCODE.malformedAsPath;
  return {
    code: 'ERR_BGP_ATTRIBUTE',
    scope: fault.scope,
    errorCode: UPDATE_MESSAGE_ERROR,
    errorSubcode: fault.subcode,
    data: shown ? attribute : NO_DATA,
    offset: fault.offset,
    attributeCode,
    message: fault.message,
  };
}
