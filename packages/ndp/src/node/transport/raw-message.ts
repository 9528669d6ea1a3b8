import { NEIGHBOR_ADVERTISEMENT, NEIGHBOR_SOLICITATION } from '../../message/message.ts';

/** Octets of a message that are kept: one with SEND's options (RFC 3971) and 4096-bit keys fits. */
export const MAX_MESSAGE_OCTETS = 2_048;
/** What a raw ICMPv6 socket is to receive. */
export const MESSAGE_TYPES: readonly number[] = [NEIGHBOR_SOLICITATION, NEIGHBOR_ADVERTISEMENT];
