import type { AdapterLogger } from '../logger.ts';

/** Says what anyone can cause at will: once at first, then no more often than `intervalMs`, with how many were not told. */
export function createSparseLog(
  logger: AdapterLogger,
  intervalMs: number,
): (pairs: Readonly<Record<string, unknown>>, msg: string) => void {
  let toldAtMs = Number.NEGATIVE_INFINITY;
  let untold = 0;
  return (pairs, msg) => {
    const nowMs = performance.now();
    if (nowMs - toldAtMs < intervalMs) {
      untold++;
      return;
    }
    logger.warn({ ...pairs, ...(untold === 0 ? {} : { untold }) }, msg);
    toldAtMs = nowMs;
    untold = 0;
  };
}
