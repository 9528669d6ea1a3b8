import type { ReconcileState } from './state.ts';
import type { ReconcileEffect } from './vocabulary.ts';

/** Make before break: who is owner now may need a moment more, and until it is heard somebody must answer. */
export function yieldTo(
  state: ReconcileState,
  address: string,
  owned: ReadonlySet<string>,
  effects: ReconcileEffect[],
): void {
  state.owned.delete(address);
  state.yields += 1;
  const turn = state.yields;
  state.yielding.set(address, { interfaces: new Set(owned), turn });
  effects.push({ type: 'yield', address, turn });
}

/** Falls silent for an address that another speaker owns, on one interface or on all. */
export function endYield(
  state: ReconcileState,
  address: string,
  effects: ReconcileEffect[],
  interfaceName?: string,
): void {
  const yielded = state.yielding.get(address);
  if (yielded === undefined) return;
  for (const name of interfaceName === undefined ? [...yielded.interfaces] : [interfaceName]) {
    if (yielded.interfaces.delete(name)) effects.push({ type: 'disown', interfaceName: name, address });
  }
  if (yielded.interfaces.size === 0) state.yielding.delete(address);
}
