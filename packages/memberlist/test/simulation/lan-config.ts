import { LAN_CONFIG } from '../../src/configuration/defaults.ts';
import type { ProtocolConfig } from '../../src/state/protocol.ts';

/** The library's LAN timing, and what MetalLB adds: a key, so 29 octets more a packet. */
export function lanConfig(
  member: { readonly node: string; readonly address: Uint8Array } & Partial<ProtocolConfig>,
): ProtocolConfig {
  return {
    advertise: { address: member.address, port: 7946 },
    meta: new Uint8Array(),
    initialIncarnation: 1,
    packetOverheadOctets: () => 29,
    random: Math.random,
    ...LAN_CONFIG,
    maxMembers: 4_096,
    ...member,
  };
}
