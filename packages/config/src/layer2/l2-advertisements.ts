import type { ApiObjects } from '../objects/api-object.ts';
import type { Problem } from '../problem/problem.ts';
import { createSpecChecker } from '../problem/schema-problems.ts';
import { l2AdvertisementDefinition } from '../schema/l2-advertisement.ts';
import { type ParsedL2Advertisement, readL2Advertisement } from './l2-advertisement.ts';

const checkSpec = createSpecChecker(l2AdvertisementDefinition.spec);

/** What `readL2Advertisements` made of the objects. */
export interface ReadL2Advertisements {
  /** The older first. */
  readonly advertisements: readonly ParsedL2Advertisement[];
  readonly problems: readonly Problem[];
}

/** Reads L2Advertisements. One that cannot be read stays as it was in `previous`, if it was there. */
export function readL2Advertisements(
  objects: ApiObjects,
  previous: readonly ParsedL2Advertisement[] = [],
): ReadL2Advertisements {
  const before = new Map(previous.map((advertisement) => [advertisement.resolved.name, advertisement]));
  const read = [...objects.named, ...objects.nameless].map(({ reference, spec }) =>
    readL2Advertisement(reference, spec, checkSpec(spec), before.get(reference.name)),
  );
  return {
    advertisements: read.map(({ advertisement }) => advertisement),
    problems: read.flatMap(({ problems }) => problems),
  };
}
