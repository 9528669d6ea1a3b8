/** What a TCP connection carried in one packet. */
export interface Segment {
  /** By the clock of the kernel that captured it: nanoseconds of the wall clock. */
  readonly atNs: bigint;
  readonly source: string;
  readonly sourcePort: number;
  readonly sequence: number;
  /** Without what the capture cut off. */
  readonly payload: Uint8Array;
  /** With what the capture cut off. */
  readonly payloadOctets: number;
}

const FILE_HEADER = 24;
const RECORD_HEADER = 16;
const MAGIC_NANOSECONDS = 0xa1b23c4d;
const MAGIC_MICROSECONDS = 0xa1b2c3d4;
const LINKTYPE_ETHERNET = 1;
const NS_PER_SECOND = 1_000_000_000n;
const ETHERNET_HEADER = 14;
const ETHERTYPE_IPV4 = 0x0800;
const PROTOCOL_TCP = 6;

/**
 * The TCP segments over IPv4 with a payload, out of a capture in the machine's own order of octets.
 *
 * A last packet that is not there as a whole is left out: the capture may still be written.
 *
 * @throws TypeError for what is no capture of Ethernet frames.
 */
export function tcpSegments(octets: Uint8Array): Segment[] {
  const view = new DataView(octets.buffer, octets.byteOffset, octets.length);
  if (octets.length < FILE_HEADER) return [];
  const magic = view.getUint32(0, true);
  if (magic !== MAGIC_NANOSECONDS && magic !== MAGIC_MICROSECONDS) throw new TypeError('not a capture');
  if (view.getUint32(20, true) !== LINKTYPE_ETHERNET) throw new TypeError('not a capture of Ethernet frames');
  const unit = magic === MAGIC_NANOSECONDS ? 1n : 1_000n;
  const segments: Segment[] = [];
  let position = FILE_HEADER;
  while (position + RECORD_HEADER <= octets.length) {
    const atNs =
      BigInt(view.getUint32(position, true)) * NS_PER_SECOND + BigInt(view.getUint32(position + 4, true)) * unit;
    const begin = position + RECORD_HEADER;
    position = begin + view.getUint32(position + 8, true);
    if (position > octets.length) break;
    const segment = tcpSegment(octets.subarray(begin, position), atNs);
    if (segment !== undefined) segments.push(segment);
  }
  return segments;
}

function tcpSegment(frame: Uint8Array, atNs: bigint): Segment | undefined {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.length);
  if (frame.length < ETHERNET_HEADER + 40 || view.getUint16(12) !== ETHERTYPE_IPV4) return undefined;
  const ip = ETHERNET_HEADER;
  if (view.getUint8(ip + 9) !== PROTOCOL_TCP) return undefined;
  const tcp = ip + 4 * (view.getUint8(ip) & 0x0f);
  if (tcp + 20 > frame.length) return undefined;
  const begin = tcp + 4 * (view.getUint8(tcp + 12) >> 4);
  const payloadOctets = view.getUint16(ip + 2) - (begin - ip);
  if (payloadOctets <= 0) return undefined;
  return {
    atNs,
    source: frame.subarray(ip + 12, ip + 16).join('.'),
    sourcePort: view.getUint16(tcp),
    sequence: view.getUint32(tcp + 4),
    payload: frame.subarray(begin, Math.min(frame.length, begin + payloadOctets)),
    payloadOctets,
  };
}
