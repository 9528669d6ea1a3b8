import { type Converted, convertPeer } from '../migrate/convert.ts';
import { bfdProfile, bgpAdvertisement, community } from '../migrate/objects.ts';
import { type Finding, type ObjectReference, type Problem, problemOf } from '../problem/problem.ts';
import { type LegacyAddressPool, type LegacyDocument, legacyDocument } from './legacy-document.ts';
import type { YamlNode } from './yaml-tree.ts';

/** What the old ConfigMap says of BGP, as objects that say the same, by the names that migrating gives them. */
export interface LegacyBgp {
  /** BGPPeers, BGPAdvertisements, BFDProfiles and a Community, in the sequence of the document. */
  readonly converted: readonly Converted[];
  readonly problems: readonly Problem[];
  /** Names of peers that were written and could not be read; `all` where that is the list of them. */
  readonly lostPeers: ReadonlySet<string> | 'all';
  /** Names of pools that have an advertisement which could not be read, in each case with its name; `undefined` for all of them. */
  readonly lostAdvertisements: readonly { readonly pool: string; readonly name: string | undefined }[];
  /** Aliases or BFD profiles were written that could not be read. */
  readonly lostNames: boolean;
}

export const NO_LEGACY_BGP: LegacyBgp = {
  converted: [],
  problems: [],
  lostPeers: 'all',
  lostAdvertisements: [],
  lostNames: true,
};

/** The parts of the document that are read here; of the pools only their advertisements. */
const BGP_PART = /^(peers|bgp-communities|bfd-profiles)\b|^address-pools\[\d+\]\.bgp-advertisements\b/;

/**
 * Reads what the document says of BGP. One entry that is wrong is left out, and the others stand.
 *
 * @param root - The document.
 * @param object - The ConfigMap, for the problems.
 * @see MetalLB v0.12 `internal/config/config.go`
 */
export function readLegacyBgp(root: YamlNode, object: ObjectReference): LegacyBgp {
  const findings: Finding[] = [];
  const report = (finding: Finding): void => {
    if (BGP_PART.test(finding.field)) findings.push(finding);
  };
  const document = legacyDocument.read(root, '', report) ?? {};
  const { namespace } = object;
  const written = (document.peers ?? []).map((peer, i) =>
    convertPeer(peer ?? {}, i, namespace, report, (profile) => profile),
  );
  const advertisements = advertisementsOf(document, namespace);
  const profiles = (document['bfd-profiles'] ?? []).map(
    (profile, i): Converted => ({
      object: bfdProfile(profile ?? {}, { name: profile?.name ?? '', namespace }),
      origin: `bfd-profiles[${i}]`,
    }),
  );
  const aliases = document['bgp-communities'] ?? new Map<string, string>();
  const communities: readonly Converted[] =
    aliases.size === 0
      ? []
      : [{ object: community(aliases, { name: 'communities', namespace }), origin: 'bgp-communities' }];

  const errors = findings.filter(({ severity = 'error' }) => severity === 'error').map(({ field }) => field);
  const isLost = ({ origin }: { readonly origin: string }): boolean =>
    errors.some((field) => field === origin || field.startsWith(`${origin}.`));
  const isWhole = (part: { readonly origin: string }): boolean => !isLost(part);
  return {
    converted: [
      ...written.filter(isWhole),
      ...advertisements.filter(isWhole).flatMap(({ converted }) => converted ?? []),
      ...profiles.filter(isWhole),
      ...communities,
    ],
    problems: findings
      .filter(({ code }) => code !== 'ERR_CONFIG_UNKNOWN_KEY') // told with those of the rest of the document
      .map((finding) => problemOf(object, { ...finding, scopes: ['speaker'] })), // nobody else reads BGPPeers
    lostPeers: errors.includes('peers')
      ? 'all'
      : new Set(written.filter(isLost).map((peer) => peer.object.metadata.name)),
    lostAdvertisements: advertisements
      .filter(isLost)
      .map(({ pool, converted }) => ({ pool, name: converted?.object.metadata.name })),
    lostNames: errors.some((field) => /^(bgp-communities|bfd-profiles)\b/.test(field)),
  };
}

interface PoolAdvertisement {
  readonly pool: string;
  readonly origin: string;
  /** Undefined for the list itself. */
  readonly converted: Converted | undefined;
}

/** The advertisements of the pools whose protocol is BGP: those that are written, else one without anything in it. */
function advertisementsOf(document: LegacyDocument, namespace: string): readonly PoolAdvertisement[] {
  let count = 0;
  return (document['address-pools'] ?? []).flatMap((given, i): PoolAdvertisement[] => {
    const pool: LegacyAddressPool = given ?? {};
    const { name = '', protocol } = pool;
    const origin = `address-pools[${i}]`;
    const list = pool['bgp-advertisements'] ?? [];
    const entries = list.length === 0 && protocol === 'bgp' ? [undefined] : list;
    const each = entries.map((entry, j): PoolAdvertisement => {
      const object = bgpAdvertisement(entry ?? {}, name, { name: `bgpadvertisement${++count}`, namespace });
      const at = list.length === 0 ? origin : `${origin}.bgp-advertisements[${j}]`;
      return { pool: name, origin: at, converted: { object, origin: at } };
    });
    if (protocol !== 'bgp' || name === '') return []; // numbered all the same, as the converter does
    // What stands for a list that cannot be read would announce too much.
    return [{ pool: name, origin: `${origin}.bgp-advertisements`, converted: undefined }, ...each];
  });
}
