import type { MessagePort } from 'node:worker_threads';
import type { AnnouncementConfig } from '@steelyard/arp';
import type { ArpResponderStatistics } from '@steelyard/arp/node';
import type { NdpResponderStatistics } from '@steelyard/ndp/node';
import type { GossipOptions } from './gossip/gossip.ts';
import type { WireReport } from './protocol/report.ts';
import type { Family } from './reconcile/interfaces.ts';
import type { WireLog } from './wire-log.ts';

/** How a wire thread is to behave. */
export interface SpeakerWireOptions {
  /** This node, as Kubernetes calls it. */
  readonly nodeName: string;
  /** Without it every candidate counts as alive. */
  readonly gossip?: GossipOptions | undefined;
  /** MetalLB's `announcedInterfacesToExclude`. Default: none. */
  readonly isInterfaceExcluded?: (interfaceName: string) => boolean;
  /** Announce an address although this node or the default gateway has it. Default false. */
  readonly announceOwnAddresses?: boolean;
  /** Changes to MetalLB's announcement schedule. */
  readonly announce?: Partial<AnnouncementConfig>;
  /** Answer a stranger that claims an address with one announcement per 10 s: RFC 5227. Default true. */
  readonly defend?: boolean;
  /**
   * How long a claim is held back: where an address moves by plan, its new speaker announces before the old one knows,
   * and must be neither reported nor fought. Default 2000.
   */
  readonly conflictGraceMs?: number;
  /** Log each question that is answered, at level debug. Default false: it costs text for each. */
  readonly logRequests?: boolean;
  /** Takes what is also sent to the control thread. */
  onReport?(report: WireReport): void;
  readonly log: WireLog;
}

/** What the wire thread does right now. */
export interface SpeakerWireStatistics {
  readonly entries: number;
  readonly announcedAddresses: number;
  readonly bgpPeers: number;
  /** Prefixes that are announced by BGP, to any peer. */
  readonly bgpRoutes: number;
  /** Messages of control threads that were refused. */
  readonly refusals: number;
  /** Responders: an interface may have one of each family. */
  readonly interfaces: readonly {
    readonly name: string;
    readonly family: Family;
    readonly mac: string | undefined;
    readonly addresses: number;
    readonly outcomes: ArpResponderStatistics['outcomes'] | NdpResponderStatistics['outcomes'];
    readonly conflicts: number;
    readonly socket: ArpResponderStatistics['socket'];
  }[];
}

/** The wire thread of a speaker: it owns sockets and clocks, and nothing that parses Kubernetes. */
export interface SpeakerWire extends AsyncDisposable {
  /**
   * Hears a control thread from now on, and no earlier one. What is announced stays announced until the new thread's
   * snapshot is complete.
   *
   * @param port - This thread's end. It is closed with the next `attachControl` and with `close`.
   */
  attachControl(port: MessagePort): void;
  /** Counted up once a second while this thread's event loop turns: an Int32Array of one number. */
  readonly beat: SharedArrayBuffer;
  /** Why this speaker is in no gossip though it should be; `undefined` if it is, or need not be. */
  readonly gossipMissing: string | undefined;
  /**
   * Tells a key of the gossip that is new. It is accepted at once, and used once another speaker uses it. `undefined`:
   * there is to be none, which counts only where the first one is still awaited.
   */
  offerGossipKey(key: Uint8Array | undefined): void;
  statistics(): SpeakerWireStatistics;
  /**
   * Says goodbye to the other speakers, and answers on until each address that one of them can have is announced by
   * another host, or the time is over. `close` comes after it.
   */
  leave(timeoutMs: number): Promise<void>;
  /** Falls silent. More than once is no error. */
  close(): Promise<void>;
}
