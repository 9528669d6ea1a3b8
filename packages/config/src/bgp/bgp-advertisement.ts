import { goQuote } from '@steelyard/ipam';
import { readAdvertisementTarget, reportDuplicate } from '../advertisement/target.ts';
import { listOr, objectOr, textsOf, type UntrustedObject } from '../objects/untrusted.ts';
import { type Finding, type ObjectReference, type Problem, problemOf } from '../problem/problem.ts';
import { createSpecChecker } from '../problem/schema-problems.ts';
import { bgpAdvertisementDefinition } from '../schema/bgp-advertisement.ts';
import type { ParsedLabelSelector } from '../selectors/label-selector.ts';
import { type BgpCommunity, parseCommunity, sortedCommunities } from './community.ts';

/** A BGPAdvertisement, checked. */
export interface ResolvedBgpAdvertisement {
  readonly name: string;
  /** The prefix length that an IPv4 address is announced with. */
  readonly aggregationLength: number;
  /** The prefix length that an IPv6 address is announced with. */
  readonly aggregationLengthV6: number;
  /** LOCAL_PREF towards internal peers; 0 where none was given. */
  readonly localPref: number;
  /** Each once, in MetalLB's sequence. */
  readonly communities: readonly BgpCommunity[];
  /** Names of BGPPeers, of which some may not exist. */
  readonly peers: readonly string[] | 'all';
  /** One must match the node's labels; empty takes all nodes. */
  readonly nodeSelectors: readonly ParsedLabelSelector[];
  /** One must match the Service's labels; empty takes all Services. */
  readonly serviceSelectors: readonly ParsedLabelSelector[];
}

/** A BGPAdvertisement with the pools that it is for. */
export interface ParsedBgpAdvertisement {
  readonly resolved: ResolvedBgpAdvertisement;
  readonly object: ObjectReference;
  readonly poolNames: ReadonlySet<string>;
  readonly poolSelectors: readonly ParsedLabelSelector[];
  /** The first error in the object. */
  readonly invalid?: Problem | undefined;
}

/** Whether an advertisement is for a peer. */
export function advertisesToPeer({ peers }: Pick<ResolvedBgpAdvertisement, 'peers'>, peerName: string): boolean {
  return peers === 'all' || peers.includes(peerName);
}

/** The outcome of `readBgpAdvertisement`. */
export interface ReadBgpAdvertisement {
  /** `undefined` if it is out of force. */
  readonly advertisement?: ParsedBgpAdvertisement | undefined;
  readonly problems: readonly Problem[];
}

const checkSpec = createSpecChecker(bgpAdvertisementDefinition.spec);
const MAX_LOCAL_PREF = 0xffff_ffff;

/**
 * Reads one BGPAdvertisement.
 *
 * What is written twice is taken once. If anything else is wrong with it, `previous`, the same object when nothing was,
 * stays in force; without one it is out of force. A route without the community that it should carry may go too far.
 *
 * @see MetalLB `internal/config/config.go`, `bgpAdvertisementFromCR`
 */
export function readBgpAdvertisement(
  object: ObjectReference,
  specValue: unknown,
  aliases: ReadonlyMap<string, BgpCommunity>,
  previous: ParsedBgpAdvertisement | undefined,
): ReadBgpAdvertisement {
  const spec = objectOr(specValue);
  const problems: Problem[] = [];
  let readable = true;
  const report = (finding: Finding): void => {
    problems.push(problemOf(object, finding));
    readable &&= finding.severity === 'warning' || finding.code === 'ERR_CONFIG_DUPLICATE_DEFINITION';
  };
  checkSpec(specValue).forEach(report);
  const target = readAdvertisementTarget(object.name, spec, report);
  reportDuplicate(spec, 'communities', 'community', report);
  reportDuplicate(spec, 'peers', 'peers', report);
  const lengths = readAggregationLengths(spec, object.name, report);
  const localPref = readLocalPref(spec, report);
  const communities = readCommunitiesOf(spec, aliases, report);
  const peers = [...new Set(textsOf(spec['peers']))];
  const invalid = problems.find(({ severity }) => severity === 'error');
  if (!readable) {
    return { advertisement: previous && { ...previous, invalid }, problems };
  }
  const resolved: ResolvedBgpAdvertisement = {
    name: object.name,
    ...lengths,
    localPref,
    communities,
    peers: peers.length === 0 ? 'all' : peers,
    nodeSelectors: target.nodeSelectors,
    serviceSelectors: target.serviceSelectors,
  };
  const { poolNames, poolSelectors } = target;
  return { advertisement: { object, poolNames, poolSelectors, resolved, invalid }, problems };
}

