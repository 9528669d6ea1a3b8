/**
 * Where two ways of deciding are both defensible: ours, and MetalLB's, which `--parity=metallb` asks for. What only
 * harms (flapping, a leak, an address handed to two) is no habit, and is done by neither.
 */
export interface Habits {
  /** A Service that asks for what it cannot have keeps what it has. MetalLB clears it first, and then finds nothing. */
  readonly keepsWhileAsking: boolean;
  /** Addresses in a status stay in the order in which they were given. MetalLB sorts requested ones as texts. */
  readonly keepsOrder: boolean;
  /** A status that somebody edited is put right. MetalLB takes it for what the Service has. */
  readonly correctsStatus: boolean;
  /** A Service of two families that becomes one of one keeps the address of that family. MetalLB drops both. */
  readonly keepsFamily: boolean;
  /** A Service that lost its addresses to the configuration gets the same ones again where it can. */
  readonly remembers: boolean;
  /** An Event that says what still is so is not posted again. MetalLB posts it at each look. */
  readonly tellsNewsOnly: boolean;
  /** Holders are judged by age, so that of two the older keeps an address. MetalLB: who shows more addresses, in any order. */
  readonly olderHolderStays: boolean;
}

export const OWN_HABITS: Habits = {
  keepsWhileAsking: true,
  keepsOrder: true,
  correctsStatus: true,
  keepsFamily: true,
  remembers: true,
  tellsNewsOnly: true,
  olderHolderStays: true,
};

/** @see MetalLB `controller/service.go` and `internal/k8s/controllers/service_controller_reload.go` */
export const METALLB_HABITS: Habits = {
  keepsWhileAsking: false,
  keepsOrder: false,
  correctsStatus: false,
  keepsFamily: false,
  remembers: false,
  tellsNewsOnly: false,
  olderHolderStays: false,
};
