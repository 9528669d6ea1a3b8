/**
 * Answers neighbour discovery for IPv6 addresses that the host itself need not have, on real interfaces: Linux,
 * CAP_NET_RAW.
 *
 * @packageDocumentation
 */
export type { AnsweredSolicitation, NdpAddressCounters, NdpConflict, NdpResponderOptions } from './options.ts';
export { type NdpResponder, type NdpResponderStatistics, openNdpResponder } from './responder.ts';
export type { NdpSocketStatistics, NdpTransportName } from './transport/transport.ts';