function readAggregationLengths(
  spec: UntrustedObject,
  name: string,
  report: (finding: Finding) => void,
): Pick<ResolvedBgpAdvertisement, 'aggregationLength' | 'aggregationLengthV6'> {
  const read = (field: 'aggregationLength' | 'aggregationLengthV6', most: number, family: string): number => {
    const value = spec[field] ?? most;
    if (!Number.isInteger(value)) {
      return most; // the schema's finding says so already
    }
    const length = Number(value);
    if (length > most || length < 0) {
      report({
        field: `spec.${field}`,
        value,
        code: 'ERR_CONFIG_INVALID_VALUE',
        message: `invalid aggregation length ${length} for ${family}`,
        remedy: `write a prefix length of at most ${most}`,
        refusedByMetalLb: length > most,
      });
    }
    if (length !== most && listOr(spec['serviceSelectors']).length > 0) {
      report({
        field: `spec.${field}`,
        value,
        code: 'ERR_CONFIG_EXCLUSIVE',
        message: `serviceSelectors and ${field} are mutually exclusive, both cannot be set in ${name}`,
        remedy: `remove ${field}, or serviceSelectors: other Services may have addresses of the same prefix`,
      });
    }
    return length;
  };
  return {
    aggregationLength: read('aggregationLength', 32, 'IPv4'),
    aggregationLengthV6: read('aggregationLengthV6', 128, 'IPv6'),
  };
}

function readLocalPref(spec: UntrustedObject, report: (finding: Finding) => void): number {
  const value = spec['localPref'] ?? 0;
  if (!Number.isInteger(value)) {
    return 0; // the schema's finding says so already
  }
  const localPref = Number(value);
  if (localPref < 0 || localPref > MAX_LOCAL_PREF) {
    report({
      field: 'spec.localPref',
      value,
      code: 'ERR_CONFIG_INVALID_VALUE',
      message: `cannot unmarshal number ${localPref} into Go struct field BGPAdvertisementSpec.spec.localPref of type uint32`,
      remedy: `write a number from 0 to ${MAX_LOCAL_PREF}`,
    });
  }
  return localPref;
}

function readCommunitiesOf(
  spec: UntrustedObject,
  aliases: ReadonlyMap<string, BgpCommunity>,
  report: (finding: Finding) => void,
): readonly BgpCommunity[] {
  const communities: BgpCommunity[] = [];
  for (const [i, text] of listOr(spec['communities']).entries()) {
    if (typeof text !== 'string') {
      continue; // the schema's finding says so already
    }
    const alias = aliases.get(text);
    const literal = alias === undefined ? parseCommunity(text) : { ok: true as const, value: alias };
    if (literal.ok) {
      communities.push(literal.value);
      continue;
    }
    const mayBeAlias = literal.failure.kind === 'format';
    report({
      field: `spec.communities[${i}]`,
      value: text,
      code: mayBeAlias ? 'ERR_CONFIG_UNKNOWN_REFERENCE' : 'ERR_CONFIG_INVALID_COMMUNITY',
      message: `${literal.failure.message}: invalid community ${goQuote(text.slice(0, 256))} in BGP advertisement`,
      remedy: mayBeAlias
        ? 'define the alias in a Community, or write 64512:100 or large:64512:100:1'
        : 'write 64512:100 or large:64512:100:1',
      ...(mayBeAlias && { transient: true }),
    });
  }
  return sortedCommunities(communities);
}
