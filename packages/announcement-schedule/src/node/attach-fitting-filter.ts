import type { BpfInstruction } from '../filter/program.ts';

/** What a packet socket of `@steelyard/linux-socket` does here. */
export interface FilteredSocket {
  /** @throws A system error with the code `ENOMEM` where old and new filter together need too much memory. */
  attachFilter(program: readonly BpfInstruction[]): void;
  detachFilter(): void;
}

const isOutOfMemory = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'ENOMEM';

/**
 * Attaches a filter that the kernel has memory for (`net.core.optmem_max`: before Linux 6.8, 20 KiB by default).
 *
 * Where there is none for two large filters at once, everything is let through for the moment between them; where there
 * is none for this one, half as many ranges are tried, and so on.
 *
 * @param compile - Makes the filter with at most so many ranges.
 * @param ranges - To begin with.
 * @param fewest - Below this the filter gets no cheaper for the kernel that matters.
 * @returns With how many ranges it was compiled; begin with them the next time.
 * @throws What the kernel refuses for another reason, or with the fewest ranges.
 */
export function attachFittingFilter(
  socket: FilteredSocket,
  compile: (ranges: number) => readonly BpfInstruction[],
  ranges: number,
  fewest: number,
): number {
  for (let fitting = ranges; ; fitting = Math.max(fewest, fitting >> 1)) {
    const program = compile(fitting);
    try {
      socket.attachFilter(program);
      return fitting;
    } catch (error) {
      if (!isOutOfMemory(error)) throw error;
    }
    socket.detachFilter();
    try {
      socket.attachFilter(program);
      return fitting;
    } catch (error) {
      if (!isOutOfMemory(error) || fitting <= fewest) throw error;
    }
  }
}
