import type { MemberlistConfig } from '../configuration/configuration.ts';
import type { Endpoint } from '../messages/message.ts';
import type { Member } from '../state/protocol.ts';
import type { MemberlistNotice } from './notices.ts';

/** Who this member is, where it listens, and who is told what happens. No callback is called after `close()`. */
export interface MemberlistOptions {
  /** Unique in the gossip; MetalLB's members are named after their Nodes. */
  readonly name: string;
  /** The address to listen on, UDP and TCP; packets leave from it, too. */
  readonly bindAddress: string;
  /** Default 7946. 0: any that is free. */
  readonly bindPort?: number;
  /**
   * What others are told to send to. Default: `bindAddress`; where that is `0.0.0.0` or `::`, the first address of this
   * host that is no loopback one, private ones first.
   */
  readonly advertiseAddress?: string;
  /** Default `LAN_CONFIG`. */
  readonly config?: MemberlistConfig;
  /** 16, 24 or 32 octets each. The first encrypts, any opens. Default: none, nothing is encrypted. */
  readonly keys?: readonly Uint8Array[];
  /** At most 512 octets that every member learns. */
  readonly meta?: Uint8Array;
  /**
   * The first incarnation. Default: seconds since the year 2020, so that a member that is started again is believed at
   * once instead of having to contradict what is said of its earlier life.
   */
  readonly initialIncarnation?: number;
  /** How long a connection to another member may take to open. Default: `tcpTimeoutMs`, as in Go's library. */
  readonly dialTimeoutMs?: number;
  onJoin?(member: Member): void;
  onLeave?(member: Member): void;
  /** The meta of a member is another one. */
  onUpdate?(member: Member): void;
  /**
   * Somebody took us for dead, or suspected us, and is contradicted. Until that is heard, others may act as if we were gone.
   *
   * @param from - The accuser; where it came with a push/pull, our own name.
   */
  onRefuted?(from: string): void;
  /** Another host uses the name of a member, or ours. Once a minute at most for each such host. */
  onConflict?(known: Member, other: Endpoint): void;
  onUserMessage?(payload: Uint8Array, from: Endpoint | undefined): void;
  /** The first time that something came in sealed with a key, once for each of `keys`, and anew after `setKeys`. */
  onKeyHeard?(index: number): void;
  /** What an operator may want to know: bounded, whatever others send. */
  onNotice?(notice: MemberlistNotice): void;
  /** What the system refused, and what a callback threw. The member goes on. */
  onError?(error: Error): void;
}

/** What became of a join. */
export interface JoinResult {
  /** Members that told us whom they know. */
  readonly joined: number;
  readonly failures: readonly JoinFailure[];
}

export interface JoinFailure {
  /** As it was given. */
  readonly address: string;
  readonly reason: string;
}

/** Counters since the member was opened, and sizes as they are now. */
export interface MemberlistStatistics {
  /** Everybody who is remembered, the dead among them. */
  readonly membersKnown: number;
  /** Alive or suspect. */
  readonly membersLiving: number;
  readonly packetsReceived: number;
  readonly octetsReceived: number;
  readonly packetsSent: number;
  readonly octetsSent: number;
  /** The system did not send them, or they were not worth queueing. */
  readonly packetsUnsent: number;
  /** Of others' packets, by the code of the reason. */
  readonly packetsRefused: Readonly<Record<string, number>>;
  readonly connectionsAccepted: number;
  /** Closed for being too many, too slow or too large. */
  readonly connectionsRefused: number;
  readonly connectionsOpen: number;
  /** Octets that those who are not finished sent us. */
  readonly connectionOctetsHeld: number;
  /** How often each of the keys opened something. */
  readonly keysHeard: readonly number[];
  readonly noticesSuppressed: number;
}

/** A member of a gossip. It keeps the process alive until it is closed. */
export interface Memberlist extends AsyncDisposable {
  readonly name: string;
  /** What others are told to send to. */
  readonly advertised: Endpoint;
  /** Those who are alive or suspect, ourselves among them: as Go's `Members()`. */
  members(): readonly Member[];
  /**
   * Exchanges what is known with each of these, all at the same time: `192.0.2.1`, `192.0.2.1:7946`, `[2001:db8::1]:7946`.
   * What is no such address is a failure like others.
   */
  join(addresses: readonly string[]): Promise<JoinResult>;
  /** Tells others that we go, until each was told or the time is over. We answer until `close()`. */
  leave(timeoutMs: number): Promise<void>;
  /** Tells everybody another meta. @throws RangeError for more than 512 octets. */
  setMeta(meta: Uint8Array): void;
  /**
   * Uses these keys from now on, the first to encrypt. To change the key of a gossip, first add the new one everywhere,
   * then put it first everywhere, then remove the old one.
   *
   * @throws TypeError for a length that AES has not.
   */
  setKeys(keys: readonly Uint8Array[]): void;
  statistics(): MemberlistStatistics;
  /** Tells nobody: leave before. More than once is no error. */
  close(): Promise<void>;
}
