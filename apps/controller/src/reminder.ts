/**
 * Longer than a controller that holds the record may write without renewing it: 0.9 of 15 s less a write's 5 s, and what clocks
 * may differ by.
 */
const QUIET_MS = 12_000;

/** Says once more what is wanted. */
export interface Reminder {
  /** To be called with whatever is wanted. */
  wanted(): void;
  stop(): void;
}

/**
 * Says again that something is wanted where nothing was wanted for a while and something still waits. What is wanted right after
 * its last sign of life a holder may do without another: who stands by knows that it is dead by what is left undone, and the
 * holder, if Services wait that nobody can serve, shows by renewing that it is not.
 */
export function createReminder({
  waiting,
  remind,
}: {
  readonly waiting: () => boolean;
  readonly remind: () => void;
}): Reminder {
  let timer: NodeJS.Timeout | undefined;
  const look = (): void => {
    timer = undefined;
    if (waiting()) remind();
  };
  return {
    wanted() {
      if (timer === undefined) timer = setTimeout(look, QUIET_MS);
      else timer.refresh();
    },
    stop() {
      clearTimeout(timer);
      timer = undefined;
    },
  };
}
