import { formatIpAddress, IPV4_LENGTH, isIpAddress, parseIpAddress } from '@steelyard/wire';
import type { Endpoint } from '../messages/message.ts';

/** The port of Go's library and of MetalLB, UDP and TCP. IANA knows of none. */
export const DEFAULT_BIND_PORT = 7946;

const MAX_PORT = 65_535;
/** Sources whose octets are kept, so that not every packet costs a parse. */
const MAX_PARSED_ADDRESSES = 1_024;
const MAPPED_IPV4_PREFIX = '::ffff:';

/**
 * Reads `192.0.2.1`, `192.0.2.1:7946`, `2001:db8::1` or `[2001:db8::1]:7946`.
 *
 * @returns undefined for anything else, a host name among it.
 */
export function parseEndpoint(text: string, defaultPort: number): Endpoint | undefined {
  const [, bracketed, plain, portText] = /^(?:\[([^\]]*)\]|([^[\]]*?))(?::(\d{1,5}))?$/.exec(text) ?? [];
  // A colon more than one is an address without brackets, and so without a port.
  const whole = isIpAddress(text);
  const host = whole ? text : (bracketed ?? plain ?? '');
  if (!isIpAddress(host) || (!whole && bracketed === undefined && host.includes(':'))) return undefined;
  const port = whole || portText === undefined ? defaultPort : Number(portText);
  if (port < 1 || port > MAX_PORT) return undefined;
  return { address: parseIpAddress(host), port };
}

/** `192.0.2.1:7946`, `[2001:db8::1]:7946`. */
export function formatEndpoint({ address, port }: Endpoint): string {
  const host = formatIpAddress(address);
  return address.length === IPV4_LENGTH ? `${host}:${port}` : `[${host}]:${port}`;
}

/** Whether something can be sent there at all: others tell us addresses of any length. */
export function isReachable({ address, port }: Endpoint): boolean {
  return (address.length === IPV4_LENGTH || address.length === 16) && port > 0 && port <= MAX_PORT;
}

const parsed = new Map<string, Uint8Array>();

/** The octets of an address that the system gave: without the zone, and IPv4 never in its mapped form. */
export function octetsOfSystemAddress(text: string): Uint8Array {
  const known = parsed.get(text);
  if (known !== undefined) return known;
  const [unzoned = ''] = text.split('%', 1);
  const unmapped = unzoned.startsWith(MAPPED_IPV4_PREFIX) ? unzoned.slice(MAPPED_IPV4_PREFIX.length) : unzoned;
  const octets = parseIpAddress(unmapped);
  if (parsed.size >= MAX_PARSED_ADDRESSES) parsed.clear();
  parsed.set(text, octets);
  return octets;
}
