/** Octets of the header that every message has: RFC 4271, section 4.1. */
export const HEADER_LENGTH = 19;
/** Octets of the marker, all ones: RFC 4271, section 4.1. */
export const MARKER_LENGTH = 16;
/** The longest message of RFC 4271, section 4.1. */
export const MAX_MESSAGE_LENGTH = 4096;
/** The longest message of RFC 8654, section 3. */
export const MAX_EXTENDED_MESSAGE_LENGTH = 65_535;
/** Error code and subcode are followed by the data: RFC 4271, section 4.5. */
export const MIN_NOTIFICATION_LENGTH = 21;
/** What a NOTIFICATION can carry that every peer can read, before and after RFC 8654 is agreed on. */
export const MAX_NOTIFICATION_DATA_LENGTH: number = MAX_MESSAGE_LENGTH - MIN_NOTIFICATION_LENGTH;

/** The types of messages: RFC 4271, section 4.1, and RFC 2918. */
export const MESSAGE_TYPE = {
  open: 1,
  update: 2,
  notification: 3,
  keepalive: 4,
  routeRefresh: 5,
} as const;
