import { formatIpAddress } from '@steelyard/wire';

/** A TCP segment with octets in it, as a capture file has it. */
export interface Segment {
  /** `192.0.2.1:179`, `[2001:db8::1]:179`. */
  readonly from: string;
  readonly to: string;
  readonly fromPort: number;
  readonly toPort: number;
  readonly sequence: number;
  readonly isSyn: boolean;
  readonly payload: Uint8Array;
}

/** What a capture file holds, or why it cannot be read. */
export type Capture =
  | { readonly ok: true; readonly segments: readonly Segment[] }
  | { readonly ok: false; readonly message: string };

const HEADER_OCTETS = 24;
const RECORD_OCTETS = 16;
const MAX_FRAME_OCTETS = 262_144;
const MAGICS: ReadonlySet<number> = new Set([0xa1b2c3d4, 0xa1b23c4d]);
const PCAPNG = 0x0a0d0d0a;
const ETHERTYPE_IPV4 = 0x0800;
const ETHERTYPE_IPV6 = 0x86dd;
const VLAN_TAGS: ReadonlySet<number> = new Set([0x8100, 0x88a8]);
const TCP = 6;
const TCP_SYN = 0x02;

/** Where the network layer begins, and its EtherType where the link says it. */
interface NetworkLayer {
  readonly at: number;
  readonly etherType?: number;
}

/** By link type. */
const LINK_TYPES: Readonly<Record<number, (view: DataView) => NetworkLayer>> = {
  0: () => ({ at: 4 }), // BSD loopback
  1: ethernet,
  12: () => ({ at: 0 }), // raw IP
  101: () => ({ at: 0 }),
  113: (view) => ({ at: 16, etherType: view.getUint16(14) }), // Linux cooked, v1
  276: (view) => ({ at: 20, etherType: view.getUint16(0) }), // v2, what `tcpdump -i any` writes
};

/** Whether the octets are those of a capture file, of either format. */
export function isCapture(octets: Uint8Array): boolean {
  if (octets.length < 4) return false;
  const view = viewOf(octets);
  return view.getUint32(0) === PCAPNG || MAGICS.has(view.getUint32(0)) || MAGICS.has(view.getUint32(0, true));
}

/** Reads the TCP segments of a capture in the classic pcap format, either way round. Cut off at its end is no error. */
export function readCapture(octets: Uint8Array): Capture {
  const view = viewOf(octets);
  if (octets.length >= 4 && view.getUint32(0) === PCAPNG) {
    return { ok: false, message: 'this is pcapng; make it classic: editcap -F pcap FILE NEW' };
  }
  if (octets.length < HEADER_OCTETS) return { ok: false, message: 'the file is shorter than the header of a capture' };
  const little = !MAGICS.has(view.getUint32(0));
  const linkType = view.getUint32(20, little) & 0x0fff_ffff;
  const network = LINK_TYPES[linkType];
  if (network === undefined) {
    return { ok: false, message: `link type ${linkType} is not read: capture on Ethernet or with tcpdump -i any` };
  }
  const segments: Segment[] = [];
  for (let at = HEADER_OCTETS; at + RECORD_OCTETS <= octets.length; ) {
    const length = view.getUint32(at + 8, little);
    if (length > MAX_FRAME_OCTETS) return { ok: false, message: `a frame of ${length} octets at offset ${at}` };
    const frame = octets.subarray(at + RECORD_OCTETS, at + RECORD_OCTETS + length);
    const segment = readFrame(frame, network);
    if (segment !== undefined) segments.push(segment);
    at += RECORD_OCTETS + length;
  }
  return { ok: true, segments };
}

function ethernet(view: DataView): NetworkLayer {
  let at = 12;
  while (VLAN_TAGS.has(view.getUint16(at))) at += 4;
  return { at: at + 2, etherType: view.getUint16(at) };
}

/** @returns `undefined` for what is no TCP segment with octets or SYN, and for what is cut off before them. */
function readFrame(frame: Uint8Array, network: (view: DataView) => NetworkLayer): Segment | undefined {
  try {
    const { at, etherType } = network(viewOf(frame));
    if (etherType !== undefined && etherType !== ETHERTYPE_IPV4 && etherType !== ETHERTYPE_IPV6) return undefined;
    return readIp(frame.subarray(at));
  } catch (error) {
    if (error instanceof RangeError) return undefined; // past the end of the frame
    throw error;
  }
}

function readIp(packet: Uint8Array): Segment | undefined {
  const view = viewOf(packet);
  const version = view.getUint8(0) >> 4;
  if (version === 4) {
    const isFirst = (view.getUint16(6) & 0x1fff) === 0;
    if (view.getUint8(9) !== TCP || !isFirst) return undefined;
    const header = (view.getUint8(0) & 15) * 4;
    const segment = packet.subarray(header, view.getUint16(2));
    return readTcp(segment, ipv4Text(packet, 12), ipv4Text(packet, 16));
  }
  if (version !== 6 || view.getUint8(6) !== TCP) return undefined;
  const segment = packet.subarray(40, 40 + view.getUint16(4));
  return readTcp(segment, `[${ipv6Text(packet, 8)}]`, `[${ipv6Text(packet, 24)}]`);
}

function readTcp(octets: Uint8Array, source: string, destination: string): Segment | undefined {
  const view = viewOf(octets);
  const [fromPort, toPort] = [view.getUint16(0), view.getUint16(2)];
  const payload = octets.subarray((view.getUint8(12) >> 4) * 4);
  const isSyn = (view.getUint8(13) & TCP_SYN) !== 0;
  if (payload.length === 0 && !isSyn) return undefined;
  const [from, to] = [`${source}:${fromPort}`, `${destination}:${toPort}`];
  return { from, to, fromPort, toPort, sequence: view.getUint32(4), isSyn, payload };
}

const ipv4Text = (packet: Uint8Array, at: number): string => formatIpAddress(packet.subarray(at, at + 4));
const ipv6Text = (packet: Uint8Array, at: number): string => formatIpAddress(packet.subarray(at, at + 16));

function viewOf(octets: Uint8Array): DataView {
  return new DataView(octets.buffer, octets.byteOffset, octets.byteLength);
}
