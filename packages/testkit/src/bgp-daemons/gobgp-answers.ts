import type { NeighborView, PathView } from './daemon.ts';

/** What `gobgp neighbor ADDRESS -j` says, as far as it is read. */
export interface GobgpNeighbor {
  readonly state?: {
    readonly session_state?: number;
    readonly peer_asn?: number;
    readonly router_id?: string;
  };
  readonly timers?: { readonly state?: { readonly negotiated_hold_time?: number } };
  readonly afi_safis?: readonly { readonly state?: { readonly received?: number; readonly accepted?: number } }[];
}

/** What `gobgp global rib -j` says: by prefix. */
export type GobgpTable = Readonly<Record<string, readonly GobgpPath[]>>;

export interface GobgpPath {
  readonly attrs?: readonly GobgpAttribute[];
}

/** The members differ by type: RFC 4271's number. */
interface GobgpAttribute {
  readonly type: number;
  readonly value?: unknown;
  readonly nexthop?: string;
  readonly metric?: number;
  readonly communities?: readonly number[];
  readonly as_paths?: readonly { readonly segment_type: number; readonly asns?: readonly number[] }[];
}

/** `SessionState` of its API. */
const STATES = ['Unknown', 'Idle', 'Connect', 'Active', 'OpenSent', 'OpenConfirm', 'Established'] as const;
const ORIGINS = ['igp', 'egp', 'incomplete'] as const;
const AS_SET = 1;

export function gobgpNeighborView(neighbor: GobgpNeighbor): NeighborView {
  const { state = {}, timers, afi_safis: families = [] } = neighbor;
  return {
    state: STATES[state.session_state ?? 0] ?? 'Unknown',
    prefixesReceived: families.reduce((sum, { state: counts }) => sum + (counts?.accepted ?? counts?.received ?? 0), 0),
    holdTimeSeconds: timers?.state?.negotiated_hold_time,
    peerAsn: state.peer_asn,
    peerIdentifier: state.router_id,
    raw: neighbor,
  };
}

export function gobgpPathView({ attrs = [] }: GobgpPath): PathView {
  const attribute = (type: number): GobgpAttribute | undefined => attrs.find((one) => one.type === type);
  const number = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined);
  const large = (attribute(32)?.value ?? []) as readonly { ASN: number; LocalData1: number; LocalData2: number }[];
  return {
    nextHop: attribute(3)?.nexthop ?? attribute(14)?.nexthop ?? '',
    linkLocalNextHop: undefined, // it shows one
    asPath: (attribute(2)?.as_paths ?? [])
      .map(({ segment_type: type, asns = [] }) => (type === AS_SET ? `{${asns.join(' ')}}` : asns.join(' ')))
      .join(' '),
    origin: ORIGINS[number(attribute(1)?.value) ?? 2] ?? 'incomplete',
    localPref: number(attribute(5)?.value),
    med: attribute(4)?.metric,
    communities: (attribute(8)?.communities ?? []).map((each) => `${each >>> 16}:${each & 0xffff}`).sort(compareTexts),
    largeCommunities: large
      .map(({ ASN, LocalData1, LocalData2 }) => `${ASN}:${LocalData1}:${LocalData2}`)
      .sort(compareTexts),
  };
}

const compareTexts = (a: string, b: string): number => (a < b ? -1 : 1);
