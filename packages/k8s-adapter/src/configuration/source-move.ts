/** How long nothing must have changed, and the longest wait for that. */
export interface SourceMoveTiming {
  readonly quietMs: number;
  readonly atMostMs: number;
}

const DEFAULT_TIMING: SourceMoveTiming = { quietMs: 2_000, atMostMs: 20_000 };

/** Holds back the move from the old ConfigMap to what replaces it. */
export interface SourceMove {
  /** Asked at each change while the move is due. If not now, `onTime` is called when it is time. */
  isTime(): boolean;
  /** There is nothing to move to any more, or the move is made. */
  cancel(): void;
}

/**
 * A ConfigMap is replaced by several objects, which come one after the other: in what MetalLB's converter writes, the
 * first is a BGPPeer. Acting on that one alone, or on a ConfigMap deleted before they come, would take every address
 * back that their pools have.
 */
export function createSourceMove(onTime: () => void, timing: SourceMoveTiming = DEFAULT_TIMING): SourceMove {
  let timer: NodeJS.Timeout | undefined;
  let beganMs: number | undefined;
  let timeHasCome = false;

  function cancel(): void {
    clearTimeout(timer);
    beganMs = undefined;
    timeHasCome = false;
  }

  return {
    isTime() {
      if (timeHasCome) return true;
      const nowMs = performance.now();
      beganMs ??= nowMs;
      clearTimeout(timer);
      timer = setTimeout(
        () => {
          timeHasCome = true;
          onTime();
        },
        Math.max(0, Math.min(timing.quietMs, beganMs + timing.atMostMs - nowMs)),
      );
      return false;
    },
    cancel,
  };
}
