import type { ApiObjects } from '../objects/api-object.ts';
import { jsonText } from '../objects/json-text.ts';
import { type Problem, problemOf } from '../problem/problem.ts';
import { type ParsedBgpAdvertisement, readBgpAdvertisement } from './bgp-advertisement.ts';
import type { BgpCommunity } from './community.ts';

/** What `readBgpAdvertisements` made of the objects. */
export interface ReadBgpAdvertisements {
  /** The older first. */
  readonly advertisements: readonly ParsedBgpAdvertisement[];
  readonly problems: readonly Problem[];
}

/** Reads BGPAdvertisements. One that is wrong stays as it was in `previous`, if it was there. */
export function readBgpAdvertisements(
  objects: ApiObjects,
  aliases: ReadonlyMap<string, BgpCommunity>,
  previous: readonly ParsedBgpAdvertisement[] = [],
): ReadBgpAdvertisements {
  const before = new Map(previous.map((advertisement) => [advertisement.resolved.name, advertisement]));
  const advertisements: ParsedBgpAdvertisement[] = [];
  const problems: Problem[] = [];
  const seen = new Map<string, number>();
  for (const [i, { reference, spec }] of [...objects.named, ...objects.nameless].entries()) {
    const identity = jsonText([reference, spec]);
    const first = seen.get(identity);
    if (first !== undefined) {
      problems.push(
        problemOf(reference, {
          field: '',
          value: reference.name,
          code: 'ERR_CONFIG_DUPLICATE_DEFINITION',
          message: `duplicate definition of bgpadvertisements. advertisement ${first + 1} and ${i + 1} are equal`,
          remedy: 'remove one of the two',
        }),
      );
      continue;
    }
    seen.set(identity, i);
    const read = readBgpAdvertisement(reference, spec, aliases, before.get(reference.name));
    for (const problem of read.problems) {
      problems.push(problem);
    }
    if (read.advertisement !== undefined) {
      advertisements.push(read.advertisement);
    }
  }
  return { advertisements, problems };
}
