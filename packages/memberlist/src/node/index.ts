/**
 * The door to sockets and clocks: a member of a gossip, on UDP and TCP.
 *
 * @packageDocumentation
 */
export type { MemberlistNotice } from './notices.ts';
export { openMemberlist } from './open-memberlist.ts';
export type { JoinFailure, JoinResult, Memberlist, MemberlistOptions, MemberlistStatistics } from './options.ts';
