/** Well-known communities, by the IANA registry "BGP Well-known Communities". */
const WELL_KNOWN: ReadonlyMap<number, string> = new Map([
  [0xffff_0000, 'GRACEFUL_SHUTDOWN'], // RFC 8326
  [0xffff_0001, 'ACCEPT_OWN'], // RFC 7611
  [0xffff_0006, 'LLGR_STALE'], // RFC 9494
  [0xffff_0007, 'NO_LLGR'], // RFC 9494
  [0xffff_029a, 'BLACKHOLE'], // RFC 7999
  [0xffff_ff01, 'NO_EXPORT'], // RFC 1997
  [0xffff_ff02, 'NO_ADVERTISE'], // RFC 1997
  [0xffff_ff03, 'NO_EXPORT_SUBCONFED'], // RFC 1997
  [0xffff_ff04, 'NOPEER'], // RFC 3765
]);

/**
 * A community for people: its registered name, or its halves (`64512:100`).
 *
 * @param community - An unsigned 32-bit number.
 */
export function communityText(community: number): string {
  return WELL_KNOWN.get(community) ?? `${community >>> 16}:${community & 0xffff}`;
}
