/** Timing and sizes, named as hashicorp/memberlist names them. */
export interface MemberlistConfig {
  /** The limit of one TCP exchange. */
  readonly tcpTimeoutMs: number;
  readonly indirectChecks: number;
  readonly retransmitMult: number;
  readonly suspicionMult: number;
  readonly suspicionMaxTimeoutMult: number;
  readonly pushPullIntervalMs: number;
  readonly probeIntervalMs: number;
  readonly probeTimeoutMs: number;
  readonly disableTcpPings: boolean;
  readonly awarenessMaxMultiplier: number;
  readonly gossipIntervalMs: number;
  readonly gossipNodes: number;
  readonly gossipToTheDeadTimeMs: number;
  /** Refuse what is not encrypted, where a key is set. */
  readonly gossipVerifyIncoming: boolean;
  /** Encrypt what is sent, where a key is set. */
  readonly gossipVerifyOutgoing: boolean;
  readonly enableCompression: boolean;
  /** Octets of a packet before a CRC header. */
  readonly udpBufferSize: number;
  /** How long a name stays bound to a dead member's address; 0: until it is reaped. */
  readonly deadNodeReclaimTimeMs: number;
  /** Members of one gossip have the same. Empty: none. */
  readonly label: string;
  /** Accept what has no label, too. */
  readonly skipInboundLabelCheck: boolean;
  /** Members kept at most, the dead among them; whoever is beyond is ignored. */
  readonly maxMembers: number;
}
