export interface BackOffConfig {
  readonly minMs: number;
  readonly maxMs: number;
}

/** Growing waits between attempts. */
export interface BackOff {
  /** How long to wait before the next attempt: doubling, ±25 % so that a fleet does not come back in one moment. */
  nextMs(): number;
  reset(): void;
}

export function createBackOff(config: BackOffConfig, random: () => number): BackOff {
  let attempts = 0;
  return {
    nextMs() {
      const base = Math.min(config.maxMs, config.minMs * 2 ** Math.min(attempts, 30));
      attempts++;
      return base * (0.75 + random() / 2);
    },
    reset() {
      attempts = 0;
    },
  };
}
