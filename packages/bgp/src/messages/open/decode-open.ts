import { formatIpv4Address } from '@steelyard/wire';
import type { Capability } from '../capability.ts';
import { type BgpDecoded, type BgpDecodeFailure, refused } from '../decode-failure.ts';
import type { OpenMessage } from '../message.ts';
import { CAPABILITY_CODE } from './capability-code.ts';
import { decodeCapability } from './decode-capability.ts';
import { BGP_VERSION, OPEN_OFFSET, PARAMETER_TYPE_CAPABILITIES } from './layout.ts';
import { layoutOfParameters, typeLengthValueAt } from './optional-parameters.ts';

/** Error code 2: RFC 4271, section 4.5. */
const OPEN_MESSAGE_ERROR = 2;

/** Subcodes of the OPEN Message Error: RFC 4271, section 4.5. */
const SUBCODE = {
  unspecific: 0,
  unsupportedVersionNumber: 1,
  badPeerAs: 2,
  badBgpIdentifier: 3,
  unsupportedOptionalParameter: 4,
  unacceptableHoldTime: 6,
} as const;

function openFailure(
  subcode: keyof typeof SUBCODE,
  offset: number,
  message: string,
  data: Uint8Array = new Uint8Array(),
): BgpDecodeFailure {
  return {
    code: 'ERR_BGP_OPEN',
    scope: 'session',
    errorCode: OPEN_MESSAGE_ERROR,
    errorSubcode: SUBCODE[subcode],
    data,
    offset,
    message,
  };
}

/** The fields before the optional parameters. */
type OpenFields = Omit<OpenMessage, 'type' | 'capabilities'>;

/**
 * What is wrong with the fields, in the order of RFC 4271, section 6.2.
 *
 * Which data goes with Bad Peer AS, Bad BGP Identifier and Unacceptable Hold Time is nowhere said: it is the field, as
 * with BIRD and FRR.
 */
function faultOfFields(octets: Uint8Array, fields: OpenFields): BgpDecodeFailure | undefined {
  const at = OPEN_OFFSET;
  if (fields.version !== BGP_VERSION) {
    // The data is the largest version that we have below the peer's, else our smallest: always 4.
    const data = Uint8Array.of(0, BGP_VERSION);
    return openFailure('unsupportedVersionNumber', at.version, `expected version 4, got ${fields.version}`, data);
  }
  if (fields.myAutonomousSystem === 0) {
    const data = octets.slice(at.myAutonomousSystem, at.holdTime);
    return openFailure(
      'badPeerAs',
      at.myAutonomousSystem,
      'the field My Autonomous System is 0, which nobody may have (RFC 7607)',
      data,
    );
  }
  if (fields.holdTimeSeconds === 1 || fields.holdTimeSeconds === 2) {
    const data = octets.slice(at.holdTime, at.bgpIdentifier);
    const message = `expected a hold time of 0 or at least 3 seconds, got ${fields.holdTimeSeconds}`;
    return openFailure('unacceptableHoldTime', at.holdTime, message, data);
  }
  if (fields.bgpIdentifier === '0.0.0.0') {
    const data = octets.slice(at.bgpIdentifier, at.parametersLength);
    return openFailure('badBgpIdentifier', at.bgpIdentifier, 'the BGP identifier is 0.0.0.0 (RFC 6286)', data);
  }
  return undefined;
}

/** Reads the capabilities of one parameter into `capabilities`; gives what is wrong. */
function readCapabilities(
  octets: Uint8Array,
  start: number,
  end: number,
  capabilities: Capability[],
): BgpDecodeFailure | undefined {
  for (let offset = start; offset < end; ) {
    const found = typeLengthValueAt(octets, offset, end, false);
    if (found === undefined) return openFailure('unspecific', offset, 'a capability does not end with its parameter');
    const capability = decodeCapability(found.type, octets.subarray(found.valueOffset, found.end));
    if (found.type === CAPABILITY_CODE['four-octet-asn']) {
      if (capability.type !== 'four-octet-asn') {
        const message = `capability 65 has 4 octets (RFC 6793), got ${found.end - found.valueOffset}`;
        return openFailure('unspecific', offset, message);
      }
      if (capability.asn === 0) {
        const data = octets.slice(found.valueOffset, found.end);
        return openFailure('badPeerAs', offset, 'capability 65 says AS 0, which nobody may have (RFC 7607)', data);
      }
    }
    capabilities.push(capability);
    offset = found.end;
  }
  return undefined;
}

/** Reads all optional parameters into `capabilities`; gives what is wrong. */
function readParameters(octets: Uint8Array, capabilities: Capability[]): BgpDecodeFailure | undefined {
  const at = OPEN_OFFSET.parametersLength;
  const layout = layoutOfParameters(octets);
  if (layout === undefined)
    return openFailure('unspecific', at, 'the message ends before the length of its parameters');
  const left = octets.length - layout.offset;
  if (layout.length !== left) {
    return openFailure(
      'unspecific',
      at,
      `the optional parameters have ${left} octets, their length says ${layout.length}`,
    );
  }
  for (let offset = layout.offset; offset < octets.length; ) {
    const parameter = typeLengthValueAt(octets, offset, octets.length, layout.extended);
    if (parameter === undefined) {
      return openFailure('unspecific', offset, 'an optional parameter does not end with the message');
    }
    if (parameter.type !== PARAMETER_TYPE_CAPABILITIES) {
      const data = octets.slice(parameter.offset, parameter.end);
      const message = `expected an optional parameter of type 2 (Capabilities), got ${parameter.type}`;
      return openFailure('unsupportedOptionalParameter', offset, message, data);
    }
    const fault = readCapabilities(octets, parameter.valueOffset, parameter.end, capabilities);
    if (fault !== undefined) return fault;
    offset = parameter.end;
  }
  return undefined;
}

/**
 * Reads an OPEN: RFC 4271, section 4.2; RFC 5492; RFC 9072.
 *
 * @param octets - The whole message, whose header was found good. Not kept.
 */
export function decodeOpen(octets: Uint8Array): BgpDecoded<OpenMessage> {
  const view = new DataView(octets.buffer, octets.byteOffset, octets.length);
  const fields: OpenFields = {
    version: view.getUint8(OPEN_OFFSET.version),
    myAutonomousSystem: view.getUint16(OPEN_OFFSET.myAutonomousSystem),
    holdTimeSeconds: view.getUint16(OPEN_OFFSET.holdTime),
    bgpIdentifier: formatIpv4Address(octets, OPEN_OFFSET.bgpIdentifier),
  };
  const capabilities: Capability[] = [];
  const fault = faultOfFields(octets, fields) ?? readParameters(octets, capabilities);
  return fault === undefined ? { ok: true, value: { type: 'open', ...fields, capabilities } } : refused(fault);
}
