/** Ten thousand members with names of usual length: what somebody may be told who knows nobody yet. */
const LEAST_OCTETS = 1 << 20;
/** A push/pull of 10,000 members with the greatest meta has 6 MiB. */
const GREATEST_OCTETS = 8 << 20;
/** A name and meta of the greatest length, and what goes with them. */
const MEMBER_OCTETS = 1024;
/** Others may know more members than we do, and several may tell us at a time. */
const SPARE_FACTOR = 4;

/**
 * What all connections together may have sent that are not finished. Nobody knows before the last octet whether it was
 * sealed with a key of ours, so it is no more than a gossip of this size has to say.
 */
export function greatestHeldOctets(membersKnown: number): number {
  return Math.min(GREATEST_OCTETS, Math.max(LEAST_OCTETS, SPARE_FACTOR * MEMBER_OCTETS * membersKnown));
}
