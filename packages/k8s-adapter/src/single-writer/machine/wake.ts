import { successionDueAtMs } from './lease.ts';
import type { SingleWriterConfig, SingleWriterState } from './state.ts';

/** When `step` wants a tick; infinite where only an answer or a request will bring something new. */
export function wakeAtMs(state: SingleWriterState, config: SingleWriterConfig): number {
  const { phase, pods } = state;
  const never = Number.POSITIVE_INFINITY;
  const idle = state.operation === undefined;
  const podsAtMs = pods.off || pods.listing ? never : pods.nextAtMs;
  switch (phase) {
    case 'starting':
      return Math.min(
        idle && (state.seen === undefined || state.mustRead) ? state.nextReadAtMs : never,
        podsAtMs,
        state.startedAtMs + config.strangersMaxMs,
      );
    case 'waiting':
      return Math.min(idle ? state.nextReadAtMs : never, podsAtMs, state.waitUntilMs);
    case 'standby': {
      if (!idle) return never;
      if (state.mustRead) return state.nextReadAtMs;
      const vacantMs = (state.seen?.record?.holder ?? '') === '' ? state.vacantFromMs : never;
      return Math.min(state.nextReadAtMs, vacantMs, state.failures > 0 ? never : successionDueAtMs(state, config));
    }
    case 'catchingUp':
      if (idle && state.mustRead) return state.nextReadAtMs;
      return state.catchingUp ? never : state.nextCatchUpAtMs;
    case 'holding':
      if (!state.renewWanted) return never;
      return Math.min(idle && (state.mustRead || state.failures > 0) ? state.nextReadAtMs : never, podsAtMs);
    case 'stopping':
      return idle ? state.nextReadAtMs : never;
    case 'stopped':
      return never;
  }
}
