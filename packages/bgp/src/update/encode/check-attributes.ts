import { isIpAddress } from '@steelyard/wire';
import type { RouteAttributes } from '../route.ts';

const MAX_UINT32 = 0xffff_ffff;

function checkUint32(name: string, value: number, minimum = 0): void {
  if (!Number.isInteger(value) || value < minimum || value > MAX_UINT32) {
    throw new RangeError(`${name} is no integer from ${minimum} to ${MAX_UINT32}: ${JSON.stringify(value)}`);
  }
}

/**
 * Lets attributes pass that some message can carry.
 *
 * @throws TypeError or RangeError for others.
 */
export function checkAttributes(attributes: RouteAttributes): void {
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
