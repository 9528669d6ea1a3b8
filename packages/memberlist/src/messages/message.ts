/**
 * Where a member is reached. Four octets for IPv4, sixteen for IPv6: Go's library compares them bytewise, so an IPv4
 * address is never written in its mapped form.
 */
export interface Endpoint {
  readonly address: Uint8Array;
  readonly port: number;
}

/** What one member tells of itself: the message `alive`, and an entry of a push/pull. */
export interface MemberRecord extends Endpoint {
  readonly node: string;
  /** Counted up by the member itself whenever it contradicts what is said of it. Unsigned, 32 bits. */
  readonly incarnation: number;
  /** At most 512 octets. */
  readonly meta: Uint8Array;
  /** Six octets: the least, greatest and current protocol version, then the same of the delegate. */
  readonly versions: Uint8Array;
}

/** Whom an answer goes to, where that is not where the packet came from. */
export interface PingSource {
  readonly sourceAddress?: Uint8Array | undefined;
  readonly sourcePort?: number | undefined;
  readonly sourceNode?: string | undefined;
}

/**
 * A message that fits into a packet.
 *
 * @see hashicorp/memberlist `net.go`
 */
export type PacketMessage =
  /** `node`: whom it is meant for; empty: anyone. */
  | ({ readonly type: 'ping'; readonly sequence: number; readonly node: string } & PingSource)
  | ({
      readonly type: 'indirectPing';
      readonly sequence: number;
      readonly target: Uint8Array;
      /** 0: the port that the receiver itself has. */
      readonly port: number;
      readonly node: string;
      /** Whether a `nack` is wanted if no answer comes. */
      readonly nack: boolean;
    } & PingSource)
  | { readonly type: 'ack'; readonly sequence: number; readonly payload: Uint8Array }
  | { readonly type: 'nack'; readonly sequence: number }
  | Accusation
  | ({ readonly type: 'alive' } & MemberRecord)
  | { readonly type: 'user'; readonly payload: Uint8Array };

/** `dead` with `from` equal to `node` means that the member left. */
export interface Accusation {
  readonly type: 'suspect' | 'dead';
  readonly incarnation: number;
  readonly node: string;
  readonly from: string;
}

export type MemberStatus = 'alive' | 'suspect' | 'dead' | 'left';

/** A member as a push/pull carries it. */
export interface MemberState extends MemberRecord {
  readonly status: MemberStatus;
}

/** A message of a TCP connection. */
export type StreamMessage =
  | ({ readonly type: 'ping'; readonly sequence: number; readonly node: string } & PingSource)
  | { readonly type: 'ack'; readonly sequence: number; readonly payload: Uint8Array }
  | {
      readonly type: 'pushPull';
      readonly join: boolean;
      readonly states: readonly MemberState[];
      readonly userState: Uint8Array;
    }
  | { readonly type: 'user'; readonly payload: Uint8Array }
  | { readonly type: 'error'; readonly error: string };
