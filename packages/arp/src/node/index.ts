/**
 * Answers ARP for addresses that the host itself need not have, on real interfaces: Linux, CAP_NET_RAW.
 *
 * @packageDocumentation
 */
export type { AnsweredRequest, ArpAddressCounters, ArpConflict, ArpResponderOptions } from './options.ts';
export { type ArpResponder, type ArpResponderStatistics, openArpResponder } from './responder.ts';
