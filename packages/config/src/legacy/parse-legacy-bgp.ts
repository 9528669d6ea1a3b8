import { attachBgpAdvertisements } from '../bgp/attach-bgp-advertisements.ts';
import { withoutImpossibleEcho } from '../bgp/bfd-echo.ts';
import { readBfdProfiles } from '../bgp/bfd-profile.ts';
import type { ParsedBgpAdvertisement, ResolvedBgpAdvertisement } from '../bgp/bgp-advertisement.ts';
import { readBgpAdvertisements } from '../bgp/bgp-advertisements.ts';
import type { ParsedBgpPeer } from '../bgp/bgp-peer.ts';
import { readCommunities } from '../bgp/community-aliases.ts';
import { advertisementsOutOfForce, type OutOfForce, peersOutOfForce } from '../bgp/out-of-force.ts';
import { readBgpPeers } from '../bgp/peers.ts';
import { unservedPeerFields } from '../bgp/unserved-fields.ts';
import type { NodeView } from '../configuration-input.ts';
import type { Converted } from '../migrate/convert.ts';
import { oldWords, originOf } from '../migrate/origins.ts';
import { type ApiObjects, referenceOf } from '../objects/api-object.ts';
import { objectOr, withoutNulls } from '../objects/untrusted.ts';
import type { ParsedConfig } from '../parsed-config.ts';
import type { Pool } from '../pool/pool.ts';
import { type ObjectReference, type Problem, problemOf } from '../problem/problem.ts';
import type { LegacyBgp } from './legacy-bgp.ts';

/** What BGP is to do by the old ConfigMap. */
export interface ParsedLegacyBgp {
  readonly parts: Pick<
    ParsedConfig,
    'bgpPeers' | 'bgpAdvertisements' | 'bfdProfiles' | 'communities' | 'unknownKinds' | 'outOfForce'
  >;
  /** By the name of the pool. */
  readonly byPool: ReadonlyMap<string, readonly ResolvedBgpAdvertisement[]>;
  readonly problems: readonly Problem[];
}

/**
 * Reads it with the rules of the objects, and tells in the words of the ConfigMap what is wrong with it.
 *
 * @param before - The ConfigMap until now: what is wrong in it stays as it was.
 */
export function parseLegacyBgp(
  legacy: LegacyBgp,
  configMap: ObjectReference,
  pools: readonly Pool[],
  nodes: readonly NodeView[] | undefined,
  before: ParsedConfig | undefined,
): ParsedLegacyBgp {
  const { converted } = legacy;
  const profiles = readBfdProfiles(objectsOf(converted, 'BFDProfile'), before?.bfdProfiles);
  const bfdProfiles = keep(legacy.lostNames, profiles.profiles, before?.bfdProfiles);
  const aliases = readCommunities(objectsOf(converted, 'Community'), before?.communities);
  const communities = keep(legacy.lostNames, aliases.communities, before?.communities);
  const peers = objectsOf(converted, 'BGPPeer');
  const surroundings = { secrets: undefined, bfdProfiles, bfdProfilesUnknown: false };
  const readPeers = readBgpPeers(peers, surroundings, before?.bgpPeers);
  const written = objectsOf(converted, 'BGPAdvertisement');
  const read = readBgpAdvertisements(written, communities, before?.bgpAdvertisements);
  const advertisements = [...read.advertisements, ...lostAdvertisements(legacy, before)];
  const attached = attachBgpAdvertisements(advertisements, pools, nodes);
  const known = new Map([
    ...readPeers.candidates.map(({ peer }): [string, ParsedBgpPeer] => [peer.name, peer]),
    ...lostPeers(legacy, before),
  ]);
  const announced = new Map(
    pools.map((pool) => [pool.name, { ...pool, bgpAdvertisements: attached.byPool.get(pool.name) ?? [] }]),
  );
  const checked = withoutImpossibleEcho(known, announced);
  const problems = [
    ...profiles.problems,
    ...aliases.problems,
    ...readPeers.problems,
    ...read.problems,
    ...attached.problems,
    ...checked.problems,
    ...peers.named.flatMap(unservedPeerFields),
  ];
  return {
    parts: {
      bgpPeers: new Map([...checked.peers].map(([name, peer]) => [name, { ...peer, object: configMap }])),
      bgpAdvertisements: advertisements.map((advertisement) => ({ ...advertisement, object: configMap })),
      bfdProfiles,
      communities,
      unknownKinds: new Set(legacy.lostPeers === 'all' ? ['BGPPeer'] : []),
      outOfForce: {
        bgpPeers: new Set([...peersOutOfForce(peers, checked.peers), ...lostNamesOf(legacy, checked.peers)]),
        bgpAdvertisements: new Map([
          ...advertisementsOutOfForce(written, advertisements, pools),
          ...lostWithoutBefore(legacy, advertisements),
        ]),
      },
    },
    byPool: attached.byPool,
    problems: [...legacy.problems, ...problems.map((problem) => inOldWords(problem, converted, configMap))],
  };
}

