import type { BgpPeerEntry, BgpRouteEntry, Layer2Entry, Layer2EntryKey } from '@steelyard/announce';
import type { WireReport } from './report.ts';

/** Entries in one message: what the wire thread takes in without missing a deadline. */
export const MAX_ENTRIES_PER_MESSAGE = 256;
/** Entries in a snapshot. */
export const MAX_ENTRIES = 200_000;

/**
 * Where a message belongs.
 *
 * A session is one sender's life: it begins with a whole snapshot. Within it, generations count the messages up by
 * one, so that a lost one is noticed.
 */
export interface Stamp {
  readonly session: number;
  readonly generation: number;
}

/** What the control thread tells the wire thread: desired state, never a command. */
export type ControlMessage = Stamp &
  (
    | { readonly type: 'snapshot-begin' }
    | { readonly type: 'entries'; readonly entries: readonly Layer2Entry[] }
    | { readonly type: 'routes'; readonly routes: readonly BgpRouteEntry[] }
    | SnapshotEnd
    | {
        readonly type: 'change';
        readonly upserts: readonly Layer2Entry[];
        readonly removals: readonly Layer2EntryKey[];
        readonly routeUpserts: readonly BgpRouteEntry[];
        /** Prefixes. */
        readonly routeRemovals: readonly string[];
        /** All of them, where any changed. */
        readonly bgpPeers: readonly BgpPeerEntry[] | undefined;
      }
  );

/** BGP peers of one node: a thousand times as many as any node has. */
export const MAX_BGP_PEERS = 20_000;
/** Peers and communities that one prefix may be announced with. */
export const MAX_BGP_PATHS = 20_000;

/** Addresses in one message of peers: more speakers than the largest cluster has nodes. */
export const MAX_PEERS = 20_000;

/** The addresses of all speakers, whenever they change. It belongs to no session. */
export interface PeersMessage {
  readonly type: 'peers';
  readonly addresses: readonly string[];
}

/** Ends a snapshot and puts it in force. Before it nothing of the snapshot counts. */
export interface SnapshotEnd {
  readonly type: 'snapshot-end';
  /** How many entries the snapshot has. */
  readonly entryCount: number;
  /** How many prefixes it has. */
  readonly routeCount: number;
  readonly bgpPeers: readonly BgpPeerEntry[];
  /** Whether what is not in the snapshot is to be withdrawn. Unknown is not absent. */
  readonly complete: boolean;
  /** The same of routes and BGP peers: what is unknown to one protocol may be known to the other. */
  readonly bgpComplete: boolean;
  /** Whether all Nodes had been listed. Nobody is elected before that; who was elected already stays so. */
  readonly nodesSynced: boolean;
}

/** Where in shared memory an address is counted: `slot` of the pages together; valid while the slot holds `epoch`. */
export interface CounterSlot {
  readonly address: string;
  readonly slot: number;
  readonly epoch: number;
}

/** Where in shared memory a BGP session is counted, by `BGP_COUNTER_NAMES`. */
export interface BgpCounterPlace {
  /** Of the BGPPeer. */
  readonly peer: string;
  readonly peerAddress: string;
  readonly peerPort: number;
  readonly vrf: string | undefined;
  readonly memory: SharedArrayBuffer;
}

/** What the wire thread tells the control thread. */
export type WireMessage =
  | (Stamp & { readonly type: 'ack' })
  /** The session is refused from this message on; only a new one is heard. */
  | (Stamp & { readonly type: 'refused'; readonly code: string; readonly message: string })
  | { readonly type: 'reports'; readonly reports: readonly WireReport[] }
  /** Where figures for metrics stand, by `FIGURE_NAMES`. */
  | { readonly type: 'figures'; readonly memory: SharedArrayBuffer }
  /** Where sessions are counted: all of them, whenever there are others. */
  | { readonly type: 'bgp-counters'; readonly sessions: readonly BgpCounterPlace[] }
  | {
      readonly type: 'counters';
      readonly pages: readonly SharedArrayBuffer[];
      readonly assigned: readonly CounterSlot[];
      readonly released: readonly string[];
    };
