import { attachToPools } from '../advertisement/attach.ts';
import { readAdvertisementTarget } from '../advertisement/target.ts';
import type { ApiObject, ApiObjects } from '../objects/api-object.ts';
import { objectOr } from '../objects/untrusted.ts';
import type { Pool } from '../pool/pool.ts';
import type { ParsedBgpAdvertisement } from './bgp-advertisement.ts';

/**
 * What is written for BGP and not in force, because something in it is wrong and nothing is known of how it was before.
 * Whoever announced by it before this configuration was read goes on until it is mended, or gone.
 */
export interface OutOfForce {
  /** Names of BGPPeers. */
  readonly bgpPeers: ReadonlySet<string>;
  /** By name, the names of the pools that a BGPAdvertisement is for; `all` where that cannot be told. */
  readonly bgpAdvertisements: ReadonlyMap<string, ReadonlySet<string> | 'all'>;
}

export const NOTHING_OUT_OF_FORCE: OutOfForce = { bgpPeers: new Set(), bgpAdvertisements: new Map() };

/** Finds the peers that are written and not in force. */
export function peersOutOfForce(written: ApiObjects, inForce: ReadonlyMap<string, unknown>): ReadonlySet<string> {
  return new Set(written.named.map(({ reference }) => reference.name).filter((name) => !inForce.has(name)));
}

/** Finds the advertisements that are written and not in force, and the pools of each. */
export function advertisementsOutOfForce(
  written: ApiObjects,
  inForce: readonly ParsedBgpAdvertisement[],
  pools: readonly Pool[],
): OutOfForce['bgpAdvertisements'] {
  const names = new Set(inForce.map(({ resolved }) => resolved.name));
  const missing = written.named.filter(({ reference }) => !names.has(reference.name));
  return new Map(missing.map((object) => [object.reference.name, poolsOf(object, pools)]));
}

function poolsOf({ reference, spec }: ApiObject, pools: readonly Pool[]): ReadonlySet<string> | 'all' {
  const fields = objectOr(spec);
  const { ipAddressPools, ipAddressPoolSelectors } = fields;
  let readable =
    fields === spec && isListOf(ipAddressPools, (name) => typeof name === 'string') && isListOf(ipAddressPoolSelectors);
  const target = readAdvertisementTarget(reference.name, fields, ({ code, field }) => {
    // Which nodes and Services it is for is nothing that follows from here.
    readable &&= code === 'ERR_CONFIG_DUPLICATE_DEFINITION' || !field.startsWith('spec.ipAddressPool');
  });
  if (!readable) {
    return 'all';
  }
  const attached = attachToPools([{ ...target, object: reference }], pools);
  return new Set([...attached].filter(([, own]) => own.length > 0).map(([name]) => name));
}

function isListOf(value: unknown, is: (item: unknown) => boolean = () => true): boolean {
  return value === undefined || (Array.isArray(value) && value.every(is));
}
