import type { LabProcess } from '../lab/index.ts';

/** A family as test descriptions write it. */
export type DaemonFamily = 'ipv4' | 'ipv6';

/** A neighbour, as a daemon is told of it. */
export interface DaemonNeighbor {
  readonly address: string;
  readonly asn: number | 'internal' | 'external';
  /** Never dial. Default true: what is tested dials. */
  readonly passive?: boolean;
  readonly md5Password?: string;
  /** Default: that of the address. */
  readonly families?: readonly DaemonFamily[];
  /** RFC 5082: packets of more hops than this are dropped. */
  readonly gtsmHops?: number;
  /** An external peer may be so many hops away. */
  readonly multihop?: number;
  readonly maxPrefixes?: number;
  /** RFC 8950. */
  readonly extendedNextHop?: boolean;
  /** The daemon's own port for this peer is always the daemon's; this is the peer's, where it is dialled. */
  readonly port?: number;
  readonly sourceAddress?: string;
  /** Lines in the daemon's own words that belong to this neighbour. */
  readonly extra?: readonly string[];
}

/** What a daemon is to be. */
export interface DaemonDescription {
  readonly asn: number;
  readonly routerId: string;
  readonly neighbors: readonly DaemonNeighbor[];
  /** Default 9. */
  readonly holdTimeSeconds?: number;
  /** Lines in the daemon's own words, at the end. */
  readonly extra?: readonly string[];
  /** Everything it prints is also appended here. */
  readonly logFile?: string;
}

/** What a daemon says of a neighbour. */
export interface NeighborView {
  /** `Established` where there is a session, else what the daemon calls it. */
  readonly state: string;
  /** How many prefixes it has from it, over all families. */
  readonly prefixesReceived: number;
  readonly holdTimeSeconds: number | undefined;
  readonly peerAsn: number | undefined;
  readonly peerIdentifier: string | undefined;
  /** As the daemon shows it. */
  readonly raw: unknown;
}

/** One path of a prefix. */
export interface PathView {
  /** The global one, where there are two of IPv6. */
  readonly nextHop: string;
  /** Beside the global one, where the daemon tells it. */
  readonly linkLocalNextHop: string | undefined;
  /** `65001`, or empty. */
  readonly asPath: string;
  readonly origin: 'igp' | 'egp' | 'incomplete';
  readonly localPref: number | undefined;
  readonly med: number | undefined;
  /** `64512:100`, sorted. */
  readonly communities: readonly string[];
  /** `64512:1:2`, sorted. */
  readonly largeCommunities: readonly string[];
}

/** A running BGP daemon. */
export interface BgpDaemon extends AsyncDisposable {
  readonly kind: 'frr' | 'bird' | 'gobgp' | 'exabgp';
  readonly process: LabProcess;
  neighbor(address: string): Promise<NeighborView>;
  /** What it has from its neighbours, by prefix. */
  routes(family?: DaemonFamily): Promise<ReadonlyMap<string, readonly PathView[]>>;
  /** How many prefixes it has: cheaper than all of them. */
  routeCount(family?: DaemonFamily): Promise<number>;
  /** A command in the daemon's own words; its output. */
  command(...words: readonly string[]): Promise<string>;
  stop(): Promise<void>;
}

/** What is spoken to a neighbour where its description does not say. */
export function familiesOf({ families, address }: DaemonNeighbor): readonly DaemonFamily[] {
  return families ?? [address.includes(':') ? 'ipv6' : 'ipv4'];
}
