import type { ObjectReference, Problem } from '../problem/problem.ts';
import type { ParsedLabelSelector } from '../selectors/label-selector.ts';
import type { BgpCommunity } from './community.ts';

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
