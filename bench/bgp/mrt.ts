import { communityOf, type Profile, prefixAddress } from './prefixes.ts';

const TABLE_DUMP_V2 = 13;
const PEER_INDEX_TABLE = 1;
const RIB_IPV4_UNICAST = 2;
const HEADER = 12;

/**
 * A table of routes as MRT (RFC 6396, section 4.3), which GoBGP can load.
 *
 * @param padding - So many of the last routes come once more: GoBGP 3.10 loses what comes last.
 */
export function mrtTable(count: number, profile: Profile, nextHop: string, padding: number): Uint8Array {
  const numbers = Array.from({ length: count + padding }, (_, index) =>
    index < count ? index : count - 1 - (index % count),
  );
  const records = [peerIndexTable(nextHop), ...numbers.map((number, at) => ribEntry(at, number, profile, nextHop))];
  return Buffer.concat(records);
}

function record(subtype: number, body: Uint8Array): Uint8Array {
  const header = new DataView(new ArrayBuffer(HEADER));
  header.setUint16(4, TABLE_DUMP_V2);
  header.setUint16(6, subtype);
  header.setUint32(8, body.length);
  return Buffer.concat([new Uint8Array(header.buffer), body]);
}

function peerIndexTable(address: string): Uint8Array {
  const collector = octetsOf(address);
  const peer = [0x02, ...collector, ...collector, 0, 0, 0xfb, 0xf5]; // IPv4, AS number of four octets
  return record(PEER_INDEX_TABLE, Uint8Array.from([...collector, 0, 0, 0, 1, ...peer]));
}

function ribEntry(sequence: number, number: number, profile: Profile, nextHop: string): Uint8Array {
  const [asn, value] = communityOf(number);
  const attributes = [
    ...[0x40, 1, 1, 0], // ORIGIN: IGP
    ...[0x40, 2, 0], // AS_PATH: empty
    ...[0x40, 3, 4, ...octetsOf(nextHop)],
    ...(profile === 'same' ? [] : [0xc0, 8, 4, asn >> 8, asn & 0xff, value >> 8, value & 0xff]),
  ];
  const body = [
    ...[sequence >>> 24, (sequence >> 16) & 0xff, (sequence >> 8) & 0xff, sequence & 0xff],
    ...[32, ...octetsOf(prefixAddress(number))],
    ...[0, 1, 0, 0, 0, 0, 0, 0], // one entry, of peer 0, at no time
    ...[attributes.length >> 8, attributes.length & 0xff],
    ...attributes,
  ];
  return record(RIB_IPV4_UNICAST, Uint8Array.from(body));
}

function octetsOf(address: string): number[] {
  return address.split('.').map(Number);
}
