import type { FsmStateName, NegotiatedSession, SessionEnd } from '../fsm/vocabulary.ts';
import type { AddressFamily } from '../messages/address-family.ts';
import type { Capability } from '../messages/capability.ts';
import type { RoutePatch } from '../rib/vocabulary.ts';
import type { Route } from '../update/route.ts';
import type { UpdateMessage } from '../update/update-message.ts';

/** What `openBgpSpeaker` needs. */
export interface BgpSpeakerOptions {
  /** The own AS number, unless a peer is given another: then it may be left out. 1 to 4,294,967,295. */
  readonly asn?: number | undefined;
  /** The BGP identifier, unless a peer is given another: four octets in dotted decimal, not 0.0.0.0. */
  readonly routerId?: string | undefined;
  /** Take connections, too. Default: never. Port 179 needs CAP_NET_BIND_SERVICE. */
  readonly listen?: BgpListenOptions | undefined;
  /** Whatever goes wrong outside a peer. Default: nothing happens. */
  onError?(error: Error): void;
}

/** Where connections are taken. */
export interface BgpListenOptions {
  /** Default `::`, for both families. */
  readonly address?: string | undefined;
  /** Default 179. */
  readonly port?: number | undefined;
  /** Peers that are not known beforehand: whoever connects from this prefix is one. */
  readonly dynamic?: readonly DynamicNeighbors[] | undefined;
  /**
   * RFC 5082 for whoever connects: over more hops than this not even a SYN is answered. For when all peers are that near.
   * Default: each peer's own `gtsmHops` counts from when its connection is accepted.
   */
  readonly gtsmHops?: number | undefined;
  /** Connections at the same time that belong to no peer. Default 64; more are closed at once. */
  readonly maxStrangers?: number | undefined;
}

/** Neighbours by their prefix. */
export interface DynamicNeighbors {
  readonly prefix: string;
  readonly options: Omit<BgpPeerOptions, 'address' | 'passive'>;
  /** Default 128. */
  readonly maxPeers?: number | undefined;
  onPeer?(peer: BgpPeer): void;
}

/** How one peer is spoken to. */
export interface BgpPeerOptions {
  /** An IP address; link-local with a zone (`fe80::1%eth0`). */
  readonly address: string;
  /** Default 179. */
  readonly port?: number | undefined;
  /** The peer's AS number, or any that makes an internal or an external peer of it. */
  readonly asn: number | 'internal' | 'external';
  /** For people and events. Default: the address. */
  readonly name?: string | undefined;
  /** Default: the speaker's. It is all that this peer sees: in OPEN and in AS_PATH. */
  readonly localAsn?: number | undefined;
  /** Default: the speaker's. A function is asked for each connection, with its own address, before the OPEN. */
  readonly routerId?: string | ((localAddress: string) => string) | undefined;
  /** The address to connect from. Default: the kernel's choice. */
  readonly sourceAddress?: string | undefined;
  /** SO_BINDTODEVICE: an interface, or a VRF. */
  readonly device?: string | undefined;
  /** TCP MD5 (RFC 2385): 1 to 80 octets. Never in an event, a message or an error. */
  readonly md5Password?: string | Uint8Array | undefined;
  /** IP TTL, or hop limit, of what is sent. Default: 64, 255 with `gtsmHops`. */
  readonly ttl?: number | undefined;
  /** RFC 5082: packets that came over more hops than this are dropped by the kernel. 1: the same link. */
  readonly gtsmHops?: number | undefined;
  /** Never connect: wait for the peer. Needs `listen`. */
  readonly passive?: boolean | undefined;
  /** Offered. 0 for none, else 3 to 65,535. Default 90. */
  readonly holdTimeSeconds?: number | undefined;
  /** Default: a third of the hold time in force. */
  readonly keepaliveTimeMs?: number | undefined;
  /** Default 10,000. */
  readonly connectRetryTimeMs?: number | undefined;
  /** Wait so long for the peer's OPEN. Default: do not. */
  readonly delayOpenTimeMs?: number | undefined;
  /** The first pause after a failure, doubled up to the second. Default 1,000 and 120,000. */
  readonly idleHoldTimeMs?: number | undefined;
  readonly maxIdleHoldTimeMs?: number | undefined;
  /** RFC 9687. Default: the larger of 480,000 and twice the hold time. */
  readonly sendHoldTimeMs?: number | undefined;
  /** Default: that of the address. */
  readonly families?: readonly AddressFamily[] | undefined;
  /** Offer exactly these instead of those that the other options make. */
  readonly capabilities?: readonly Capability[] | undefined;
  /** Offer RFC 8950, and use it for IPv4 prefixes where there is no IPv4 address. Default false. */
  readonly extendedNextHop?: boolean | undefined;
  /** Offer RFC 8654. Default false. */
  readonly extendedMessages?: boolean | undefined;
  /** In the place of the session's own addresses. */
  readonly nextHop?: { readonly ipv4?: string | undefined; readonly ipv6?: string | undefined } | undefined;
  /** Takes what the peer announces. Without it UPDATEs are checked, counted and let go. It must not block. */
  onUpdate?(update: UpdateMessage): void;
  /** Takes what `events` yields, at once and without a queue. What it throws goes to `onError`. */
  onEvent?(event: BgpPeerEvent): void;
}

