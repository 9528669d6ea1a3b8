/** Addresses counted in one page of shared memory. */
export const SLOTS_PER_PAGE = 1024;
/** Numbers of a slot: who has it, then the three counters. All are floating point, so each is read and written whole. */
export const SLOT_NUMBERS = 4;
export const EPOCH = 0;
export const REQUESTS_RECEIVED = 1;
export const RESPONSES_SENT = 2;
export const GRATUITOUS_SENT = 3;
export const PAGE_OCTETS: number = SLOTS_PER_PAGE * SLOT_NUMBERS * Float64Array.BYTES_PER_ELEMENT;