function keep<Value>(
  lost: boolean,
  now: ReadonlyMap<string, Value>,
  then: ReadonlyMap<string, Value> | undefined,
): ReadonlyMap<string, Value> {
  return lost && then !== undefined ? new Map([...then, ...now]) : now;
}

function lostPeers(
  { lostPeers: lost }: LegacyBgp,
  before: ParsedConfig | undefined,
): readonly [string, ParsedBgpPeer][] {
  return [...(before?.bgpPeers ?? [])].filter(([name]) => lost === 'all' || lost.has(name));
}

function lostAdvertisements(
  { lostAdvertisements: lost }: LegacyBgp,
  before: ParsedConfig | undefined,
): readonly ParsedBgpAdvertisement[] {
  return (before?.bgpAdvertisements ?? []).filter(({ resolved, poolNames }) =>
    lost.some(({ pool, name }) => poolNames.has(pool) && (name === undefined || name === resolved.name)),
  );
}

/** Those that could not be read, and were not there before. */
function lostNamesOf({ lostPeers: lost }: LegacyBgp, inForce: ReadonlyMap<string, unknown>): readonly string[] {
  return lost === 'all' ? [] : [...lost].filter((name) => !inForce.has(name));
}

/** Advertisements of a pool that could not be read, and were not there before. */
function lostWithoutBefore(
  { lostAdvertisements: lost }: LegacyBgp,
  inForce: readonly ParsedBgpAdvertisement[],
): OutOfForce['bgpAdvertisements'] {
  const isThere = (pool: string, name: string | undefined): boolean =>
    inForce.some(({ resolved, poolNames }) => poolNames.has(pool) && (name === undefined || name === resolved.name));
  const missing = lost.filter(({ pool, name }) => !isThere(pool, name));
  return new Map(missing.map(({ pool, name }) => [name ?? `bgp-advertisements of ${pool}`, new Set([pool])]));
}

/** In the sequence of the document, where what comes first stands. */
function objectsOf(converted: readonly Converted[], kind: string): ApiObjects {
  const objects = converted
    .filter(({ object }) => object.kind === kind)
    .map(({ object }) => ({
      reference: referenceOf(kind, objectOr(object)),
      labels: new Map<string, string>(),
      spec: withoutNulls(object.spec),
    }));
  return {
    named: objects.filter(({ reference }) => reference.name !== ''),
    nameless: objects.filter(({ reference }) => reference.name === ''),
    lost: false,
  };
}

/** A problem with an object as one with the part of the ConfigMap that it stands for. */
function inOldWords(problem: Problem, converted: readonly Converted[], configMap: ObjectReference): Problem {
  const { severity, code, object, message, remedy, scopes, refusedByMetalLb, transient, value } = problem;
  const prefix = `${object.kind}/${object.name}${problem.field === '' ? '' : ` ${problem.field}`}: `;
  const told = problemOf(configMap, {
    severity,
    field: originOf(problem, converted),
    value: null,
    code,
    message: message.startsWith(prefix) ? message.slice(prefix.length) : message,
    remedy: oldWords(remedy),
    scopes,
    refusedByMetalLb,
    ...(transient === undefined ? {} : { transient }),
  });
  return { ...told, value };
}
