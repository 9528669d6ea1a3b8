import type { Interfaces, Layer2Entry, Layer2EntryKey } from '@steelyard/announce';
import { type Decoded, decoded, failed, formatIpAddress, parseIpAddress } from '@steelyard/wire';
import {
  all,
  type ControlMessageCode,
  checkLength,
  isAddress,
  isCount,
  isFields,
  isText,
  MAX_KEY_CHARACTERS,
  shown,
} from './checks.ts';
import { decodePeerEntries, decodePrefixes, decodeRoutes } from './decode-bgp.ts';
import { type ControlMessage, MAX_ENTRIES, MAX_PEERS } from './messages.ts';

const MAX_CANDIDATES = 20_000;
const MAX_NODE_NAME_CHARACTERS = 253;
const MAX_INTERFACES = 10_000;

/** In the one canonical text, so that equal addresses are equal keys. */
const canonical = (address: string): string => formatIpAddress(parseIpAddress(address));

/**
 * Checks what came over the port. The sender is ours, but it may be of another version, or broken.
 *
 * @returns The message; its objects are those of `value`, which structured cloning made for us alone.
 */
export function decodeControlMessage(value: unknown): Decoded<ControlMessage, ControlMessageCode> {
  if (!(isFields(value) && isCount(value['session']) && isCount(value['generation']))) {
    return failed('ERR_SPEAKER_WIRE_INVALID_MESSAGE', 0, 'a message has a session and a generation');
  }
  const session = value['session'];
  const generation = value['generation'];
  switch (value['type']) {
    case 'snapshot-begin':
      return decoded({ type: 'snapshot-begin', session, generation });
    case 'entries': {
      const entries = decodeEntries(value['entries']);
      return entries.ok ? decoded({ type: 'entries', session, generation, entries: entries.value }) : entries;
    }
    case 'routes': {
      const routes = decodeRoutes(value['routes']);
      return routes.ok ? decoded({ type: 'routes', session, generation, routes: routes.value }) : routes;
    }
    case 'snapshot-end': {
      const { entryCount, routeCount = 0, complete, bgpComplete = complete, nodesSynced } = value;
      const areCounts = isCount(entryCount) && isCount(routeCount);
      if (
        !areCounts ||
        typeof complete !== 'boolean' ||
        typeof bgpComplete !== 'boolean' ||
        typeof nodesSynced !== 'boolean'
      ) {
        return failed('ERR_SPEAKER_WIRE_INVALID_MESSAGE', 0, 'snapshot-end has entryCount, complete and nodesSynced');
      }
      const bgpPeers = decodePeerEntries(value['bgpPeers'] ?? []);
      if (!bgpPeers.ok) return bgpPeers;
      const counts = { entryCount, routeCount, complete, bgpComplete, nodesSynced };
      return decoded({ type: 'snapshot-end', session, generation, ...counts, bgpPeers: bgpPeers.value });
    }
    case 'change': {
      const upserts = decodeEntries(value['upserts']);
      if (!upserts.ok) return upserts;
      const removals = decodeKeys(value['removals']);
      if (!removals.ok) return removals;
      const routeUpserts = decodeRoutes(value['routeUpserts'] ?? []);
      if (!routeUpserts.ok) return routeUpserts;
      const routeRemovals = decodePrefixes(value['routeRemovals'] ?? []);
      if (!routeRemovals.ok) return routeRemovals;
      const bgpPeers = value['bgpPeers'] === undefined ? undefined : decodePeerEntries(value['bgpPeers']);
      if (bgpPeers?.ok === false) return bgpPeers;
      return decoded({
        type: 'change',
        session,
        generation,
        upserts: upserts.value,
        removals: removals.value,
        routeUpserts: routeUpserts.value,
        routeRemovals: routeRemovals.value,
        bgpPeers: bgpPeers?.value,
      });
    }
    default:
      return failed('ERR_SPEAKER_WIRE_INVALID_MESSAGE', 0, `unknown message ${shown(value['type'])}`);
  }
}

function decodeEntries(value: unknown): Decoded<readonly Layer2Entry[], ControlMessageCode> {
  const items = checkLength(value);
  if (!items.ok) return items;
  const entries: Layer2Entry[] = [];
  // Entries of one message share their candidates, and structured cloning keeps them one object.
  const knownCandidates = new Set<unknown>();
  for (const [at, item] of items.value.entries()) {
    const entry = decodeEntry(item, knownCandidates);
    if (entry === undefined) {
      const which = isFields(item) ? `${shown(item['serviceKey'])} ${shown(item['address'])}` : shown(item);
      return failed('ERR_SPEAKER_WIRE_INVALID_ENTRY', at, `entry ${at} is none: ${which}`);
    }
    entries.push(entry);
  }
  return decoded(entries);
}

function decodeEntry(value: unknown, knownCandidates: Set<unknown>): Layer2Entry | undefined {
  if (!isFields(value)) return undefined;
  const { serviceKey, address, electionAddress, candidates, interfaces, pool } = value;
  if (!(isText(serviceKey, MAX_KEY_CHARACTERS) && isAddress(address) && isAddress(electionAddress))) return undefined;
  if (!(isInterfaces(interfaces) && (pool === undefined || typeof pool === 'string'))) return undefined;
  if (!knownCandidates.has(candidates)) {
    if (!isCandidates(candidates)) return undefined;
    knownCandidates.add(candidates);
  }
  return {
    serviceKey,
    address: canonical(address),
    electionAddress,
    candidates: candidates as Layer2Entry['candidates'],
    interfaces,
    pool,
  };
}

function decodeKeys(value: unknown): Decoded<readonly Layer2EntryKey[], ControlMessageCode> {
  const items = checkLength(value);
  if (!items.ok) return items;
  const keys: Layer2EntryKey[] = [];
  for (const [at, item] of items.value.entries()) {
    if (!isFields(item) || !isText(item['serviceKey'], MAX_KEY_CHARACTERS) || !isAddress(item['address'])) {
      return failed('ERR_SPEAKER_WIRE_INVALID_ENTRY', at, `removal ${at} is no key of an entry`);
    }
    keys.push({ serviceKey: item['serviceKey'], address: canonical(item['address']) });
  }
  return decoded(keys);
}

function isCandidates(value: unknown): value is Layer2Entry['candidates'] {
  return (
    Array.isArray(value) &&
    value.length <= MAX_CANDIDATES &&
    all(value, (one) => isFields(one) && isText(one['node'], MAX_NODE_NAME_CHARACTERS) && Number.isFinite(one['score']))
  );
}

function isInterfaces(value: unknown): value is Interfaces {
  if (value === 'all') return true;
  return (
    Array.isArray(value) &&
    value.length <= MAX_INTERFACES &&
    // Users name them: a name that no interface can have is one that is missing, not a reason to refuse the message.
    all(value, (name) => typeof name === 'string')
  );
}

/** @returns The canonical addresses of a message of peers, without what is none; `undefined` if it is another message. */
export function decodePeers(value: unknown): readonly string[] | undefined {
  if (!isFields(value) || value['type'] !== 'peers') return undefined;
  const { addresses } = value;
  return Array.isArray(addresses) ? addresses.slice(0, MAX_PEERS).filter(isAddress).map(canonical) : [];
}

/** Whether a snapshot would become too large with so many more entries. */
export function exceedsSnapshot(entries: number): boolean {
  return entries > MAX_ENTRIES;
}
