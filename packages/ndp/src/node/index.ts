/**
 * Answers neighbour discovery for IPv6 addresses that the host itself need not have, on real interfaces: Linux,
 * CAP_NET_RAW.
 *
 * @packageDocumentation
 */
export { openNdpResponder } from './open-ndp-responder.ts';
export type { AnsweredSolicitation, NdpAddressCounters, NdpConflict, NdpResponderOptions } from './options.ts';
export type { NdpResponder, NdpResponderStatistics } from './responder.ts';
export type { NdpSocketStatistics, NdpTransportName } from './transport/transport.ts';
