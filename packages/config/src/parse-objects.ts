import { unknownPools } from './advertisement/attach.ts';
import { selectsNode } from './advertisement/reach.ts';
import { attachBgpAdvertisements } from './bgp/attach-bgp-advertisements.ts';
import { withoutImpossibleEcho } from './bgp/bfd-echo.ts';
import { readBfdProfiles } from './bgp/bfd-profile.ts';
import { readBgpAdvertisements } from './bgp/bgp-advertisements.ts';
import { readCommunities } from './bgp/community-aliases.ts';
import { advertisementsOutOfForce, peersOutOfForce } from './bgp/out-of-force.ts';
import { indexSecrets } from './bgp/peer-password.ts';
import { readBgpPeers } from './bgp/peers.ts';
import { unservedPeerFields } from './bgp/unserved-fields.ts';
import type { ConfigurationInput, NodeView } from './configuration-input.ts';
import { judgeFrrPeers } from './implementation-rules/frr.ts';
import { nativeProblems } from './implementation-rules/native.ts';
import { attachL2Advertisements } from './layer2/l2-advertisement.ts';
import { readL2Advertisements } from './layer2/l2-advertisements.ts';
import { type ApiObject, type ApiObjects, readObjects } from './objects/api-object.ts';
import { listOr, objectOr } from './objects/untrusted.ts';
import type { ParsedConfig } from './parsed-config.ts';
import { buildPools } from './pool/build-pools.ts';
import type { Pool } from './pool/pool.ts';
import { missingName, poolSource } from './pool/pool-source.ts';
import type { Problem } from './problem/problem.ts';
import { parseLabelSelector } from './selectors/label-selector.ts';

/** What was made of the objects of `metallb.io`. */
export interface ParsedObjects {
  readonly parts: Pick<ParsedConfig, 'completeness'> & Partial<ParsedConfig>;
  readonly problems: readonly Problem[];
}

/**
 * Parses the objects of `metallb.io`. What is wrong takes the smallest part that holds it out of force; a kind whose list
 * failed stays as it was.
 *
 * @param previous - What was in force until now.
 */
