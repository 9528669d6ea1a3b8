import { readFileSync } from 'node:fs';
import { octetsOf } from './octets-of.ts';

/** An OPEN of another implementation, with what was configured there. */
export interface CapturedOpen {
  readonly source: string;
  readonly octets: Uint8Array;
}

/** Those of `opens.hex`. */
export const capturedOpens: readonly CapturedOpen[] = readFileSync(new URL('opens.hex', import.meta.url), 'utf8')
  .split(/\n\n/)
  .slice(1)
  .map((block) => ({ source: block.split('\n')[0]?.slice(2) ?? '', octets: octetsOf(block) }));
