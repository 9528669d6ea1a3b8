import type { OctetWriter } from '@steelyard/wire';
import type { Capability } from '../capability.ts';
import { CAPABILITY_CODE } from './capability-code.ts';

/** A Capability Length has one octet: RFC 5492, section 4. */
const MAX_VALUE_LENGTH = 255;

type CapabilityOf<Type extends Capability['type']> = Extract<Capability, { readonly type: Type }>;

/** RFC 4724, section 3: four bits of flags and twelve of Restart Time, then the families. */
function writeGracefulRestart(value: OctetWriter, capability: CapabilityOf<'graceful-restart'>): void {
  const { restartTimeSeconds } = capability;
  if (!Number.isInteger(restartTimeSeconds) || restartTimeSeconds < 0 || restartTimeSeconds > 0xfff) {
    throw new RangeError(`not a Restart Time from 0 to 4095 seconds: ${restartTimeSeconds}`);
  }
  value.uint16((capability.restarting ? 0x8000 : 0) | (capability.notification ? 0x4000 : 0) | restartTimeSeconds);
  for (const { afi, safi, forwardingPreserved } of capability.families) {
    value
      .uint16(afi)
      .uint8(safi)
      .uint8(forwardingPreserved ? 0x80 : 0);
  }
}

/** RFC 9494, section 3.1: AFI, SAFI, Flags and 24 bits of Long-Lived Stale Time. */
function writeLongLivedGracefulRestart(
  value: OctetWriter,
  capability: CapabilityOf<'long-lived-graceful-restart'>,
): void {
  for (const { afi, safi, forwardingPreserved, staleTimeSeconds } of capability.families) {
    if (!Number.isInteger(staleTimeSeconds) || staleTimeSeconds < 0 || staleTimeSeconds > 0xff_ffff) {
      throw new RangeError(`not a Long-Lived Stale Time from 0 to 16777215 seconds: ${staleTimeSeconds}`);
    }
    value
      .uint16(afi)
      .uint8(safi)
      .uint8(forwardingPreserved ? 0x80 : 0);
    value.uint8(staleTimeSeconds >>> 16).uint16(staleTimeSeconds & 0xffff);
  }
}

/** RFC 7911, section 4: 1 receive, 2 send, 3 both; no other value means anything. */
function writeAddPath(value: OctetWriter, capability: CapabilityOf<'add-path'>): void {
  for (const { afi, safi, send, receive } of capability.families) {
    if (!send && !receive) throw new TypeError('add-path neither sends nor receives: leave the family out');
    value
      .uint16(afi)
      .uint8(safi)
      .uint8((receive ? 1 : 0) | (send ? 2 : 0));
  }
}

const UTF8 = new TextEncoder();

/** Text with its length, in octets of UTF-8, before it. */
function writeText(value: OctetWriter, text: string): void {
  const octets = UTF8.encode(text);
  if (octets.length > MAX_VALUE_LENGTH)
    throw new RangeError(`${octets.length} octets of text do not fit into a capability`);
  value.uint8(octets.length).octets(octets);
}

/** Writes a capability's value: everything after its code and its length. */
function writeValue(value: OctetWriter, capability: Capability): void {
  switch (capability.type) {
    case 'multiprotocol': // RFC 4760, section 8: AFI, Reserved, SAFI
      value.uint16(capability.afi).uint8(0).uint8(capability.safi);
      return;
    case 'extended-next-hop': // RFC 8950, section 4: here the SAFI has two octets
      for (const { afi, safi, nextHopAfi } of capability.families) value.uint16(afi).uint16(safi).uint16(nextHopAfi);
      return;
    case 'role': // RFC 9234, section 4.1
      value.uint8(capability.role);
      return;
    case 'graceful-restart':
      writeGracefulRestart(value, capability);
      return;
    case 'four-octet-asn': // RFC 6793, section 3
      value.uint32(capability.asn);
      return;
    case 'add-path':
      writeAddPath(value, capability);
      return;
    case 'long-lived-graceful-restart':
      writeLongLivedGracefulRestart(value, capability);
      return;
    case 'fqdn': // draft-walton-bgp-hostname-capability, section 3
      writeText(value, capability.hostName);
      writeText(value, capability.domainName);
      return;
    case 'software-version': // draft-abraitis-bgp-version-capability, section 3
      writeText(value, capability.version);
      return;
    case 'unknown':
      value.octets(capability.value);
      return;
    case 'route-refresh':
    case 'extended-message':
    case 'enhanced-route-refresh':
    case 'cisco-route-refresh':
  }
}

/**
 * Writes a capability: code, length, value. RFC 5492, section 4.
 *
 * @throws RangeError for a number or a text that does not fit, TypeError for ADD-PATH in no direction.
 */
export function writeCapability(writer: OctetWriter, capability: Capability): void {
  const code = capability.type === 'unknown' ? capability.code : CAPABILITY_CODE[capability.type];
  const start = writer.length;
  writer.uint8(code).uint8(0);
  writeValue(writer, capability);
  const length = writer.length - start - 2;
  if (length > MAX_VALUE_LENGTH) {
    throw new RangeError(`a capability has at most ${MAX_VALUE_LENGTH} octets, this one has ${length}`);
  }
  writer.patchUint16(start, (code << 8) | length);
}
