import type { ParsedConfig } from '@steelyard/config';
import type { ServiceAnnouncementView } from './service-view.ts';

/** A decision about a Service, with what is to be remembered for the next one. */
export interface Judgement<Decision> {
  readonly decision: Decision;
  /** It cannot be told from the configuration whether the Service is announced. */
  readonly unknown: boolean;
  /** What it was last announced by: the configuration that had a pool for its addresses. */
  readonly placed: Placed | undefined;
}

interface Placed {
  readonly config: ParsedConfig;
  readonly addresses: readonly string[];
}

interface Judged {
  readonly service: ServiceAnnouncementView;
  readonly config: ParsedConfig;
}

interface Decided {
  readonly eligible: boolean;
  readonly because: string;
}

/**
 * Decides about a Service by the configuration in force, or by the one before where that one says nothing of its addresses.
 *
 * Unknown is not absent: while nothing can be told of its pool, a Service stays announced where it still has its addresses.
 * And a pool that is gone is the controller's to act on. As long as the status goes on to name the address, clients use it,
 * and MetalLB's speaker, which takes no configuration that has lost an address it announces, answers for it; so do we,
 * for another speaker that does not would leave the address to nobody.
 *
 * @param decide - By one protocol. What is eligible is so because of `held`, where that is given.
 * @param before - What was made of it last; undefined for a Service that was not there.
 * @see MetalLB `speaker/main.go`, `SetConfig`
 */
export function judgeService<Input extends Judged, Decision extends Decided>(
  input: Input,
  decide: (input: Input, held?: 'HeldFromRemovedPool') => Decision,
  before: Judgement<Decision> | undefined,
): Judgement<Decision> {
  const decision = decide(input);
  if (decision.eligible) {
    return { decision, unknown: false, placed: { config: input.config, addresses: input.service.addresses } };
  }
  const unknown = decision.because === 'ConfigurationUnknown';
  const held =
    unknown || decision.because === 'ipNotAllowed' ? decideAsBefore(input, decide, before, unknown) : undefined;
  return held ?? { decision, unknown, placed: undefined };
}

/** @returns `undefined` where nothing speaks for the addresses that the Service has now. */
function decideAsBefore<Input extends Judged, Decision extends Decided>(
  input: Input,
  decide: (input: Input, held?: 'HeldFromRemovedPool') => Decision,
  before: Judgement<Decision> | undefined,
  unknown: boolean,
): Judgement<Decision> | undefined {
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
  const then = { ...input, service: { ...service, addresses }, config: placed.config };
  if (unknown) {
    return { decision: decide(then), unknown, placed };
  }
  // What ends for another reason does not begin again: its pool is gone.
  const decision = decide(then, 'HeldFromRemovedPool');
  return { decision, unknown, placed: decision.eligible ? placed : undefined };
}
