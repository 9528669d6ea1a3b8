import { setFlagsFromString } from 'node:v8';

/**
 * Does without Maglev, the compiler in the middle, in this thread and in all that are started later: what is hot is
 * optimized by TurboFan still. Measured with a speaker of 1,000 Services: 7 to 10 MiB of RSS less, and no more CPU.
 * To be called before the work begins.
 */
export function doWithoutMaglev(): void {
  setFlagsFromString('--no-maglev');
}
