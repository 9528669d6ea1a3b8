import type { ObjectReference, Problem } from '../problem/problem.ts';

/** A BFDProfile, checked. What is not given is the implementation's to choose. */
export interface ParsedBfdProfile {
  readonly name: string;
  readonly object: ObjectReference;
  readonly receiveIntervalMs?: number | undefined;
  readonly transmitIntervalMs?: number | undefined;
  readonly detectMultiplier?: number | undefined;
  readonly echoIntervalMs?: number | undefined;
  readonly echoMode: boolean;
  readonly passiveMode: boolean;
  readonly minimumTtl?: number | undefined;
  /** The first error in the object; what is here is what it was before. */
  readonly invalid?: Problem | undefined;
}
