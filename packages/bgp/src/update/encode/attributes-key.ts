import { isIpAddress } from '@steelyard/wire';
import type { RouteAttributes } from '../route.ts';
import { distinctCommunities, distinctExtendedCommunities, distinctLargeCommunities } from './communities.ts';

/** What makes attributes the same, however they are written. */
export interface AttributesKey {
  /** All but LOCAL_PREF: what an external peer can tell apart. */
  readonly external: string;
  /** LOCAL_PREF, and the rest. */
  readonly internal: string;
}

/** Attributes objects are read once, whoever hands them in and to how many peers they go. */
const keys = new WeakMap<RouteAttributes, AttributesKey>();

/**
 * The key of attributes: equal for those that make the same octets in every session.
 *
 * @throws TypeError or RangeError for attributes that no message can carry.
 */
export function attributesKey(attributes: RouteAttributes): AttributesKey {
  const known = keys.get(attributes);
  if (known !== undefined) return known;
  check(attributes);
  const { aggregator } = attributes;
  const external = [
    attributes.origin ?? 'igp',
    attributes.asPath?.join(' ') ?? '',
    attributes.nextHop ?? '',
    attributes.med ?? '',
    attributes.atomicAggregate === true ? 'atomic' : '',
    aggregator === undefined ? '' : `${aggregator.asn} ${aggregator.address}`,
    distinctCommunities(attributes.communities).join(' '),
    distinctExtendedCommunities(attributes.extendedCommunities).join(' '),
    distinctLargeCommunities(attributes.largeCommunities)
      .map((large) => `${large.globalAdministrator}:${large.localData1}:${large.localData2}`)
      .join(' '),
  ].join('|');
  const key = { external, internal: `${attributes.localPref ?? 100}|${external}` };
  keys.set(attributes, key);
  return key;
}

const MAX_UINT32 = 0xffff_ffff;

function checkUint32(name: string, value: number, minimum = 0): void {
  if (!Number.isInteger(value) || value < minimum || value > MAX_UINT32) {
    throw new RangeError(`${name} is no integer from ${minimum} to ${MAX_UINT32}: ${JSON.stringify(value)}`);
  }
}

function check(attributes: RouteAttributes): void {
  const { origin = 'igp', nextHop, med, localPref, aggregator } = attributes;
  if (origin !== 'igp' && origin !== 'egp' && origin !== 'incomplete') {
    throw new TypeError(`no origin: ${JSON.stringify(origin)}`);
  }
  // RFC 7607: AS 0 is in no path.
  for (const asn of attributes.asPath ?? []) checkUint32('an AS number of asPath', asn, 1);
  if (nextHop !== undefined && !isIpAddress(nextHop)) {
    throw new TypeError(`nextHop is no IP address: ${JSON.stringify(nextHop)}`);
  }
  if (med !== undefined) checkUint32('med', med);
  if (localPref !== undefined) checkUint32('localPref', localPref);
  if (aggregator !== undefined) {
    checkUint32('the AS number of aggregator', aggregator.asn, 1);
    if (aggregator.address.includes(':') || !isIpAddress(aggregator.address)) {
      throw new TypeError(`the address of aggregator is no IPv4 address: ${JSON.stringify(aggregator.address)}`);
    }
  }
  for (const community of attributes.communities ?? []) checkUint32('a community', community);
  for (const { globalAdministrator, localData1, localData2 } of attributes.largeCommunities ?? []) {
    for (const part of [globalAdministrator, localData1, localData2]) checkUint32('a part of a large community', part);
  }
  for (const community of attributes.extendedCommunities ?? []) {
    if (!(community instanceof Uint8Array) || community.length !== 8) {
      throw new RangeError(`an extended community has 8 octets, got ${community.length}`);
    }
  }
}
