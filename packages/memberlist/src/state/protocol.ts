import type { MemberlistConfig } from '../configuration/configuration.ts';
import type {
  Endpoint,
  MemberRecord,
  MemberState,
  MemberStatus,
  PacketMessage,
  StreamMessage,
} from '../messages/message.ts';

/** Who this member is, and what its surroundings lend it. */
export interface ProtocolConfig extends MemberlistConfig {
  readonly node: string;
  /** What it tells others as its own: never `0.0.0.0`. */
  readonly advertise: Endpoint;
  readonly meta: Uint8Array;
  /**
   * The first one, from 1 to 2^31 − 1. Larger than an earlier life's, it spares a restarted member the refutation; Go's
   * library starts with 1.
   */
  readonly initialIncarnation: number;
  /** Octets that encryption and the label add to a packet. */
  readonly packetOverheadOctets: () => number;
  /** 0 ≤ n < 1. */
  readonly random: () => number;
}

/** What happens to a member. Times are of a clock that never goes backwards. */
export type ProtocolEvent =
  | { readonly type: 'start'; readonly nowMs: number }
  /**
   * The time of `wakeAt` has come. An early one is no error. What waits in the sockets is handed over first, up to a
   * bound: an answer that is already here must not count as missing.
   */
  | { readonly type: 'wake'; readonly nowMs: number }
  | { readonly type: 'packetMessage'; readonly message: PacketMessage; readonly from: Endpoint; readonly nowMs: number }
  /** The system refused to send to a member, as it does where no host answers: the probe need not wait. */
  | { readonly type: 'sendFailed'; readonly to: Endpoint; readonly nowMs: number }
  /** Somebody asks for a push/pull; `exchange` names the connection. The user state is the door's: it is not looked at. */
  | {
      readonly type: 'pushPullRequested';
      readonly exchange: number;
      readonly message: StreamMessage & { readonly type: 'pushPull' };
      readonly nowMs: number;
    }
  /** What `exchangeStates` brought back. */
  | {
      readonly type: 'pushPullAnswered';
      readonly exchange: number;
      readonly message: StreamMessage & { readonly type: 'pushPull' };
      readonly nowMs: number;
    }
  | { readonly type: 'exchangeFailed'; readonly exchange: number; readonly reason: string; readonly nowMs: number }
  /** A TCP ping that came in. */
  | {
      readonly type: 'streamPing';
      readonly exchange: number;
      readonly message: StreamMessage & { readonly type: 'ping' };
      readonly nowMs: number;
    }
  /** What `pingByStream` brought back. */
  | { readonly type: 'streamPingAnswered'; readonly sequence: number; readonly nowMs: number }
  | { readonly type: 'streamPingFailed'; readonly sequence: number; readonly nowMs: number }
  /** Joins by a push/pull with each of them. `exchange`: the first of as many numbers as there are addresses. */
  | {
      readonly type: 'join';
      readonly exchange: number;
      readonly endpoints: readonly Endpoint[];
      readonly nowMs: number;
    }
  | { readonly type: 'setMeta'; readonly meta: Uint8Array; readonly nowMs: number }
  /** Says to all that it goes; it keeps answering until nothing more is stepped. */
  | { readonly type: 'leave'; readonly nowMs: number };

/** A member, as its neighbours see it. */
export interface Member extends MemberRecord {
  readonly status: MemberStatus;
}

/** What the door must now do, in this order. */
export type ProtocolEffect =
  /** One packet: whole messages, the direct one first. More than one make a compound. */
  | {
      readonly type: 'sendPacket';
      readonly to: Endpoint;
      readonly parts: readonly Uint8Array[];
      /** Whether the packet gets a CRC header. */
      readonly checksum: boolean;
    }
  /**
   * Opens a connection, sends a push/pull, and reports the answer. `exchange`: a number of `join`, or a negative one for
   * the exchanges that this member makes by itself; so the two never meet where the door counts upwards from 0.
   */
  | {
      readonly type: 'exchangeStates';
      readonly exchange: number;
      readonly to: Endpoint;
      readonly join: boolean;
      readonly states: readonly MemberState[];
    }
  | {
      readonly type: 'answerPushPull';
      readonly exchange: number;
      readonly join: boolean;
      readonly states: readonly MemberState[];
    }
  | {
      readonly type: 'pingByStream';
      readonly sequence: number;
      readonly to: Endpoint;
      readonly message: StreamMessage & { readonly type: 'ping' };
      readonly timeoutMs: number;
    }
  | { readonly type: 'answerStreamPing'; readonly exchange: number; readonly sequence: number }
  /** Closes the connection without an answer: the request was not for us, or is refused. */
  | { readonly type: 'closeExchange'; readonly exchange: number }
  /** The outcome of an exchange that this member asked for, by itself or in a `join`. */
  | { readonly type: 'exchangeEnded'; readonly exchange: number; readonly failure: string | undefined }
  | { readonly type: 'memberJoined'; readonly member: Member }
  | { readonly type: 'memberLeft'; readonly member: Member }
  | { readonly type: 'memberUpdated'; readonly member: Member }
  /** Somebody else uses the name of a member, or ours. */
  /** Somebody takes us for dead, or suspects us. Others may have acted as if we were gone, and go on until they hear of us. */
  | { readonly type: 'refuted'; readonly from: string }
  | { readonly type: 'nameConflict'; readonly known: Member; readonly other: Endpoint }
  /** Bytes for the application; Go's library hands them to a delegate. */
  | { readonly type: 'userMessage'; readonly payload: Uint8Array; readonly from: Endpoint | undefined }
  /** Something that an operator may want to know. Bounded by the door. */
  | {
      readonly type: 'notice';
      readonly level: 'debug' | 'warn';
      readonly message: string;
      readonly fields: Readonly<Record<string, string | number>>;
    }
  /** Everybody was told of the leave as often as the limit says. */
  | { readonly type: 'leaveSent' }
  /** Give a `wake` then; it replaces an earlier wish. `undefined`: none is needed. */
  | { readonly type: 'wakeAt'; readonly atMs: number | undefined };
