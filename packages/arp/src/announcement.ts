import { ARP_FRAME_LENGTH, writeArpHeader } from './packet.ts';

/**
 * Writes a gratuitous ARP frame as MetalLB does (`internal/layer2/arp.go`, `Gratuitous`): to everyone, the address as
 * sender and target, ff:ff:ff:ff:ff:ff as target hardware address. (RFC 5227, section 2.3 asks for a request only; the
 * reply is for neighbours that learn from replies alone.)
 *
 * @param frame - At least 42 octets, overwritten.
 * @param operation - 1 for the request, 2 for the reply.
 * @param mac - Six octets.
 * @param address - An IPv4 address as an unsigned 32-bit number.
 */
export function writeArpAnnouncement(frame: Uint8Array, operation: number, mac: Uint8Array, address: number): void {
  if (frame.length < ARP_FRAME_LENGTH) throw new RangeError(`an announcement needs ${ARP_FRAME_LENGTH} octets`);
  writeArpHeader(frame, operation);
  for (let i = 0; i < 6; i++) {
    frame[i] = 0xff;
    frame[6 + i] = mac[i] ?? 0;
    frame[22 + i] = mac[i] ?? 0;
    frame[32 + i] = 0xff;
  }
  for (let i = 0; i < 4; i++) {
    const octet = (address >>> (24 - 8 * i)) & 0xff;
    frame[28 + i] = octet;
    frame[38 + i] = octet;
  }
}
