import { type ConflictState, macToNumber, stepConflict } from '../conflict/conflict.ts';

/** What a watch needs of its owner. */
export interface ConflictHost<Key, Claim> {
  /** Whether to answer a claim. */
  readonly defend: boolean;
  /** How long a claim is held back; it is dropped if the address is disowned meanwhile. */
  readonly graceMs: number;
  report(address: Key, theirMac: Uint8Array, claim: Claim): void;
  sendDefence(address: Key): void;
}

/** The clock and the memory of conflicts, at most one entry per owned address. */
export interface ConflictWatch<Key, Claim> {
  /**
   * Another host claims an owned address.
   *
   * @param octets - Hold their MAC at `offset`. Not kept.
   * @param claim - What the claim came in, for `report`.
   */
  claimed(address: Key, octets: Uint8Array, offset: number, claim: Claim): void;
  /** The address is ours no longer. */
  forget(address: Key): void;
  /** No callback is called after it. */
  close(): void;
}

/** Starts without any conflict. */
export function createConflictWatch<Key, Claim>(host: ConflictHost<Key, Claim>): ConflictWatch<Key, Claim> {
  return new Watch(host);
}

interface Contested {
  state: ConflictState | undefined;
  pending: NodeJS.Timeout | undefined;
}

class Watch<Key, Claim> implements ConflictWatch<Key, Claim> {
  readonly #host: ConflictHost<Key, Claim>;
  readonly #contested = new Map<Key, Contested>();

  constructor(host: ConflictHost<Key, Claim>) {
    this.#host = host;
  }

  claimed(address: Key, octets: Uint8Array, offset: number, claim: Claim): void {
    const contested = this.#contested.get(address) ?? { state: undefined, pending: undefined };
    this.#contested.set(address, contested);
    if (contested.pending !== undefined) return;
    const theirMac = octets.slice(offset, offset + 6);
    if (this.#host.graceMs === 0) {
      this.#judge(address, contested, theirMac, claim);
      return;
    }
    contested.pending = setTimeout(() => {
      contested.pending = undefined;
      this.#judge(address, contested, theirMac, claim);
    }, this.#host.graceMs);
    contested.pending.unref();
  }

  forget(address: Key): void {
    clearTimeout(this.#contested.get(address)?.pending);
    this.#contested.delete(address);
  }

  close(): void {
    for (const address of [...this.#contested.keys()]) this.forget(address);
  }

  #judge(address: Key, contested: Contested, theirMac: Uint8Array, claim: Claim): void {
    const event = { claimant: macToNumber(theirMac), nowMs: performance.now() };
    const { state, effects } = stepConflict(contested.state, event, { defend: this.#host.defend });
    contested.state = state;
    if (effects.defend) this.#host.sendDefence(address);
    if (effects.report) this.#host.report(address, theirMac, claim);
  }
}
