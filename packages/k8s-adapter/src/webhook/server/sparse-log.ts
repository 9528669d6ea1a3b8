type Say = (pairs: Readonly<Record<string, unknown>>, msg: string) => void;

/**
 * Says what anyone can cause at will: at most `burst` times in each interval; the first of the next interval tells how many
 * were kept back.
 */
export function createSparseLog(
  say: Say,
  options: { readonly burst: number; readonly intervalMs: number },
  nowMs: () => number = () => performance.now(),
): Say {
  let beganAtMs = Number.NEGATIVE_INFINITY;
  let said = 0;
  let untold = 0;
  return (pairs, msg) => {
    const now = nowMs();
    if (now - beganAtMs >= options.intervalMs) {
      beganAtMs = now;
      said = 0;
    }
    if (said >= options.burst) {
      untold++;
      return;
    }
    said++;
    say({ ...pairs, ...(untold === 0 ? {} : { untold }) }, msg);
    untold = 0;
  };
}
