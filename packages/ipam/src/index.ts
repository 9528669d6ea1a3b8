/**
 * Pools of IPv4 and IPv6 addresses: who has which, and who gets the next one.
 *
 * Not an IP address management database: it keeps no file, asks no server and knows nothing of Kubernetes. Its caller
 * says who held what when it starts ({@link Ipam.assign}) and which pools there are ({@link Ipam.setPools}).
 *
 * @packageDocumentation
 */
export { type Family, formatIp, type IpAddress, parseIp } from './address/address.ts';
export { type AddressRange, type Cidr, cidrsOf, formatCidr, parseAddressRange } from './address/address-range.ts';
export { goQuote, goQuoteList } from './address/go-quote.ts';
export type { Allocation } from './allocation.ts';
export {
  MAX_INT64,
  type PoolCounters,
  type PoolInt64Counters,
  type PoolStatusCounters,
  poolInt64Counters,
  poolStatusCounters,
} from './counters.ts';
export type { IpamFailure, IpamFailureCode, Outcome } from './failure.ts';
export {
  type AllocateRequest,
  type AssignOptions,
  type AssignResult,
  createIpam,
  type Families,
  type Ipam,
  type PoolsChange,
  type SetPoolsOptions,
} from './ipam.ts';
export { findOverlaps, type Overlap } from './pools/overlaps.ts';
export { type PoolSpec, parsePool } from './pools/pool.ts';
export type { PoolProblem } from './pools/pool-set.ts';
export { type Sharing, type SharingPort, UNSHARED } from './sharing.ts';
