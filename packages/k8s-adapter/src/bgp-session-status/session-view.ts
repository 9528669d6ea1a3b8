/** RFC 4271, section 8.2.2. */
export type BgpSessionStateName = 'Idle' | 'Connect' | 'Active' | 'OpenSent' | 'OpenConfirm' | 'Established';

/** What is to be shown of the session with one BGPPeer. Times are milliseconds since 1970, as `Date.now()` has them. */
export interface BgpPeerSessionView {
  readonly address: string;
  readonly port: number;
  readonly localAsn: number;
  /** The peer's number as soon as it is known; until then `internal` or `external`, where that is all that is asked of it. */
  readonly peerAsn: number | 'internal' | 'external';
  /** The own BGP Identifier, and the own address of the connection. */
  readonly routerId: string | undefined;
  readonly localAddress: string | undefined;
  readonly state: BgpSessionStateName;
  readonly stateSinceMs: number;
  readonly establishedAtMs: number | undefined;
  /** In words, without a password. It stays after the next session is established. */
  readonly lastError: { readonly text: string; readonly atMs: number } | undefined;
  /** In force; undefined before it was agreed. */
  readonly holdTimeSeconds: number | undefined;
  readonly keepaliveTimeMs: number | undefined;
  /** In words, in the order of the OPEN. */
  readonly sentCapabilities: readonly string[];
  readonly receivedCapabilities: readonly string[];
  /** The peer was told of, and not of their end. */
  readonly prefixesAnnounced: number;
  /** Prefixes that this session cannot carry, and why. */
  readonly prefixesUnsendable: number;
  readonly unsendableBecause: string | undefined;
}
