import type { MemberState } from '../../messages/message.ts';
import type { Member } from '../protocol.ts';

/** What this member says of itself: protocol 1 to 5, speaking 2 as MetalLB does; no delegate. */
export const PROTOCOL_VERSIONS: Uint8Array = Uint8Array.of(1, 5, 2, 0, 0, 0);
/** From this version on a member answers a ping over TCP. */
export const STREAM_PING_VERSION = 3;
/** From this version on a member that relays a ping says when it gets no answer. */
export const NACK_VERSION = 4;
/** From this version on a member understands the CRC header. */
export const CHECKSUM_VERSION = 5;

const VERSIONS_LENGTH = 6;
const NO_VERSIONS: Uint8Array = new Uint8Array(VERSIONS_LENGTH);

/** The greatest protocol version that it understands; 0: it did not say. */
export function greatestVersion(member: { readonly versions: Uint8Array }): number {
  return member.versions.length < VERSIONS_LENGTH ? 0 : (member.versions[1] ?? 0);
}

/** What is kept of what it said: six octets, or what was known before. */
export function keptVersions(said: Uint8Array, before: Uint8Array = NO_VERSIONS): Uint8Array {
  return said.length < VERSIONS_LENGTH ? before : said.slice(0, VERSIONS_LENGTH);
}

/**
 * Whether a member can be believed to speak any version.
 *
 * @see hashicorp/memberlist `state.go`, `aliveNode`
 */
export function areSaneVersions(versions: Uint8Array): boolean {
  if (versions.length < 3) return true;
  const [min = 0, max = 0] = versions;
  return min !== 0 && max !== 0 && min <= max;
}

/**
 * Whether everybody on both sides could speak with everybody: what each speaks lies within what all that are alive
 * understand.
 *
 * @returns Why not, in the library's words, or `undefined`.
 * @see hashicorp/memberlist `state.go`, `verifyProtocol`
 */
export function incompatibility(local: Iterable<Member>, remote: readonly MemberState[]): string | undefined {
  const members = [...local];
  const protocol = rangeOfAll(0, members, remote);
  const delegate = rangeOfAll(3, members, remote);
  for (const member of [...remote, ...members]) {
    const speaks = member.versions.length < VERSIONS_LENGTH ? NO_VERSIONS : member.versions;
    const [, , current = 0, , , delegateCurrent = 0] = speaks;
    if (current < protocol.least || current > protocol.greatest) {
      return `node ${JSON.stringify(member.node)} protocol version (${current}) is incompatible: [${protocol.least}, ${protocol.greatest}]`;
    }
    if (delegateCurrent < delegate.least || delegateCurrent > delegate.greatest) {
      return `node ${JSON.stringify(member.node)} delegate protocol version (${delegateCurrent}) is incompatible: [${delegate.least}, ${delegate.greatest}]`;
    }
  }
  return undefined;
}

/** The greatest least and the least greatest version of all that are alive. `at`: where the two stand. */
function rangeOfAll(
  at: 0 | 3,
  local: readonly Member[],
  remote: readonly MemberState[],
): { readonly least: number; readonly greatest: number } {
  let least = 0;
  let greatest = 0xff;
  const narrow = (versions: Uint8Array): void => {
    least = Math.max(least, versions[at] ?? 0);
    greatest = Math.min(greatest, versions[at + 1] ?? 0);
  };
  for (const member of local) if (member.status === 'alive') narrow(member.versions);
  // Who says nothing of its versions does not narrow those of others, as in the library.
  for (const member of remote) {
    if (member.status === 'alive' && member.versions.length >= VERSIONS_LENGTH) narrow(member.versions);
  }
  return { least, greatest };
}
