import type { AnnouncementConfig } from '@steelyard/announcement-schedule';
import type { Link } from '@steelyard/linux-socket/link';
import type { NdpTransportName } from './transport/transport.ts';

/** What is counted for an address: the figures that MetalLB exports per `ip`. */
export interface NdpAddressCounters {
  /** Solicitations that were to be answered. */
  requestsReceived: number;
  /** Answers that left. */
  responsesSent: number;
  /** Unsolicited advertisements that left; a round and a defence have one each. */
  gratuitousSent: number;
}

/** Another host says that an address of ours is its own, or is about to take it. */
export interface NdpConflict {
  readonly address: string;
  readonly interfaceName: string;
  readonly ourMac: string;
  readonly theirMac: string;
  /** What the claim came in: `probe` is a solicitation of duplicate address detection. */
  readonly kind: 'advertisement' | 'probe';
}

/** A solicitation that is being answered. */
export interface AnsweredSolicitation {
  readonly address: string;
  readonly interfaceName: string;
  /** Of the frame. */
  readonly senderMac: string;
  /** `::` for a probe of duplicate address detection. */
  readonly senderAddress: string;
}

/** How a responder is to behave. */
export interface NdpResponderOptions {
  /** The interface to answer on. It need not exist yet. */
  readonly interfaceName: string;
  /** IPv6 addresses to own from the start, as by `own`. */
  readonly addresses?: Iterable<string>;
  /**
   * The interface as it is now, `null` while there is none; the caller then tells each change by `linkChanged`, and by
   * `setHostMacs` the MACs of the other interfaces. Without it the responder watches the links itself.
   */
  readonly link?: Link | null;
  /** By what frames come and go. Default `packet`; the others answer less, see the README. */
  readonly transport?: NdpTransportName;
  /** Changes to `DEFAULT_ANNOUNCEMENT_CONFIG`: MetalLB's schedule. */
  readonly announce?: Partial<AnnouncementConfig>;
  /** Answer a conflict with one unsolicited advertisement per 10 s and address. Default false. */
  readonly defend?: boolean;
  /**
   * How long another host's claim is held back before it is told and answered; it is forgotten when the address is
   * disowned meanwhile. For those who hand addresses over, where the new owner announces before the old one knows.
   * Default 0.
   */
  readonly conflictGraceMs?: number;
  /** Where an address is counted, so that several responders may count together. Default: a new object for each address. */
  countersFor?(address: string): NdpAddressCounters;
  /** Called for every solicitation that is answered; costs text for each, so leave it out where nobody reads it. */
  onRequest?(request: AnsweredSolicitation): void;
  /** Called when an address was announced for the first time, and again after the interface or its MAC changed. */
  onAnnounced?(address: string): void;
  /**
   * Called at once for each frame by which another host says that it has an address of ours: for those who give addresses
   * away. It may disown the address.
   */
  onClaim?(address: string): void;
  /** Called at most once a second for an address, and once in 10 s for the same claimant. */
  onConflict?(conflict: NdpConflict): void;
  /** Takes what the system refused. The responder goes on and tries again. */
  onError?(error: Error): void;
}
