import type { DaemonFamily, NeighborView, PathView } from './daemon.ts';

/** What ExaBGP has told so far. */
export interface ExabgpView {
  readonly neighbors: ReadonlyMap<string, NeighborView>;
  readonly routes: Readonly<Record<DaemonFamily, ReadonlyMap<string, readonly PathView[]>>>;
}

interface ExabgpEvent {
  readonly type?: string;
  readonly neighbor?: {
    readonly address?: { readonly peer?: string };
    readonly asn?: { readonly peer?: number };
    readonly state?: string;
    readonly open?: { readonly hold_time?: number; readonly router_id?: string };
    readonly message?: { readonly update?: ExabgpUpdate; readonly eor?: unknown };
  };
}

interface ExabgpUpdate {
  readonly attribute?: {
    readonly origin?: string;
    readonly 'as-path'?: readonly number[];
    readonly 'local-preference'?: number;
    readonly med?: number;
    readonly community?: readonly (readonly number[])[];
    readonly 'large-community'?: readonly (readonly number[])[];
  };
  readonly announce?: Readonly<Record<string, Readonly<Record<string, readonly { readonly nlri: string }[]>>>>;
  readonly withdraw?: Readonly<Record<string, readonly { readonly nlri: string }[]>>;
}

type Tables = Record<DaemonFamily, Map<string, Map<string, PathView>>>;

/** Reads its events, a JSON object a line, from the first on. A last line that is not whole is left. */
export function readExabgpEvents(text: string): ExabgpView {
  const neighbors = new Map<string, NeighborView>();
  const tables: Tables = { ipv4: new Map(), ipv6: new Map() };
  for (const line of text.split('\n').slice(0, -1)) {
    if (line.trim() === '') continue;
    const event = JSON.parse(line) as ExabgpEvent;
    const address = event.neighbor?.address?.peer;
    if (address !== undefined) takeEvent(address, event, neighbors, tables);
  }
  const flat = (family: DaemonFamily): ReadonlyMap<string, readonly PathView[]> =>
    new Map(
      [...tables[family]].filter(([, paths]) => paths.size > 0).map(([prefix, paths]) => [prefix, [...paths.values()]]),
    );
  const count = (address: string): number =>
    [...tables.ipv4.values(), ...tables.ipv6.values()].filter((paths) => paths.has(address)).length;
  return {
    neighbors: new Map(
      [...neighbors].map(([address, view]) => [address, { ...view, prefixesReceived: count(address) }]),
    ),
    routes: { ipv4: flat('ipv4'), ipv6: flat('ipv6') },
  };
}

function takeEvent(address: string, event: ExabgpEvent, neighbors: Map<string, NeighborView>, tables: Tables): void {
  const { neighbor: { asn, state, open, message } = {} } = event;
  const known = neighbors.get(address);
  neighbors.set(address, {
    state: state === undefined ? (known?.state ?? 'unknown') : state === 'up' ? 'Established' : state,
    prefixesReceived: 0,
    holdTimeSeconds: open?.hold_time ?? known?.holdTimeSeconds,
    peerAsn: asn?.peer ?? known?.peerAsn,
    peerIdentifier: open?.router_id ?? known?.peerIdentifier,
    raw: event,
  });
  if (state === 'down')
    for (const table of Object.values(tables)) for (const paths of table.values()) paths.delete(address);
  const update = message?.update;
  if (update === undefined) return;
  for (const family of ['ipv4', 'ipv6'] as const) {
    for (const { nlri } of update.withdraw?.[`${family} unicast`] ?? []) tables[family].get(nlri)?.delete(address);
    // Under each next hop all prefixes: with a link-local one beside the global there are two.
    const announced = update.announce?.[`${family} unicast`] ?? {};
    const [nextHop, linkLocal] = Object.keys(announced).sort((a, b) => Number(isLinkLocal(a)) - Number(isLinkLocal(b)));
    if (nextHop === undefined) continue;
    const path = pathOf(nextHop, linkLocal, update);
    for (const { nlri } of announced[nextHop] ?? []) {
      tables[family].set(nlri, (tables[family].get(nlri) ?? new Map<string, PathView>()).set(address, path));
    }
  }
}

const isLinkLocal = (address: string): boolean => address.startsWith('fe80:');

function pathOf(nextHop: string, linkLocalNextHop: string | undefined, { attribute = {} }: ExabgpUpdate): PathView {
  const { origin } = attribute;
  const joined = (lists: readonly (readonly number[])[] = []): string[] =>
    lists.map((parts) => parts.join(':')).sort((a, b) => (a < b ? -1 : 1));
  return {
    nextHop,
    linkLocalNextHop,
    asPath: (attribute['as-path'] ?? []).join(' '),
    origin: origin === 'igp' || origin === 'egp' ? origin : 'incomplete',
    localPref: attribute['local-preference'],
    med: attribute.med,
    communities: joined(attribute.community),
    largeCommunities: joined(attribute['large-community']),
  };
}
