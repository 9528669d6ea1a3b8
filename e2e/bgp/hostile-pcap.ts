import { readFileSync } from 'node:fs';
import { type HeardMessage, takeMessages } from './scripted-peer-octets.ts';

const PCAP_HEADER_OCTETS = 24;
const RECORD_HEADER_OCTETS = 16;
const ETHERNET_OCTETS = 14;
const ETHERTYPE_IPV4 = 0x0800;
const TCP = 6;
const FIN = 0x01;

/** What one host said to another over IPv4 by BGP: its messages, and `fin`, in their order. */
export function saidInPcap(path: string, from: string, to: string): readonly (HeardMessage | 'fin')[] {
  const file = readFileSync(path);
  const said: (HeardMessage | 'fin')[] = [];
  let rest: Uint8Array = new Uint8Array();
  let expected: number | undefined;
  for (let at = PCAP_HEADER_OCTETS; at + RECORD_HEADER_OCTETS <= file.length; ) {
    const length = file.readUInt32BE(at + 8);
    const frame = file.subarray(at + RECORD_HEADER_OCTETS, at + RECORD_HEADER_OCTETS + length);
    at += RECORD_HEADER_OCTETS + length;
    if (frame.readUInt16BE(12) !== ETHERTYPE_IPV4) continue;
    const packet = frame.subarray(ETHERNET_OCTETS);
    if (packet[9] !== TCP || [...packet.subarray(12, 16)].join('.') !== from) continue;
    if ([...packet.subarray(16, 20)].join('.') !== to) continue;
    const segment = packet.subarray(((packet[0] ?? 0) & 15) * 4, packet.readUInt16BE(2));
    const payload = segment.subarray(((segment[12] ?? 0) >> 4) * 4);
    const sequence = segment.readUInt32BE(4);
    if (expected !== undefined && sequence !== expected) continue; // said again
    const isFin = ((segment[13] ?? 0) & FIN) !== 0;
    expected = (sequence + payload.length + (isFin ? 1 : 0)) >>> 0;
    const { messages, rest: left } = takeMessages(Buffer.concat([rest, payload]));
    rest = left;
    said.push(...messages, ...(isFin ? (['fin'] as const) : []));
  }
  return said;
}
