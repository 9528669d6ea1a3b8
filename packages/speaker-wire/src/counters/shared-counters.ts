import type { ArpAddressCounters } from '@steelyard/arp/node';
import type { CounterSlot } from '../protocol/messages.ts';
import {
  EPOCH,
  GRATUITOUS_SENT,
  PAGE_OCTETS,
  REQUESTS_RECEIVED,
  RESPONSES_SENT,
  SLOT_NUMBERS,
  SLOTS_PER_PAGE,
} from './layout.ts';

/** Counters of one address in a page. */
class SlotCounters implements ArpAddressCounters {
  readonly #page: Float64Array;
  readonly #base: number;

  constructor(page: Float64Array, base: number) {
    this.#page = page;
    this.#base = base;
  }

  get requestsReceived(): number {
    return this.#page[this.#base + REQUESTS_RECEIVED] ?? 0;
  }
  set requestsReceived(count: number) {
    this.#page[this.#base + REQUESTS_RECEIVED] = count;
  }
  get responsesSent(): number {
    return this.#page[this.#base + RESPONSES_SENT] ?? 0;
  }
  set responsesSent(count: number) {
    this.#page[this.#base + RESPONSES_SENT] = count;
  }
  get gratuitousSent(): number {
    return this.#page[this.#base + GRATUITOUS_SENT] ?? 0;
  }
  set gratuitousSent(count: number) {
    this.#page[this.#base + GRATUITOUS_SENT] = count;
  }
}

/** What changed since it was last asked for. */
export interface CounterChanges {
  readonly assigned: readonly CounterSlot[];
  readonly released: readonly string[];
}

/**
 * Counters of addresses in memory that the control thread reads when it is asked for metrics: a scrape costs the wire
 * thread nothing. Several interfaces count an address together.
 */
export class SharedCounters {
  readonly #pages: { readonly memory: SharedArrayBuffer; readonly numbers: Float64Array }[] = [];
  readonly #slots = new Map<string, CounterSlot & { readonly counters: SlotCounters; users: number }>();
  readonly #free: number[] = [];
  #nextSlot = 0;
  #epoch = 0;
  #assigned: CounterSlot[] = [];
  #released: string[] = [];

  get pages(): readonly SharedArrayBuffer[] {
    return this.#pages.map(({ memory }) => memory);
  }

  /** Every slot in use, for a control thread that knows none. */
  all(): readonly CounterSlot[] {
    return [...this.#slots.values()].map(({ address, slot, epoch }) => ({ address, slot, epoch }));
  }

  /** Counts from zero for the first user of an address. */
  acquire(address: string): ArpAddressCounters {
    const known = this.#slots.get(address);
    if (known !== undefined) {
      known.users += 1;
      return known.counters;
    }
    const slot = this.#free.pop() ?? this.#nextSlot++;
    const { numbers, base } = this.#place(slot);
    this.#epoch += 1;
    const epoch = this.#epoch;
    numbers.fill(0, base, base + SLOT_NUMBERS);
    numbers[base + EPOCH] = epoch;
    const counters = new SlotCounters(numbers, base);
    this.#slots.set(address, { address, slot, epoch, counters, users: 1 });
    this.#assigned.push({ address, slot, epoch });
    return counters;
  }

  /** Of an address that somebody acquired; counts that nobody reads for any other. */
  of(address: string): ArpAddressCounters {
    const known = this.#slots.get(address);
    return known?.counters ?? { requestsReceived: 0, responsesSent: 0, gratuitousSent: 0 };
  }

  /** After the last user the series is gone. */
  release(address: string): void {
    const known = this.#slots.get(address);
    if (known === undefined) return;
    known.users -= 1;
    if (known.users > 0) return;
    this.#slots.delete(address);
    const { numbers, base } = this.#place(known.slot);
    numbers[base + EPOCH] = 0;
    this.#free.push(known.slot);
    this.#released.push(address);
  }

  /** @returns `undefined` if nothing did. */
  takeChanges(): CounterChanges | undefined {
    if (this.#assigned.length === 0 && this.#released.length === 0) return undefined;
    // What was given and taken back in between is of no interest.
    const assigned = this.#assigned.filter(({ address, epoch }) => this.#slots.get(address)?.epoch === epoch);
    const changes = { assigned, released: this.#released };
    this.#assigned = [];
    this.#released = [];
    return changes;
  }

  #place(slot: number): { readonly numbers: Float64Array; readonly base: number } {
    const at = Math.floor(slot / SLOTS_PER_PAGE);
    let page = this.#pages[at];
    if (page === undefined) {
      const memory = new SharedArrayBuffer(PAGE_OCTETS);
      page = { memory, numbers: new Float64Array(memory) };
      this.#pages[at] = page;
    }
    return { numbers: page.numbers, base: (slot % SLOTS_PER_PAGE) * SLOT_NUMBERS };
  }
}
