/** `DEFEND_INTERVAL` of RFC 5227, section 1.1: "minimum interval between defensive ARPs". Neighbour discovery has none of its own. */
export const DEFEND_INTERVAL_MS = 10_000;

/** A MAC address as an integer of 48 bits: a key that costs no text. */
export function macToNumber(octets: Uint8Array, offset = 0): number {
  const high = ((octets[offset] ?? 0) << 8) | (octets[offset + 1] ?? 0);
  const low =
    (((octets[offset + 2] ?? 0) << 24) |
      ((octets[offset + 3] ?? 0) << 16) |
      ((octets[offset + 4] ?? 0) << 8) |
      (octets[offset + 5] ?? 0)) >>>
    0;
  return high * 0x1_0000_0000 + low;
}

/** What is remembered of the conflicts over one address. */
export interface ConflictState {
  /** The MAC last reported, as an integer of 48 bits. */
  readonly claimant: number;
  readonly reportedAtMs: number;
  readonly defendedAtMs: number | undefined;
}

/** What to do about a conflict: tell about it, answer it with one announcement. */
export interface ConflictStep {
  readonly state: ConflictState;
  readonly effects: { readonly report: boolean; readonly defend: boolean };
}

/** A stranger that changes its MAC with each frame is still reported once a second at most. */
const NEW_CLAIMANT_INTERVAL_MS = 1_000;

/**
 * Judges one conflicting frame for one address.
 *
 * The defence is that of RFC 5227, section 2.4 (c): an address that was promised to users is not given up, whoever
 * claims it; at most one announcement per `DEFEND_INTERVAL` is sent, "to ensure that two misconfigured hosts do not
 * get stuck in an endless loop".
 *
 * @param state - What the previous conflict over this address left, if there was one.
 * @param event - The claimant's MAC as an integer of 48 bits, and when.
 */
export function stepConflict(
  state: ConflictState | undefined,
  event: { readonly claimant: number; readonly nowMs: number },
  config: { readonly defend: boolean },
): ConflictStep {
  const { claimant, nowMs } = event;
  const interval = state?.claimant === claimant ? DEFEND_INTERVAL_MS : NEW_CLAIMANT_INTERVAL_MS;
  const report = state === undefined || nowMs - state.reportedAtMs >= interval;
  const defendedAtMs = state?.defendedAtMs;
  const defend = config.defend && (defendedAtMs === undefined || nowMs - defendedAtMs >= DEFEND_INTERVAL_MS);
  return {
    state: {
      claimant: report ? claimant : state.claimant,
      reportedAtMs: report ? nowMs : state.reportedAtMs,
      defendedAtMs: defend ? nowMs : defendedAtMs,
    },
    effects: { report, defend },
  };
}
