/** A push/pull that this member asked for and that is not over. */
export interface Exchange {
  readonly join: boolean;
  readonly startedAtMs: number;
}

/** By the number that names it. */
export type ExchangeTable = Map<number, Exchange>;
