import type { AnnouncementConfig } from '@steelyard/announcement-schedule';
import type { Link } from '@steelyard/linux-socket/link';

/** What is counted for an address: the figures that MetalLB exports per `ip`. */
export interface ArpAddressCounters {
  /** Requests that were to be answered. */
  requestsReceived: number;
  /** Replies that left. */
  responsesSent: number;
  /** Gratuitous frames that left; a round has two, a defence one. */
  gratuitousSent: number;
}

/** Another host says that an address of ours is its own: RFC 5227, section 2.4. */
export interface ArpConflict {
  readonly address: string;
  readonly interfaceName: string;
  readonly ourMac: string;
  readonly theirMac: string;
  /** What the claim came in. */
  readonly kind: 'request' | 'reply';
}

/** A request that is being answered. */
export interface AnsweredRequest {
  readonly address: string;
  readonly interfaceName: string;
  readonly senderMac: string;
  readonly senderAddress: string;
}

/** How a responder is to behave. */
export interface ArpResponderOptions {
  /** The interface to answer on. It need not exist yet. */
  readonly interfaceName: string;
  /** IPv4 addresses to own from the start, as by `own`. */
  readonly addresses?: Iterable<string>;
  /**
   * The interface as it is now, `null` while there is none; the caller then tells each change by `linkChanged`, and by
   * `setHostMacs` the MACs of the other interfaces. Without it the responder watches the links itself.
   */
  readonly link?: Link | null;
  /** Changes to `DEFAULT_ANNOUNCEMENT_CONFIG`: MetalLB's schedule. */
  readonly announce?: Partial<AnnouncementConfig>;
  /** Answer a conflict with one announcement per 10 s and address: RFC 5227, section 2.4 (c). Default false. */
  readonly defend?: boolean;
  /**
   * How long another host's claim is held back before it is told and answered; it is forgotten when the address is
   * disowned meanwhile. For those who hand addresses over, where the new owner announces before the old one knows.
   * Default 0.
   */
  readonly conflictGraceMs?: number;
  /** Where an address is counted, so that several responders may count together. Default: a new object for each address. */
  countersFor?(address: string): ArpAddressCounters;
  /** Called for every request that is answered; costs text for each, so leave it out where nobody reads it. */
  onRequest?(request: AnsweredRequest): void;
  /** Called when an address was announced for the first time, and again after the interface or its MAC changed. */
  onAnnounced?(address: string): void;
  /**
   * Called at once for each frame by which another host says that it has an address of ours: for those who give addresses
   * away. It may disown the address.
   */
  onClaim?(address: string): void;
  /** Called at most once a second for an address, and once in 10 s for the same claimant. */
  onConflict?(conflict: ArpConflict): void;
  /** Takes what the system refused. The responder goes on and tries again. */
  onError?(error: Error): void;
}
