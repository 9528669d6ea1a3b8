import type { BgpPath, BgpPeerEntry, BgpRouteEntry } from '@steelyard/announce';
import { type Decoded, decoded, failed } from '@steelyard/wire';
import {
  all,
  type ControlMessageCode,
  checkLength,
  type Fields,
  isAddress,
  isCount,
  isFields,
  isText,
  shown,
} from './checks.ts';
import { MAX_BGP_PATHS, MAX_BGP_PEERS } from './messages.ts';

const MAX_NAME_CHARACTERS = 253;
const MAX_SERVICES_OF_A_PREFIX = 200_000;
/** As much as an API object can hold. What no session can have is that session's matter, and stops nothing else. */
const MAX_SETTING = 2_000_000;
const MAX_ASN = 0xffff_ffff;
/** What `Number` makes of the part behind the slash, and of nothing else. */
const PREFIX_LENGTH = /^(?:0|[1-9]\d{0,2})$/;

const isUint32 = (value: unknown): value is number => isCount(value) && value <= 0xffff_ffff;
const isName = (value: unknown): value is string => isText(value, MAX_NAME_CHARACTERS);
const isOptional = (value: unknown, is: (value: unknown) => boolean): boolean => value === undefined || is(value);

/** Only the form: that no host bits are set is checked where it is used. */
function isPrefix(value: unknown): value is string {
  if (!isText(value, 64)) return false;
  const [address, length, ...rest] = value.split('/', 3);
  if (rest.length > 0 || length === undefined || !PREFIX_LENGTH.test(length) || !isAddress(address)) return false;
  return Number(length) <= (address.includes(':') ? 128 : 32);
}

/** Checks routes that came over the port. */
export function decodeRoutes(value: unknown): Decoded<readonly BgpRouteEntry[], ControlMessageCode> {
  const items = checkLength(value);
  if (!items.ok) return items;
  // Routes of one message share their paths, and structured cloning keeps them one object.
  const knownPaths = new Set<unknown>();
  for (const [at, item] of items.value.entries()) {
    if (isRoute(item, knownPaths)) continue;
    const which = isFields(item) ? shown(item['prefix']) : shown(item);
    return failed('ERR_SPEAKER_WIRE_INVALID_ENTRY', at, `route ${at} is none: ${which}`);
  }
  return decoded(items.value as readonly BgpRouteEntry[]);
}

function isRoute(value: unknown, knownPaths: Set<unknown>): value is BgpRouteEntry {
  if (!isFields(value)) return false;
  const { prefix, serviceKeys, paths } = value;
  if (!(isPrefix(prefix) && Array.isArray(serviceKeys) && Array.isArray(paths))) return false;
  if (serviceKeys.length > MAX_SERVICES_OF_A_PREFIX || paths.length > MAX_BGP_PATHS) return false;
  // An aggregate has thousands of them, and they are names in reports, nothing more.
  if (!all(serviceKeys, (key) => typeof key === 'string')) return false;
  return all(paths, (path) => {
    if (knownPaths.has(path)) return true;
    knownPaths.add(path);
    return isPath(path);
  });
}

function isPath(value: unknown): value is BgpPath {
  if (!isFields(value)) return false;
  const { peers, localPref, communities, largeCommunities } = value;
  return (
    isListOf(peers, MAX_BGP_PEERS, isName) &&
    isOptional(localPref, isUint32) &&
    isListOf(communities, MAX_SETTING, isUint32) &&
    isListOf(
      largeCommunities,
      MAX_SETTING,
      (one) =>
        isFields(one) &&
        isUint32(one['globalAdministrator']) &&
        isUint32(one['localData1']) &&
        isUint32(one['localData2']),
    )
  );
}

function isListOf(value: unknown, maximum: number, is: (value: unknown) => boolean): boolean {
  return Array.isArray(value) && value.length <= maximum && all(value, is);
}

/** Checks prefixes that came over the port. */
export function decodePrefixes(value: unknown): Decoded<readonly string[], ControlMessageCode> {
  const items = checkLength(value);
  if (!items.ok) return items;
  const wrong = items.value.findIndex((item) => !isPrefix(item));
  if (wrong < 0) return decoded(items.value as readonly string[]);
  return failed('ERR_SPEAKER_WIRE_INVALID_ENTRY', wrong, `removal ${wrong} is no prefix`);
}

/** Checks peers that came over the port. What is said of one that is none has nothing of it but its name. */
export function decodePeerEntries(value: unknown): Decoded<readonly BgpPeerEntry[], ControlMessageCode> {
  const items = checkLength(value, MAX_BGP_PEERS);
  if (!items.ok) return items;
  const names = new Set<unknown>();
  for (const [at, item] of items.value.entries()) {
    if (isFields(item) && isPeerEntry(item) && !names.has(item['name'])) {
      names.add(item['name']);
      continue;
    }
    const which = isFields(item) ? shown(item['name']) : shown(item);
    return failed('ERR_SPEAKER_WIRE_INVALID_ENTRY', at, `peer ${at} is none: ${which}`);
  }
  return decoded(items.value as readonly BgpPeerEntry[]);
}

function isPeerEntry(value: Fields): boolean {
  const { name, peerAddress, peerPort, localAsn, peerAsn, sourceAddress, routerId, password, families } = value;
  const isAsn = (asn: unknown): boolean => isCount(asn) && asn > 0 && asn <= MAX_ASN;
  return (
    isName(name) &&
    isAddress(peerAddress) &&
    isCount(peerPort) &&
    peerPort > 0 &&
    peerPort <= 65_535 &&
    isAsn(localAsn) &&
    (peerAsn === 'internal' || peerAsn === 'external' || isAsn(peerAsn)) &&
    isOptional(sourceAddress, isAddress) &&
    isOptional(routerId, isAddress) &&
    isOptional(value['holdTimeSeconds'], isCount) &&
    isOptional(value['keepaliveTimeMs'], isCount) &&
    isOptional(value['connectTimeSeconds'], isCount) &&
    isOptional(value['vrf'], (vrf) => isText(vrf, MAX_SETTING)) &&
    isOptional(password, (secret) => secret instanceof Uint8Array && secret.length <= MAX_SETTING) &&
    typeof value['ebgpMultiHop'] === 'boolean' &&
    isListOf(families, 2, (family) => family === 'ipv4-unicast' || family === 'ipv6-unicast')
  );
}
