import type { ProtocolConfig } from '../../src/state/protocol.ts';

/** hashicorp/memberlist `config.go`, `DefaultLANConfig`, and what MetalLB adds: a key, so 29 octets more a packet. */
export function lanConfig(
  member: { readonly node: string; readonly address: Uint8Array } & Partial<ProtocolConfig>,
): ProtocolConfig {
  return {
    advertise: { address: member.address, port: 7946 },
    meta: new Uint8Array(),
    initialIncarnation: 1,
    packetOverheadOctets: () => 29,
    random: Math.random,
    tcpTimeoutMs: 10_000,
    indirectChecks: 3,
    retransmitMult: 4,
    suspicionMult: 4,
    suspicionMaxTimeoutMult: 6,
    pushPullIntervalMs: 30_000,
    probeIntervalMs: 1_000,
    probeTimeoutMs: 500,
    disableTcpPings: false,
    awarenessMaxMultiplier: 8,
    gossipIntervalMs: 200,
    gossipNodes: 3,
    gossipToTheDeadTimeMs: 30_000,
    gossipVerifyIncoming: true,
    gossipVerifyOutgoing: true,
    enableCompression: true,
    udpBufferSize: 1_400,
    deadNodeReclaimTimeMs: 0,
    label: '',
    skipInboundLabelCheck: false,
    maxMembers: 4_096,
    ...member,
  };
}
