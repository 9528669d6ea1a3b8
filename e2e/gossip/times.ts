export const PORT = 7946;

/** Detects and spreads in tenths of a second: for tests of what happens, not of when. */
export const SHORT_TIMES = {
  tcpTimeoutMs: 2_000,
  probeIntervalMs: 200,
  probeTimeoutMs: 100,
  gossipIntervalMs: 40,
  pushPullIntervalMs: 2_000,
  gossipToTheDeadTimeMs: 1_000,
  suspicionMult: 3,
  suspicionMaxTimeoutMult: 3,
} as const;
