import { type ConflictState, macToNumber, stepConflict } from '../conflict.ts';
import { ARP_REQUEST } from '../packet.ts';

/** What the watch needs of its responder. */
export interface ConflictWatchHost {
  readonly defend: boolean;
  /** How long a claim is held back; it is dropped if the address is disowned meanwhile. */
  readonly graceMs: number;
  report(address: number, theirMac: Uint8Array, kind: 'request' | 'reply'): void;
  sendDefence(address: number): void;
}

interface Contested {
  state: ConflictState | undefined;
  pending: NodeJS.Timeout | undefined;
}

/** The clock and the memory of conflicts, at most one entry per owned address. */
export class ConflictWatch {
  readonly #host: ConflictWatchHost;
  readonly #contested = new Map<number, Contested>();

  constructor(host: ConflictWatchHost) {
    this.#host = host;
  }

  /** Takes a frame that claims an owned address. Not kept. */
  claimed(address: number, frame: Uint8Array): void {
    const contested = this.#contested.get(address) ?? { state: undefined, pending: undefined };
    this.#contested.set(address, contested);
    if (this.#host.graceMs === 0) {
      this.#judge(address, contested, frame.subarray(22, 28), frame[21]);
    } else if (contested.pending === undefined) {
      const theirMac = frame.slice(22, 28);
      const operation = frame[21];
      contested.pending = setTimeout(() => {
        contested.pending = undefined;
        this.#judge(address, contested, theirMac, operation);
      }, this.#host.graceMs);
      contested.pending.unref();
    }
  }

  /** The address is ours no longer. */
  forget(address: number): void {
    clearTimeout(this.#contested.get(address)?.pending);
    this.#contested.delete(address);
  }

  close(): void {
    for (const address of [...this.#contested.keys()]) this.forget(address);
  }

  #judge(address: number, contested: Contested, theirMac: Uint8Array, operation: number | undefined): void {
    const event = { claimant: macToNumber(theirMac), nowMs: performance.now() };
    const { state, effects } = stepConflict(contested.state, event, { defend: this.#host.defend });
    contested.state = state;
    if (effects.defend) this.#host.sendDefence(address);
    if (effects.report) this.#host.report(address, theirMac, operation === ARP_REQUEST ? 'request' : 'reply');
  }
}
