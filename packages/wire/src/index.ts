/**
 * Octets on the wire: the outcome of decoding as a value, cursors that cannot run past the end, MAC and IP addresses
 * as text and as octets, the Internet checksum. It knows no protocol and does no I/O.
 *
 * @packageDocumentation
 */
export { type Decoded, type DecodeFailure, decoded, failed } from './decoded.ts';
export { internetChecksum } from './internet-checksum.ts';
export {
  formatIpAddress,
  formatIpv4Address,
  formatIpv6Address,
  IPV4_LENGTH,
  IPV6_LENGTH,
  ipv4ToNumber,
  isIpAddress,
  numberToIpv4,
  parseIpAddress,
  parseIpv4Address,
  parseIpv6Address,
} from './ip-address.ts';
export {
  equalMacAddresses,
  formatMacAddress,
  isGroupMacAddress,
  isMacAddress,
  MAC_ADDRESS_LENGTH,
  parseMacAddress,
} from './mac-address.ts';
export { createOctetReader, type OctetReader } from './octet-reader.ts';
export { createOctetWriter, type OctetWriter } from './octet-writer.ts';
