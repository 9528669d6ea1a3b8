import { goQuote } from '@steelyard/ipam';
import type { ApiObjects } from '../objects/api-object.ts';
import { isObject, listOr, objectOr, textOr } from '../objects/untrusted.ts';
import { type Finding, type Problem, problemOf } from '../problem/problem.ts';
import { createSpecChecker } from '../problem/schema-problems.ts';
import { communityDefinition } from '../schema/community.ts';
import { type BgpCommunity, parseCommunity } from './community.ts';

const checkSpec = createSpecChecker(communityDefinition.spec);

/** What `readCommunities` made of the objects. */
export interface ReadCommunities {
  readonly communities: ReadonlyMap<string, BgpCommunity>;
  readonly problems: readonly Problem[];
}

/**
 * Reads the aliases of all Community objects, which share one namespace: of two with one name the older stands. One that
 * is wrong stays as it was in `previous`, if it was there.
 *
 * @see MetalLB `internal/config/config.go`, `communitiesFromCrs`
 */
export function readCommunities(
  objects: ApiObjects,
  previous: ReadonlyMap<string, BgpCommunity> = new Map(),
): ReadCommunities {
  const communities = new Map<string, BgpCommunity>();
  const problems: Problem[] = [];
  const seen = new Set<string>();
  for (const { reference, spec } of [...objects.named, ...objects.nameless]) {
    const report = (finding: Finding): void => {
      problems.push(problemOf(reference, finding));
    };
    checkSpec(spec).forEach(report);
    for (const [i, item] of listOr(objectOr(spec)['communities']).entries()) {
      if (!isObject(item)) {
        continue; // the schema's finding says so already
      }
      const at = `spec.communities[${i}]`;
      const [name, value] = [textOr(item['name']), textOr(item['value'])];
      const parsed = parseCommunity(value);
      if (!parsed.ok) {
        report({
          field: `${at}.value`,
          value: item['value'],
          code: 'ERR_CONFIG_INVALID_COMMUNITY',
          message: `parsing community ${goQuote(name)}: ${parsed.failure.message}`,
          remedy: 'write 64512:100, or large:64512:100:1',
        });
      }
      if (seen.has(name)) {
        report({
          field: `${at}.name`,
          value: name,
          code: 'ERR_CONFIG_DUPLICATE_DEFINITION',
          message: `duplicate definition of community ${goQuote(name)}`,
          remedy: 'give the second alias another name; until then the older stands',
        });
        continue;
      }
      seen.add(name);
      const inForce = parsed.ok ? parsed.value : previous.get(name);
      if (inForce !== undefined) {
        communities.set(name, inForce);
      }
    }
  }
  return { communities, problems };
}