/** What happens between this speaker and a peer. */
export type BgpPeerEvent =
  | { readonly type: 'stateChanged'; readonly from: FsmStateName; readonly to: FsmStateName }
  | { readonly type: 'established'; readonly session: NegotiatedSession; readonly localAddress: string }
  | { readonly type: 'down'; readonly end: SessionEnd; readonly message: string }
  | { readonly type: 'attemptFailed'; readonly end: SessionEnd; readonly message: string }
  | { readonly type: 'capabilitiesReduced'; readonly offered: readonly Capability[] }
  | { readonly type: 'endOfRibReceived'; readonly family: AddressFamily }
  /** An UPDATE was not taken as it came: RFC 7606. At most one a second. */
  | { readonly type: 'updateFailed'; readonly message: string; readonly suppressed: number }
  /** The queue of an iteration was full, and so many of its events are lost. */
  | { readonly type: 'eventsLost'; readonly count: number };

/** Octets and messages since the peer was added. */
export interface BgpPeerCounters {
  /** By type of message. */
  readonly sent: Readonly<Record<'open' | 'update' | 'notification' | 'keepalive' | 'routeRefresh', number>>;
  readonly received: Readonly<Record<'open' | 'update' | 'notification' | 'keepalive' | 'routeRefresh', number>>;
  readonly octetsSent: number;
  readonly octetsReceived: number;
  /** Sessions that were established. */
  readonly established: number;
  /** Prefixes in UPDATEs, announced and withdrawn: each as often as it came, for they are counted and not kept. */
  readonly prefixesReceived: number;
  readonly prefixesWithdrawn: number;
  /** UPDATEs that were not taken as they came: RFC 7606. */
  readonly updateFailures: number;
}

/** What is the case right now. */
export interface BgpPeerStatus {
  readonly state: FsmStateName;
  /** In OpenConfirm and Established. */
  readonly session: NegotiatedSession | undefined;
  readonly localAddress: string | undefined;
  /** Milliseconds of `performance.now()`. */
  readonly establishedAtMs: number | undefined;
  /** Why the last session or attempt ended; undefined before any did. What was stopped here on purpose does not count. */
  readonly lastEnd: SessionEnd | undefined;
  /** The same in words, with what to do about it. */
  readonly lastError: string | undefined;
  /**
   * Why the last established session ended, however it did: attempts that fail afterwards leave it as it is. `atMs` in
   * milliseconds of `performance.now()`.
   */
  readonly lastDown: { readonly end: SessionEnd; readonly message: string; readonly atMs: number } | undefined;
  readonly counters: BgpPeerCounters;
  readonly routes: {
    readonly wanted: number;
    readonly announced: number;
    readonly pending: number;
    readonly unsendable: number;
    readonly unsendableBecause: string | undefined;
  };
}

/** What a peer is told. */
export interface BgpPeerRoutes {
  /**
   * Wanted is exactly this. Calls of one turn become one.
   *
   * @returns Resolved when the socket has taken the octets that make it so; while there is no session, once there is
   *   one and it has. Rejected with an AbortError when `signal` is aborted, with ERR_BGP_PEER_CLOSED when the peer is removed: what
   *   is wanted stays wanted in the first case.
   * @throws TypeError for a prefix that is none, before anything changes.
   */
  set(routes: Iterable<Route>, options?: { readonly signal?: AbortSignal | undefined }): Promise<void>;
  patch(patch: RoutePatch, options?: { readonly signal?: AbortSignal | undefined }): Promise<void>;
}

/** One neighbour. */
export interface BgpPeer {
  readonly name: string;
  readonly address: string;
  readonly status: BgpPeerStatus;
  readonly routes: BgpPeerRoutes;
  /**
   * What happens from the call on, bounded to 1,000 events that wait: the oldest are lost, and `eventsLost` says so.
   * Ends when the peer is removed or `signal` is aborted.
   */
  events(options?: { readonly signal?: AbortSignal | undefined }): AsyncIterableIterator<BgpPeerEvent>;
  /** Ends the session with Cease/4 Administrative Reset, and begins anew. */
  reset(communication?: string): void;
  /**
   * Withdraws everything, says Cease, closes, and forgets the peer.
   *
   * @returns Resolved when the peer has acknowledged the octets, or `timeoutMs` is over.
   */
  close(options?: BgpCloseOptions): Promise<void>;
}

/** How a peer, or all of them, are left. */
export interface BgpCloseOptions {
  /**
   * `shutdown`: withdraw, Cease/2. `deconfigured`: withdraw, Cease/3. `changed`: Cease/6, nothing is withdrawn before, for a
   * session follows. `abandon`: TCP is closed without a word, as a crash would. Default `shutdown`.
   */
  readonly reason?: 'shutdown' | 'deconfigured' | 'changed' | 'abandon' | undefined;
  /** RFC 9003: at most 255 octets of UTF-8. */
  readonly communication?: string | undefined;
  /** Default 1,000. */
  readonly timeoutMs?: number | undefined;
}

/** A BGP speaker. */
export interface BgpSpeaker extends AsyncDisposable {
  readonly peers: readonly BgpPeer[];
  /** Where connections are taken; undefined where none are. */
  readonly listeningPort: number | undefined;
  /**
   * Adds a peer, and begins to connect.
   *
   * @throws TypeError or RangeError for options that cannot be (no AS number or identifier, here and there), and, of a
   *   speaker that listens, an Error with ERR_BGP_PEER_EXISTS for a peer of the same address, port, device and source
   *   address. One that only connects may have several sessions with one address.
   */
  addPeer(options: BgpPeerOptions): BgpPeer;
  /** Leaves all peers, at the same time. More than once is no error. */
  close(options?: BgpCloseOptions): Promise<void>;
}
