import type { Interfaces, Layer2Entry, Layer2EntryKey } from '@steelyard/announce';
import { type Decoded, decoded, failed, formatIpAddress, isIpAddress, parseIpAddress } from '@steelyard/wire';
import { type ControlMessage, MAX_ENTRIES, MAX_ENTRIES_PER_MESSAGE, MAX_PEERS } from './messages.ts';

/** Why a message from the control thread is refused. */
export type ControlMessageCode =
  | 'ERR_SPEAKER_WIRE_INVALID_MESSAGE'
  | 'ERR_SPEAKER_WIRE_INVALID_ENTRY'
  | 'ERR_SPEAKER_WIRE_TOO_MANY_ENTRIES';

const MAX_KEY_CHARACTERS = 400; // a namespace of 63 and a name of 253 characters
const MAX_CANDIDATES = 20_000;
const MAX_NODE_NAME_CHARACTERS = 253;
const MAX_INTERFACES = 10_000;

type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null;
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
const isText = (value: unknown, maximum: number): value is string =>
  typeof value === 'string' && value.length > 0 && value.length <= maximum;
/** Unlike `every`, which passes by the holes that structured cloning keeps. */
const all = (values: readonly unknown[], is: (value: unknown) => boolean): boolean =>
  values.findIndex((value) => !is(value)) < 0;
/** For a message: not with `String`, which throws for objects that have a `toString` of their own. */
const shown = (value: unknown): string =>
  typeof value === 'string' ? JSON.stringify(value.slice(0, 80)) : typeof value;
const isAddress = (value: unknown): value is string => typeof value === 'string' && isIpAddress(value);

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
    case 'snapshot-end': {
      const { entryCount, complete, nodesSynced } = value;
      if (!isCount(entryCount) || typeof complete !== 'boolean' || typeof nodesSynced !== 'boolean') {
        return failed('ERR_SPEAKER_WIRE_INVALID_MESSAGE', 0, 'snapshot-end has entryCount, complete and nodesSynced');
      }
      return decoded({ type: 'snapshot-end', session, generation, entryCount, complete, nodesSynced });
    }
    case 'change': {
      const upserts = decodeEntries(value['upserts']);
      if (!upserts.ok) return upserts;
      const removals = decodeKeys(value['removals']);
      if (!removals.ok) return removals;
      return decoded({ type: 'change', session, generation, upserts: upserts.value, removals: removals.value });
    }
    default:
      return failed('ERR_SPEAKER_WIRE_INVALID_MESSAGE', 0, `unknown message ${shown(value['type'])}`);
  }
}

function checkLength(value: unknown): Decoded<readonly unknown[], ControlMessageCode> {
  if (!Array.isArray(value)) return failed('ERR_SPEAKER_WIRE_INVALID_MESSAGE', 0, 'entries are an array');
  if (value.length > MAX_ENTRIES_PER_MESSAGE) {
    const message = `at most ${MAX_ENTRIES_PER_MESSAGE} entries a message, got ${value.length}`;
    return failed('ERR_SPEAKER_WIRE_TOO_MANY_ENTRIES', 0, message);
  }
  return decoded(value);
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
