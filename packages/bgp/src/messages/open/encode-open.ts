import { createOctetWriter, parseIpv4Address } from '@steelyard/wire';
import { createMessage } from '../framing/header.ts';
import { MESSAGE_TYPE } from '../framing/limits.ts';
import type { OpenMessage } from '../message.ts';
import { writeCapability } from './encode-capability.ts';
import { BGP_VERSION, EXTENDED_LENGTH, OPEN_OFFSET, PARAMETER_TYPE_CAPABILITIES } from './layout.ts';

/** The field Optional Parameters Length has one octet: RFC 4271, section 4.2. */
const MAX_PARAMETERS_LENGTH = 255;

/** The optional parameters, with their length in front: RFC 4271, section 4.2, or RFC 9072, section 2, where it is needed. */
function parametersOf(capabilities: Uint8Array): Uint8Array {
  const writer = createOctetWriter(capabilities.length + 8);
  if (capabilities.length === 0) return writer.uint8(0).finish();
  if (2 + capabilities.length <= MAX_PARAMETERS_LENGTH) {
    writer
      .uint8(2 + capabilities.length)
      .uint8(PARAMETER_TYPE_CAPABILITIES)
      .uint8(capabilities.length);
  } else {
    writer
      .uint8(EXTENDED_LENGTH)
      .uint8(EXTENDED_LENGTH)
      .uint16(3 + capabilities.length);
    writer.uint8(PARAMETER_TYPE_CAPABILITIES).uint16(capabilities.length);
  }
  return writer.octets(capabilities).finish();
}

/** What a peer would refuse is the caller's mistake. */
function check(open: Omit<OpenMessage, 'type'>): void {
  if (open.version !== BGP_VERSION) throw new RangeError(`the version is ${BGP_VERSION}, got ${open.version}`);
  if (open.myAutonomousSystem === 0) throw new RangeError('AS 0 cannot open a session (RFC 7607)');
  if (open.holdTimeSeconds === 1 || open.holdTimeSeconds === 2) {
    throw new RangeError(`a hold time is 0 or at least 3 seconds, got ${open.holdTimeSeconds}`);
  }
}

/**
 * Writes an OPEN: RFC 4271, section 4.2. All capabilities go into one parameter, as RFC 5492, section 4, recommends.
 *
 * @throws RangeError for a number that does not fit, or that a peer has to refuse; TypeError for an identifier that is
 *   no IPv4 address.
 */
export function encodeOpen(open: Omit<OpenMessage, 'type'>): Uint8Array {
  check(open);
  const identifier = parseIpv4Address(open.bgpIdentifier);
  if (identifier.every((octet) => octet === 0)) throw new RangeError('the BGP identifier is not 0.0.0.0 (RFC 6286)');
  const capabilities = createOctetWriter(128);
  for (const capability of open.capabilities) {
    if (capability.type === 'four-octet-asn' && capability.asn === 0) {
      throw new RangeError('AS 0 cannot open a session (RFC 7607)');
    }
    writeCapability(capabilities, capability);
  }
  const body = createOctetWriter(256)
    .uint8(open.version)
    .uint16(open.myAutonomousSystem)
    .uint16(open.holdTimeSeconds)
    .octets(identifier)
    .octets(parametersOf(capabilities.finish()))
    .finish();
  const message = createMessage(MESSAGE_TYPE.open, OPEN_OFFSET.version + body.length);
  message.set(body, OPEN_OFFSET.version);
  return message;
}
