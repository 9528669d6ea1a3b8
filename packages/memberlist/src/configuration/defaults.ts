import type { MemberlistConfig } from './configuration.ts';

/** Members that a gossip of Kubernetes nodes has at most, and as many dead ones. */
const MAX_MEMBERS = 10_000;

/**
 * Members in one local network.
 *
 * @see hashicorp/memberlist `config.go`, `DefaultLANConfig`
 */
export const LAN_CONFIG: MemberlistConfig = {
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
  maxMembers: MAX_MEMBERS,
};

/**
 * Members far from each other.
 *
 * @see hashicorp/memberlist `config.go`, `DefaultWANConfig`
 */
export const WAN_CONFIG: MemberlistConfig = {
  ...LAN_CONFIG,
  tcpTimeoutMs: 30_000,
  suspicionMult: 6,
  pushPullIntervalMs: 60_000,
  probeTimeoutMs: 3_000,
  probeIntervalMs: 5_000,
  gossipNodes: 4,
  gossipIntervalMs: 500,
  gossipToTheDeadTimeMs: 60_000,
};

/**
 * Members on one host.
 *
 * @see hashicorp/memberlist `config.go`, `DefaultLocalConfig`
 */
export const LOCAL_CONFIG: MemberlistConfig = {
  ...LAN_CONFIG,
  tcpTimeoutMs: 1_000,
  indirectChecks: 1,
  retransmitMult: 2,
  suspicionMult: 3,
  pushPullIntervalMs: 15_000,
  probeTimeoutMs: 200,
  probeIntervalMs: 1_000,
  gossipIntervalMs: 100,
  gossipToTheDeadTimeMs: 15_000,
};
