import { test } from 'vitest';
import { realMetalLb } from './controllers.ts';

/** A test that needs MetalLB's own controller. Where none is named there is no such test, and so none that is skipped. */
export function testWithMetalLb(name: string, run: () => Promise<void>, timeoutMs?: number): void {
  if (realMetalLb() !== undefined) test(name, run, timeoutMs);
}
