/** What a stream may make us keep. */
export interface StreamLimits {
  /** Octets of a sealed frame, after its length. */
  readonly frameOctets: number;
  /** Octets of a message, after decompression. */
  readonly messageOctets: number;
  /** Members of a push/pull. */
  readonly states: number;
  /** Octets of a push/pull's user state, and of a user message. */
  readonly userOctets: number;
}

const MEBIBYTE = 1024 * 1024;

/**
 * The limits of hashicorp/memberlist 0.6. That is 60 MiB for one connection of a stranger who knows the key: a
 * member that knows how large its gossip may grow does better with {@link streamLimitsFor}.
 *
 * @see hashicorp/memberlist `net.go`, `util.go`
 */
export const LIBRARY_STREAM_LIMITS: StreamLimits = {
  frameOctets: 20 * MEBIBYTE,
  messageOctets: 40 * MEBIBYTE,
  states: MEBIBYTE,
  userOctets: 20 * MEBIBYTE,
};

/** A name and meta data of the greatest length that members have, and what goes with them. */
const STATE_OCTETS = 1024;

/** What our members tell each other beside their states, by far. */
const USER_OCTETS = 4 * MEBIBYTE;

/**
 * Limits for a gossip of so many members, never above the library's: twice as many are read, for those that the peer
 * still remembers.
 *
 * @throws RangeError for what is no count.
 */
export function streamLimitsFor(maxMembers: number): StreamLimits {
  if (!Number.isInteger(maxMembers) || maxMembers < 1) throw new RangeError(`not a number of members: ${maxMembers}`);
  const library = LIBRARY_STREAM_LIMITS;
  const states = Math.min(library.states, 2 * maxMembers);
  const messageOctets = Math.min(library.messageOctets, states * STATE_OCTETS + USER_OCTETS);
  return {
    // LZW makes of 8 bits at most 12.
    frameOctets: Math.min(library.frameOctets, Math.ceil(messageOctets * 1.5) + STATE_OCTETS),
    messageOctets,
    states,
    userOctets: USER_OCTETS,
  };
}
