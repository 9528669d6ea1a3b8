import type { Pool } from '../pool/pool.ts';
import type { ResolvedBgpAdvertisement } from './bgp-advertisement.ts';

/** The families that a pool has addresses of. */
export interface PoolFamilies {
  readonly v4: boolean;
  readonly v6: boolean;
}

/** Advertisements by LOCAL_PREF, for each node. */
type Cell = Map<string, Map<number, ResolvedBgpAdvertisement>>;

/**
 * Finds the advertisements of one pool that would announce the same prefix to the same peer from the same node with
 * another LOCAL_PREF than an older one: each with the one that it conflicts with.
 *
 * They do not conflict where the prefixes differ in the families of the pool (in both, if it has both), where they name
 * peers and none in common, or where no node is selected by both.
 *
 * Takes one look for each node and peer of an advertisement, not one for each pair.
 *
 * @param advertisements - The older first. One that is found to conflict stands in no other's way.
 * @param nodesOf - The nodes that an advertisement selects.
 * @see MetalLB `internal/config/config.go`, `BGPAdvertisementsHaveCompatibleLocalPref`
 */
export function findLocalPrefConflicts(
  advertisements: readonly ResolvedBgpAdvertisement[],
  families: PoolFamilies,
  nodesOf: (advertisement: ResolvedBgpAdvertisement) => readonly string[],
): ReadonlyMap<ResolvedBgpAdvertisement, ResolvedBgpAdvertisement> {
  const conflicts = new Map<ResolvedBgpAdvertisement, ResolvedBgpAdvertisement>();
  if (new Set(advertisements.map(({ localPref }) => localPref)).size <= 1) {
    return conflicts;
  }
  const age = new Map(advertisements.map((advertisement, i) => [advertisement, i]));
  const cells = new Map<string, Cell>();
  for (const advertisement of advertisements) {
    const prefixes = [
      ...(families.v4 ? [`4/${advertisement.aggregationLength}`] : []),
      ...(families.v6 ? [`6/${advertisement.aggregationLengthV6}`] : []),
    ];
    const { peers } = advertisement;
    const nodes = nodesOf(advertisement);
    const meets = peers === 'all' ? ['any'] : ['all', ...peers.map((peer) => `peer ${peer}`)];
    const older = keysOf(prefixes, meets)
      .flatMap((key) => differingIn(cells.get(key), nodes, advertisement.localPref))
      .sort((a, b) => (age.get(a) ?? 0) - (age.get(b) ?? 0))[0];
    if (older !== undefined) {
      conflicts.set(advertisement, older);
      continue;
    }
    const stands = peers === 'all' ? ['any', 'all'] : ['any', ...peers.map((peer) => `peer ${peer}`)];
    for (const key of keysOf(prefixes, stands)) {
      addTo(cells, key, nodes, advertisement);
    }
  }
  return conflicts;
}

/** Two advertisements that announce one Service differently. */
export interface LocalPrefConflict {
  readonly older: ResolvedBgpAdvertisement;
  readonly newer: ResolvedBgpAdvertisement;
  /** MetalLB's words. */
  readonly message: string;
}

/**
 * Finds two advertisements that cannot both announce a Service from one node. Where Service selectors decide, only this
 * shows; MetalLB then announces the Service by none (`conflictingAdvertisements`).
 *
 * @param advertisements - Those of the pool that are for the node and for the Service; the older first.
 * @see MetalLB `speaker/bgp_controller.go`, `checkBGPAdvConflicts`
 */
export function findServiceConflict(
  advertisements: readonly ResolvedBgpAdvertisement[],
  { ranges }: Pick<Pool, 'ranges'>,
): LocalPrefConflict | undefined {
  const families = { v4: ranges.some(({ family }) => family === 4), v6: ranges.some(({ family }) => family === 6) };
  const [found] = findLocalPrefConflicts(advertisements, families, () => ['this node']);
  if (found === undefined) {
    return undefined;
  }
  const [newer, older] = found;
  const preferences = `(${older.localPref} vs ${newer.localPref})`;
  const message = `advertisements '${older.name}' and '${newer.name}' have conflicting LOCAL_PREF ${preferences}`;
  return { older, newer, message };
}

function keysOf(prefixes: readonly string[], peers: readonly string[]): string[] {
  return prefixes.flatMap((prefix) => peers.map((peer) => `${prefix} ${peer}`));
}

/** Of each node the oldest with another LOCAL_PREF: entries stand in the order in which they were added. */
function differingIn(
  cell: Cell | undefined,
  nodes: readonly string[],
  localPref: number,
): readonly ResolvedBgpAdvertisement[] {
  const found = new Set<ResolvedBgpAdvertisement>();
  for (const node of cell === undefined ? [] : nodes) {
    for (const [other, advertisement] of cell?.get(node) ?? []) {
      if (other !== localPref) {
        found.add(advertisement);
        break;
      }
    }
  }
  return [...found];
}

function addTo(
  cells: Map<string, Cell>,
  key: string,
  nodes: readonly string[],
  advertisement: ResolvedBgpAdvertisement,
): void {
  const cell = cells.get(key) ?? new Map();
  cells.set(key, cell);
  for (const node of nodes) {
    const byPref = cell.get(node) ?? new Map();
    cell.set(node, byPref);
    if (!byPref.has(advertisement.localPref)) {
      byPref.set(advertisement.localPref, advertisement);
    }
  }
}
