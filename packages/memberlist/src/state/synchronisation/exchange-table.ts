/** A push/pull that this member asked for and that is not over. */
export interface Exchange {
  /** Whom this member chose by itself; nobody in a join, which has addresses only. */
  readonly partner: string | undefined;
  readonly startedAtMs: number;
}

/** By the number that names it. */
export type ExchangeTable = Map<number, Exchange>;
