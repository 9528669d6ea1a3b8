// Runs inside a namespace: claims addresses from ever new MACs, and sends what is no proper message about them.
import { openPacketSocket } from '@steelyard/linux-socket/packet';

/** What is sent: frames of each kind in turn, for each address in turn. */
export interface StormOrder {
  readonly interfaceName: string;
  readonly addresses: readonly string[];
  readonly frames: number;
  readonly framesPerSecond: number;
}

const { interfaceName, addresses, frames, framesPerSecond } = JSON.parse(process.argv[2] ?? '') as StormOrder;
const ALL_NODES_MAC = '33:33:00:00:00:01';
const BROADCAST_MAC = 'ff:ff:ff:ff:ff:ff';
const NOBODY = '0.0.0.0';

const octetsOfMac = (text: string): Uint8Array =>
  Uint8Array.from(text.split(':'), (octet) => Number.parseInt(octet, 16));

/** Of addresses that are well-formed. */
function octetsOfIp(text: string): Uint8Array {
  if (!text.includes(':')) return Uint8Array.from(text.split('.'), Number);
  const [head = [], tail = []] = text.split('::').map((part) => part.split(':').filter((group) => group !== ''));
  const groups = [...head, ...Array.from({ length: 8 - head.length - tail.length }, () => '0'), ...tail];
  return Uint8Array.from(
    groups.flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 255]),
  );
}

/** RFC 1071. */
function checksumOf(octets: Buffer): number {
  let sum = 0;
  for (let i = 0; i + 1 < octets.length; i += 2) sum += octets.readUInt16BE(i);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

/** One that no frame had before. */
const newMac = (number: number): Uint8Array =>
  Uint8Array.of(0x02, 0x66, number >>> 24, (number >>> 16) & 255, (number >>> 8) & 255, number & 255);

function arp(operation: number, mac: Uint8Array, sender: string, target: string, hardwareLength = 6): Buffer {
  return Buffer.concat([
    octetsOfMac(BROADCAST_MAC),
    mac,
    Uint8Array.of(8, 6, 0, 1, 8, 0, hardwareLength, 4, 0, operation),
    mac,
    octetsOfIp(sender),
    new Uint8Array(6),
    octetsOfIp(target),
    new Uint8Array(18), // up to the least length of a frame
  ]);
}

interface Faults {
  readonly hopLimit?: number;
  readonly checksumError?: number;
  /** What the header says beyond what is there. */
  readonly missingOctets?: number;
}

function ndp(mac: Uint8Array, source: string, destination: string, message: Uint8Array, faults: Faults = {}): Buffer {
  const { hopLimit = 255, checksumError = 0, missingOctets = 0 } = faults;
  const [from, to] = [octetsOfIp(source), octetsOfIp(destination)];
  const body = Buffer.from(message);
  const pseudoHeader = Buffer.concat([from, to, Uint8Array.of(0, 0, 0, body.length, 0, 0, 0, 58), body]);
  body.writeUInt16BE(checksumOf(pseudoHeader) ^ checksumError, 2);
  const header = Uint8Array.of(0x60, 0, 0, 0, 0, body.length + missingOctets, 58, hopLimit);
  const groupMac = destination === 'ff02::1' ? octetsOfMac(ALL_NODES_MAC) : Uint8Array.of(0x33, 0x33, ...to.slice(12));
  return Buffer.concat([groupMac, mac, Uint8Array.of(0x86, 0xdd), header, from, to, body]);
}

const advertisement = (target: string, ...options: number[]): Uint8Array =>
  Uint8Array.of(136, 0, 0, 0, 0x20, 0, 0, 0, ...octetsOfIp(target), ...options);
const solicitation = (target: string, ...options: number[]): Uint8Array =>
  Uint8Array.of(135, 0, 0, 0, 0, 0, 0, 0, ...octetsOfIp(target), ...options);
const groupOf = (target: string): string => {
  const [high = 0, middle = 0, low = 0] = octetsOfIp(target).slice(13);
  return `ff02::1:ff${high.toString(16).padStart(2, '0')}:${((middle << 8) | low).toString(16)}`;
};
const LINK_LOCAL = 'fe80::6666';

type Kind = (mac: Uint8Array, address: string) => Buffer;
const ARP_KINDS: readonly Kind[] = [
  (mac, address) => arp(1, mac, address, address), // an announcement
  (mac, address) => arp(2, mac, address, address),
  (mac, address) => arp(1, mac, NOBODY, address), // a probe
  (mac, address) => arp(1, mac, address, address, 7),
  (mac, address) => arp(9, mac, address, address),
  (mac, address) => arp(1, mac, address, address).subarray(0, 34),
  (_, address) => arp(2, new Uint8Array(6).fill(255), address, address),
];
const NDP_KINDS: readonly Kind[] = [
  (mac, address) => ndp(mac, LINK_LOCAL, 'ff02::1', advertisement(address, 2, 1, ...mac)),
  (mac, address) => ndp(mac, address, 'ff02::1', advertisement(address)),
  (mac, address) => ndp(mac, '::', groupOf(address), solicitation(address)), // duplicate address detection
  (mac, address) => ndp(mac, LINK_LOCAL, 'ff02::1', advertisement(address, 2, 0, ...mac)), // an option of no length
  (mac, address) => ndp(mac, LINK_LOCAL, 'ff02::1', advertisement(address, 2, 31, ...mac)), // one beyond the end
  (mac, address) => ndp(mac, LINK_LOCAL, 'ff02::1', advertisement(address, 2, 1, ...mac), { hopLimit: 64 }),
  (mac, address) => ndp(mac, LINK_LOCAL, 'ff02::1', advertisement(address, 2, 1, ...mac), { checksumError: 1 }),
  (mac, address) => ndp(mac, LINK_LOCAL, 'ff02::1', advertisement(address, 2, 1, ...mac), { missingOctets: 40 }),
  (mac, address) => ndp(mac, '::', groupOf(address), solicitation(address, 1, 1, ...mac)), // RFC 4861, section 7.1.1: no option then
  (mac, address) => ndp(mac, LINK_LOCAL, groupOf(address), solicitation(address, 1, 1, 255, 255, 255, 255, 255, 255)),
];

const socket = openPacketSocket({ interfaceName, etherType: 0x88b5, onFrames() {} });
const startedMs = performance.now();
let sent = 0;
while (sent < frames) {
  const due = Math.min(frames, Math.floor(((performance.now() - startedMs) / 1_000) * framesPerSecond));
  while (sent < due) {
    const address = addresses[sent % addresses.length] ?? '';
    const round = Math.floor(sent / addresses.length);
    const kinds = address.includes(':') ? NDP_KINDS : ARP_KINDS;
    const frame = kinds[round % kinds.length]?.(newMac(sent), address);
    if (frame !== undefined && !socket.send(frame)) break;
    sent += 1;
  }
  await new Promise((resolve) => setTimeout(resolve, 1));
}
const seconds = (performance.now() - startedMs) / 1_000;
await socket.close();
process.stdout.write(`${JSON.stringify({ sent, seconds, framesPerSecond: Math.round(sent / seconds) })}\n`);
