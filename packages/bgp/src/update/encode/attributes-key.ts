import type { RouteAttributes } from '../route.ts';
import { checkAttributes } from './check-attributes.ts';
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
  checkAttributes(attributes);
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
