import type { ParsedConfig } from '@steelyard/config';
import { decideLayer2, type Layer2Decision, type Layer2Input, type NodeIndex } from './decide-layer2.ts';

/** A decision about a Service, with what is to be remembered for the next one. */
export interface Judgement {
  readonly decision: Layer2Decision;
  /** It cannot be told from the configuration whether the Service is announced. */
  readonly unknown: boolean;
  /** What it was last announced by: the configuration that had a pool for its addresses. */
  readonly placed: Placed | undefined;
}

interface Placed {
  readonly config: ParsedConfig;
  readonly addresses: readonly string[];
}

/**
 * Decides about a Service by the configuration in force, or by the one before where that one says nothing of its addresses.
 *
 * Unknown is not absent: while nothing can be told of its pool, a Service stays announced where it still has its addresses.
 * And a pool that is gone is the controller's to act on. As long as the status goes on to name the address, clients use it,
 * and MetalLB's speaker, which takes no configuration that has lost an address it announces, answers for it; so do we,
 * for another speaker that does not would leave the address to nobody.
 *
 * @param before - What was made of it last; undefined for a Service that was not there.
 * @see MetalLB `speaker/main.go`, `SetConfig`
 */
export function judgeService(input: Layer2Input, index: NodeIndex, before: Judgement | undefined): Judgement {
  const decision = decideLayer2(input, index);
  if (decision.eligible) {
    return { decision, unknown: false, placed: { config: input.config, addresses: input.service.addresses } };
  }
  const unknown = decision.because === 'ConfigurationUnknown';
  const held =
    unknown || decision.because === 'ipNotAllowed' ? decideAsBefore(input, index, before, unknown) : undefined;
  return held ?? { decision, unknown, placed: undefined };
}

/** @returns `undefined` where nothing speaks for the addresses that the Service has now. */
function decideAsBefore(
  input: Layer2Input,
  index: NodeIndex,
  before: Judgement | undefined,
  unknown: boolean,
): Judgement | undefined {
  const placed = before?.placed;
  if (placed === undefined) {
    return undefined;
  }
  const { service } = input;
  // Of what is new nothing is known, and what the Service has given up may be another's.
  const addresses = service.addresses.filter((address) => placed.addresses.includes(address));
  if (addresses.length === 0 || (!unknown && addresses.length < service.addresses.length)) {
    return undefined;
  }
  const decision = decideLayer2({ ...input, service: { ...service, addresses }, config: placed.config }, index);
  if (unknown) {
    return { decision, unknown, placed };
  }
  // What ends for another reason does not begin again: its pool is gone.
  return decision.eligible
    ? { decision: { ...decision, because: 'HeldFromRemovedPool' }, unknown, placed }
    : { decision, unknown, placed: undefined };
}