export function parseObjects(input: ConfigurationInput, previous: ParsedConfig | undefined): ParsedObjects {
  const { nodes, parity = false, bgpType = 'native', unknownKinds = new Set<string>() } = input;
  const before = previous?.completeness === 'unknown' ? undefined : previous;
  const pools = readObjects('IPAddressPool', input.ipAddressPools);
  const peers = aimedAtNode(readObjects('BGPPeer', input.bgpPeers ?? []), input);
  const bgp = aimedAtNode(readObjects('BGPAdvertisement', input.bgpAdvertisements ?? []), input);
  const profiles = readObjects('BFDProfile', input.bfdProfiles ?? []);
  const communities = readObjects('Community', input.communities ?? []);
  const keepUnknown = <Value>(
    kind: string,
    now: ReadonlyMap<string, Value>,
    then: ReadonlyMap<string, Value> | undefined,
  ): ReadonlyMap<string, Value> => (unknownKinds.has(kind) && then !== undefined ? new Map([...then, ...now]) : now);

  const readProfiles = readBfdProfiles(profiles, before?.bfdProfiles);
  const bfdProfiles = keepUnknown('BFDProfile', readProfiles.profiles, before?.bfdProfiles);
  const readAliases = readCommunities(communities, before?.communities);
  const aliases = keepUnknown('Community', readAliases.communities, before?.communities);
  const surroundings = {
    secrets: indexSecrets(input.secrets),
    bfdProfiles,
    bfdProfilesUnknown: unknownKinds.has('BFDProfile'),
  };
  const readPeers = readBgpPeers(peers, surroundings, before?.bgpPeers);
  const judgedPeers =
    bgpType === 'frr' || bgpType === 'frr-k8s'
      ? judgeFrrPeers(readPeers.candidates, nodes)
      : { peers: new Map(readPeers.candidates.map(({ peer }) => [peer.name, peer])), problems: [] };
  const knownPeers = keepUnknown('BGPPeer', judgedPeers.peers, before?.bgpPeers);

  const built = buildPools(pools.named.map(poolSource), {
    namespaces: input.namespaces,
    kept: unknownKinds.has('IPAddressPool') ? [...(before?.pools.values() ?? [])] : [],
    parity,
  });
  const readL2 = readL2Advertisements(readObjects('L2Advertisement', input.l2Advertisements), before?.l2Advertisements);
  const l2Advertisements = [
    ...readL2.advertisements,
    ...absentIn(readL2.advertisements, unknownKinds.has('L2Advertisement') ? before?.l2Advertisements : []),
  ];
  const readBgp = readBgpAdvertisements(bgp, aliases, before?.bgpAdvertisements);
  const bgpAdvertisements = [
    ...readBgp.advertisements,
    ...absentIn(readBgp.advertisements, unknownKinds.has('BGPAdvertisement') ? before?.bgpAdvertisements : []),
  ];
  const drafts = [...built.pools.values()];
  const attachedL2 = attachL2Advertisements(l2Advertisements, drafts);
  const attachedBgp = attachBgpAdvertisements(bgpAdvertisements, drafts, nodes);
  const announced = new Map(
    drafts.map((pool): [string, Pool] => [
      pool.name,
      {
        ...pool,
        l2Advertisements: attachedL2.get(pool.name) ?? [],
        bgpAdvertisements: attachedBgp.byPool.get(pool.name) ?? [],
      },
    ]),
  );
  const checked = withoutImpossibleEcho(knownPeers, announced);
  const native = { peers: peers.named, bfdProfiles: profiles.named, bgpAdvertisements: bgp.named };

  const problems = [
    readProfiles.problems,
    readAliases.problems,
    readPeers.problems,
    judgedPeers.problems,
    pools.nameless.map(missingName),
    built.problems,
    readL2.problems,
    readBgp.problems,
    attachedBgp.problems,
    unknownKinds.has('IPAddressPool') ? [] : unknownPools([...l2Advertisements, ...bgpAdvertisements], announced),
    checked.problems,
    bgpType === 'native'
      ? nativeProblems(
          { ...native, communities: communities.named, parsedAdvertisements: bgpAdvertisements, pools: announced },
          parity,
        )
      : [],
    peers.named.flatMap(unservedPeerFields),
  ].flat();

  // Of a kind that could not be listed and of which nothing was known before, nothing is known now.
  const blind = (kind: string): boolean => unknownKinds.has(kind) && before === undefined;
  if (blind('IPAddressPool') || (input.reader !== 'controller' && blind('L2Advertisement'))) {
    return { parts: { completeness: 'unknown', unknownKinds }, problems };
  }
  const lost = built.lostPools || pools.lost || pools.nameless.length > 0 || unknownKinds.has('IPAddressPool');
  const partial = lost || drafts.some((pool) => pool.incomplete);
  return {
    parts: {
      completeness: partial ? 'partial' : 'complete',
      pools: announced,
      l2Advertisements,
      bgpPeers: checked.peers,
      bgpAdvertisements,
      bfdProfiles,
      communities: aliases,
      unknownKinds,
      outOfForce: {
        bgpPeers: peersOutOfForce(peers, checked.peers),
        bgpAdvertisements: advertisementsOutOfForce(bgp, bgpAdvertisements, drafts),
      },
    },
    problems,
  };
}

/** The advertisements of `before` that have no successor of the same name. */
function absentIn<T extends { readonly resolved: { readonly name: string } }>(
  now: readonly T[],
  before: readonly T[] | undefined,
): readonly T[] {
  const names = new Set(now.map(({ resolved }) => resolved.name));
  return (before ?? []).filter(({ resolved }) => !names.has(resolved.name));
}

/**
 * What is for the speaker's own node. An object whose selectors cannot be read may be.
 *
 * @see MetalLB `internal/k8s/controllers/config_controller.go`, `filterByNode`
 */
function aimedAtNode(objects: ApiObjects, { reader = 'speaker', nodeName, nodes }: ConfigurationInput): ApiObjects {
  const node = reader === 'speaker' ? nodes?.find(({ name }) => name === nodeName) : undefined;
  return node === undefined ? objects : { ...objects, named: objects.named.filter((object) => isFor(object, node)) };
}

function isFor({ spec }: ApiObject, { labels }: NodeView): boolean {
  const written = objectOr(spec)['nodeSelectors'];
  const parsed = listOr(written).map((selector) => parseLabelSelector(selector ?? {}));
  const nodeSelectors = parsed.flatMap((outcome) => (outcome.ok ? [outcome.value] : []));
  const readable = nodeSelectors.length === parsed.length && (written === undefined || Array.isArray(written));
  return !readable || selectsNode({ nodeSelectors }, labels);
}
