import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createCable, ip, until } from './veth.ts';

export const ECHO_REQUEST = 128;
export const NEIGHBOR_SOLICITATION = 135;
export const NEIGHBOR_ADVERTISEMENT = 136;
export const ALL_NODES: Uint8Array = address('ff02::1');
/** Link-local addresses of the two ends, as {@link createIpv6Cable} makes them. */
export const LEFT: Uint8Array = address('fe80::1');
export const RIGHT: Uint8Array = address('fe80::2');

/** 16 octets of an IPv6 address that is written with `::`. */
export function address(text: string): Uint8Array {
  const [front = '', back = ''] = text.split('::');
  const groups = (half: string): number[] =>
    half === '' ? [] : half.split(':').map((group) => Number.parseInt(group, 16));
  const octets = new Uint8Array(16);
  const view = new DataView(octets.buffer);
  for (const [i, group] of groups(front).entries()) view.setUint16(i * 2, group);
  for (const [i, group] of groups(back).reverse().entries()) view.setUint16(14 - i * 2, group);
  return octets;
}

/** A cable whose ends have the link-local addresses fe80::1 and fe80::2, and no others. Nothing else is said on it. */
export async function createIpv6Cable(): Promise<void> {
  for (const name of ['default', 'all']) {
    setSysctl(`net/ipv6/conf/${name}/accept_dad`, '0');
    setSysctl(`net/ipv6/conf/${name}/router_solicitations`, '0');
    setSysctl(`net/ipv6/conf/${name}/addr_gen_mode`, '1');
  }
  await createCable();
  ip('address add fe80::1/64 dev left nodad');
  ip('address add fe80::2/64 dev right nodad');
  await until('the addresses', () => !execFileSync('ip', ['-6', 'address']).includes('tentative'));
}

export function setSysctl(path: string, value: string): void {
  writeFileSync(`/proc/sys/${path}`, value);
}

/** An ICMPv6 message of this type and these octets after its header; the checksum is the kernel's. */
export function message(type: number, body: readonly number[] = []): Uint8Array {
  return Uint8Array.of(type, 0, 0, 0, ...body);
}

/** A whole frame with an ICMPv6 message from fe80::1, as a stranger might send it. */
export function icmpv6Frame(destination: Uint8Array, payload: Uint8Array, hopLimit: number): Uint8Array {
  const octets = new Uint8Array(14 + 40 + payload.length);
  octets.set(destination[0] === 0xff ? [0x33, 0x33, ...destination.subarray(12)] : [0x02, 0, 0, 0, 0, 2]);
  octets.set([0x02, 0, 0, 0, 0, 1, 0x86, 0xdd, 0x60, 0, 0, 0, 0, payload.length, 58, hopLimit], 6);
  octets.set(LEFT, 22);
  octets.set(destination, 38);
  octets.set(payload, 54);
  new DataView(octets.buffer).setUint16(56, checksum(octets.subarray(22)));
  return octets;
}

/** RFC 4443, section 2.3: over both addresses, the length, the next header and the message. */
function checksum(addressesAndMessage: Uint8Array): number {
  let sum = 58 + addressesAndMessage.length - 32;
  for (const [i, octet] of addressesAndMessage.entries()) sum += i % 2 === 0 ? octet << 8 : octet;
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
  return ~sum & 0xffff;
}

/** Groups of an interface, as 32 hexadecimal digits, and how many joined each: /proc/net/igmp6. */
export function groupsOf(interfaceName: string): Map<string, number> {
  const groups = new Map<string, number>();
  for (const line of readFileSync('/proc/net/igmp6', 'utf8').split('\n')) {
    const [, name, group, users] = line.trim().split(/\s+/u);
    if (name === interfaceName && group !== undefined) groups.set(group, Number(users));
  }
  return groups;
}
