import { createOctetReader, type Decoded, decoded, failed, formatIpAddress } from '@steelyard/wire';

/** A made-up header: a version and the IPv4 address of a sender. */
export function decodeHeader(octets: Uint8Array): Decoded<{ version: number; sender: string }, 'ERR_HEADER_TRUNCATED'> {
  const reader = createOctetReader(octets);
  const version = reader.uint8();
  const sender = reader.octets(4);
  if (reader.overrun)
    return failed('ERR_HEADER_TRUNCATED', octets.length, `a header has 5 octets, got ${octets.length}`);
  return decoded({ version, sender: formatIpAddress(sender) });
}
