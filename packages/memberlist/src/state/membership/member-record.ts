import type { Accusation, MemberRecord } from '../../messages/message.ts';
import { areSaneVersions } from './versions.ts';

/** A Kubernetes node name has at most 253; Go's library sets no limit. */
export const MAX_NAME_OCTETS = 512;
/** hashicorp/memberlist `memberlist.go`: `MetaMaxSize`. */
export const MAX_META_OCTETS = 512;

/** The octets of a text in UTF-8, counted exactly only where it may have more than `limit`. */
export function utf8LengthUpTo(text: string, limit: number): number {
  // One UTF-16 unit has at most three octets, and never less than one.
  if (text.length * 3 <= limit || text.length > limit) return text.length;
  return new TextEncoder().encode(text).length;
}

/** @returns Why nobody should be taken in by this, or `undefined`. */
export function recordFault(record: MemberRecord): string | undefined {
  if (!isName(record.node)) return `a name has 1 to ${MAX_NAME_OCTETS} octets`;
  if (!isAddress(record.address)) return 'an address has 4 or 16 octets';
  if (record.meta.length > MAX_META_OCTETS) return `metadata has at most ${MAX_META_OCTETS} octets`;
  if (!areSaneVersions(record.versions)) return 'protocol versions are wrong';
  return undefined;
}

/** Whether it can be about somebody, and be passed on. */
export function isSaneAccusation(accusation: Accusation): boolean {
  return isName(accusation.node) && utf8LengthUpTo(accusation.from, MAX_NAME_OCTETS) <= MAX_NAME_OCTETS;
}

export function isAddress(octets: Uint8Array): boolean {
  return octets.length === 4 || octets.length === 16;
}

function isName(text: string): boolean {
  return text !== '' && utf8LengthUpTo(text, MAX_NAME_OCTETS) <= MAX_NAME_OCTETS;
}
