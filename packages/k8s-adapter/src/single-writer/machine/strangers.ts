import { podOf } from '../record.ts';
import type { SingleWriterConfig, SingleWriterState } from './state.ts';

/**
 * Pods of controllers that do not keep to the record, as MetalLB's. One that the record names does. To one who holds it already
 * a Pod of the same image is no stranger either: it is our own next version, which has not come to the record yet.
 */
export function strangersOf(state: SingleWriterState, config: SingleWriterConfig, asHolder: boolean): string[] {
  const record = state.seen?.record;
  const known = new Set([...(record?.participants ?? []), ...state.pods.tolerated, config.podName]);
  const holderPod = podOf(record?.holder ?? '');
  if (holderPod !== undefined) known.add(holderPod);
  return state.pods.others
    .filter(({ name, repository }) => {
      if (known.has(name)) return false;
      return !(asHolder && config.repository !== '' && repository === config.repository);
    })
    .map(({ name }) => name)
    .sort();
}

/** Whether somebody who keeps to the record seems to stand by, or is about to. */
export function hasCompanion(state: SingleWriterState, config: SingleWriterConfig): boolean {
  const companions = (state.seen?.record?.participants ?? []).filter((name) => name !== config.podName);
  if (state.pods.off) return companions.length > 0;
  return state.pods.others.some(
    ({ name, repository }) =>
      companions.includes(name) || (config.repository !== '' && repository === config.repository),
  );
}

/** One who comes later than this sees the lease for long enough not to take its holder's silence for its end. */
const COMPANIONS_AGE_MS = 5_000;

/** Whether somebody may have come to stand by since the Pods were listed. */
export function isListOld({ pods }: SingleWriterState, nowMs: number): boolean {
  return !pods.off && nowMs >= pods.listedAtMs + COMPANIONS_AGE_MS;
}
