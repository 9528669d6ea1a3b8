/** Error code 6, Cease: RFC 4271, section 4.5. */
export const CEASE = 6;

/** Subcodes of Cease: RFC 4486, section 3; RFC 8538, section 3.1; RFC 9384, section 3. */
export const CEASE_SUBCODE = {
  maximumNumberOfPrefixesReached: 1,
  administrativeShutdown: 2,
  peerDeconfigured: 3,
  administrativeReset: 4,
  connectionRejected: 5,
  otherConfigurationChange: 6,
  connectionCollisionResolution: 7,
  outOfResources: 8,
  hardReset: 9,
  bfdDown: 10,
} as const;

interface ErrorWords {
  readonly name: string;
  /** By subcode. */
  readonly subcodes: Readonly<Record<number, string>>;
}

/** IANA, "BGP Error (Notification) Codes" and the registries of their subcodes. */
const ERRORS: Readonly<Record<number, ErrorWords>> = {
  1: {
    name: 'Message Header Error',
    subcodes: { 1: 'Connection Not Synchronized', 2: 'Bad Message Length', 3: 'Bad Message Type' },
  },
  2: {
    name: 'OPEN Message Error',
    subcodes: {
      1: 'Unsupported Version Number',
      2: 'Bad Peer AS',
      3: 'Bad BGP Identifier',
      4: 'Unsupported Optional Parameter',
      5: 'Authentication Failure',
      6: 'Unacceptable Hold Time',
      7: 'Unsupported Capability', // RFC 5492
      11: 'Role Mismatch', // RFC 9234
    },
  },
  3: {
    name: 'UPDATE Message Error',
    subcodes: {
      1: 'Malformed Attribute List',
      2: 'Unrecognized Well-known Attribute',
      3: 'Missing Well-known Attribute',
      4: 'Attribute Flags Error',
      5: 'Attribute Length Error',
      6: 'Invalid ORIGIN Attribute',
      7: 'AS Routing Loop',
      8: 'Invalid NEXT_HOP Attribute',
      9: 'Optional Attribute Error',
      10: 'Invalid Network Field',
      11: 'Malformed AS_PATH',
    },
  },
  4: { name: 'Hold Timer Expired', subcodes: {} },
  5: {
    name: 'Finite State Machine Error',
    subcodes: {
      // RFC 6608
      1: 'Receive Unexpected Message in OpenSent State',
      2: 'Receive Unexpected Message in OpenConfirm State',
      3: 'Receive Unexpected Message in Established State',
    },
  },
  6: {
    name: 'Cease',
    subcodes: {
      1: 'Maximum Number of Prefixes Reached', // RFC 4486
      2: 'Administrative Shutdown',
      3: 'Peer De-configured',
      4: 'Administrative Reset',
      5: 'Connection Rejected',
      6: 'Other Configuration Change',
      7: 'Connection Collision Resolution',
      8: 'Out of Resources',
      9: 'Hard Reset', // RFC 8538
      10: 'BFD Down', // RFC 9384
    },
  },
  7: { name: 'ROUTE-REFRESH Message Error', subcodes: { 1: 'Invalid Message Length' } }, // RFC 7313
  8: { name: 'Send Hold Timer Expired', subcodes: {} }, // RFC 9687
};

/** An error code in the words of its RFC: `Cease`. */
export function errorName(errorCode: number): string {
  return ERRORS[errorCode]?.name ?? 'unknown error';
}

/** A subcode in the words of its RFC; undefined for 0, which says nothing more, of any code. */
export function subcodeName(errorCode: number, errorSubcode: number): string | undefined {
  if (errorSubcode === 0) return undefined;
  return ERRORS[errorCode]?.subcodes[errorSubcode] ?? 'unknown subcode';
}
