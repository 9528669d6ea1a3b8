import { nearestKey } from '../problem/nearest-key.ts';
import type { Finding } from '../problem/problem.ts';

/** The keys that an object of the old format may have, and the format of what is below them. */
export interface KeyTree {
  readonly [key: string]: KeyTree | undefined;
}

/** What is to be said of a key that MetalLB never had there. */
export function unknownKey(key: string, field: string, value: unknown, known: readonly string[]): Finding {
  const near = nearestKey(key, known);
  return {
    severity: near === undefined ? 'warning' : 'error', // a misspelled key leaves unsaid what its author meant to say
    field,
    value,
    code: 'ERR_CONFIG_UNKNOWN_KEY',
    message: `field ${key.slice(0, 64)} not found`,
    remedy: near === undefined ? `remove it; known here are ${known.join(', ')}` : `did you mean ${near}?`,
  };
}
