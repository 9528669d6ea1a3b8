import { setFlagsFromString } from 'node:v8';

/**
 * Keeps V8's young generation at the size that it starts with, in this thread and in all that are started later.
 *
 * A list of thousands of objects is parsed once, and V8 grows the space for short-lived objects to 32 MiB in each
 * thread, twice, for good: a daemon with 20 MiB of live objects then holds 120. It must be called before the work
 * begins; what has grown does not shrink. (`--max-semi-space-size` has no effect once V8 runs.)
 */
export function keepYoungGenerationSmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
}
