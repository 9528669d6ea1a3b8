import type { CounterSlot } from '../protocol/messages.ts';
import { EPOCH, GRATUITOUS_SENT, REQUESTS_RECEIVED, RESPONSES_SENT, SLOT_NUMBERS, SLOTS_PER_PAGE } from './layout.ts';

/** The figures of MetalLB's `metallb_layer2_*` for one `ip`. */
export interface Layer2Counters {
  readonly address: string;
  readonly requestsReceived: number;
  readonly responsesSent: number;
  readonly gratuitousSent: number;
}

/** The control thread's side of the shared counters. */
export class CounterReader {
  readonly #slots = new Map<string, CounterSlot>();
  #pages: readonly Float64Array[] = [];

  apply(change: {
    readonly pages: readonly SharedArrayBuffer[];
    readonly assigned: readonly CounterSlot[];
    readonly released: readonly string[];
  }): void {
    this.#pages = change.pages.map((page) => new Float64Array(page));
    // An address that went and came again between two messages is in both lists, and its new slot counts.
    for (const address of change.released) this.#slots.delete(address);
    for (const slot of change.assigned) this.#slots.set(slot.address, slot);
  }

  /** As they are now. A slot that was given to another address meanwhile is left out. */
  read(): Layer2Counters[] {
    const counters: Layer2Counters[] = [];
    for (const { address, slot, epoch } of this.#slots.values()) {
      const page = this.#pages[Math.floor(slot / SLOTS_PER_PAGE)];
      const base = (slot % SLOTS_PER_PAGE) * SLOT_NUMBERS;
      if (page?.[base + EPOCH] !== epoch) continue;
      counters.push({
        address,
        requestsReceived: page[base + REQUESTS_RECEIVED] ?? 0,
        responsesSent: page[base + RESPONSES_SENT] ?? 0,
        gratuitousSent: page[base + GRATUITOUS_SENT] ?? 0,
      });
    }
    return counters;
  }
}
