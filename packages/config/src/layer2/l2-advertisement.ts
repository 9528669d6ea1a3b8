import { type AdvertisedPool, attachToPools } from '../advertisement/attach.ts';
import { advertisesFromNode } from '../advertisement/reach.ts';
import { readAdvertisementTarget } from '../advertisement/target.ts';
import { compareTexts } from '../objects/compare-texts.ts';
import { listOr, objectOr, textsOf } from '../objects/untrusted.ts';
import { type Finding, type ObjectReference, type Problem, problemOf } from '../problem/problem.ts';
import { selectorText } from '../selectors/go-selector-text.ts';
import {
  type Labels,
  matchesLabelSelector,
  type ParsedLabelSelector,
  parseLabelSelector,
} from '../selectors/label-selector.ts';
import { SELECTOR_REMEDY } from '../selectors/selector-list.ts';

/** A preference for the nodes that a selector matches. */
export interface NodePreference {
  readonly weight: number;
  readonly preference: ParsedLabelSelector;
}

/** An L2Advertisement, checked. */
export interface ResolvedL2Advertisement {
  readonly name: string;
  /** One must match the node's labels; empty takes all nodes. */
  readonly nodeSelectors: readonly ParsedLabelSelector[];
  readonly interfaces: readonly string[] | 'all';
  /** One must match the Service's labels; empty takes all Services. */
  readonly serviceSelectors: readonly ParsedLabelSelector[];
  /** The weights of all that match a node are added up. */
  readonly preferredNodeSelectors: readonly NodePreference[];
}

/** An L2Advertisement with the pools that it is for. */
export interface ParsedL2Advertisement {
  readonly resolved: ResolvedL2Advertisement;
  readonly object: ObjectReference;
  readonly poolNames: ReadonlySet<string>;
  readonly poolSelectors: readonly ParsedLabelSelector[];
  /** The first error in the object. */
  readonly invalid?: Problem | undefined;
}

/** Announces from every node on every interface: what `protocol: layer2` in the old ConfigMap means. */
export const UNRESTRICTED_L2_ADVERTISEMENT: ResolvedL2Advertisement = {
  name: '',
  nodeSelectors: [],
  interfaces: 'all',
  serviceSelectors: [],
  preferredNodeSelectors: [],
};

/** How much an advertisement prefers a node; 0 for one that it does not let announce. */
export function preferenceForNode(advertisement: ResolvedL2Advertisement, nodeLabels: Labels): number {
  if (!advertisesFromNode(advertisement, nodeLabels)) {
    return 0;
  }
  return advertisement.preferredNodeSelectors.reduce(
    (score, { weight, preference }) => score + (matchesLabelSelector(preference, nodeLabels) ? weight : 0),
    0,
  );
}

/**
 * Reads one L2Advertisement.
 *
 * What is written twice is taken once, and a selector that cannot be read matches nothing; either makes the object
 * invalid. If something in it cannot be read, `previous`, the same object when it last could be, stays in force
 * instead: what was announced stays announced.
 *
 * @see MetalLB `internal/config/config.go`, `l2AdvertisementFromCR`
 */
export function readL2Advertisement(
  object: ObjectReference,
  specValue: unknown,
  schemaFindings: readonly Finding[],
  previous: ParsedL2Advertisement | undefined,
): { readonly advertisement: ParsedL2Advertisement; readonly problems: readonly Problem[] } {
  const spec = objectOr(specValue);
  const problems: Problem[] = [];
  const report = (finding: Finding): void => {
    problems.push(problemOf(object, finding));
  };
  schemaFindings.forEach(report);
  const target = readAdvertisementTarget(object.name, spec, report);
  const { interfaces } = spec;
  const preferences = readPreferences(spec['preferredNodeSelectors'], object.name, report);
  const readable = schemaFindings.length === 0 && target.readable && preferences.readable;
  const invalid = problems.find(({ severity }) => severity === 'error');
  const advertisement: ParsedL2Advertisement = {
    object,
    poolNames: target.poolNames,
    poolSelectors: target.poolSelectors,
    invalid,
    resolved: {
      name: object.name,
      nodeSelectors: target.nodeSelectors,
      interfaces: interfaces === undefined || isEmptyList(interfaces) ? 'all' : [...new Set(textsOf(interfaces))],
      serviceSelectors: target.serviceSelectors,
      preferredNodeSelectors: preferences.preferences,
    },
  };
  return { advertisement: readable || previous === undefined ? advertisement : { ...previous, invalid }, problems };
}

function isEmptyList(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}

function readPreferences(
  value: unknown,
  name: string,
  report: (finding: Finding) => void,
): { readonly preferences: readonly NodePreference[]; readonly readable: boolean } {
  let readable = true;
  const preferences = listOr(value).flatMap((item, i): NodePreference[] => {
    const { weight, preference } = objectOr(item);
    const parsed = parseLabelSelector(preference ?? {});
    if (!parsed.ok) {
      readable = false;
      report({
        field: `spec.preferredNodeSelectors[${i}].preference${parsed.failure.field === '' ? '' : `.${parsed.failure.field}`}`,
        value: parsed.failure.value,
        code: 'ERR_CONFIG_INVALID_SELECTOR',
        message: `${parsed.failure.message}: invalid preferred node selector ${selectorText(preference)}: failed to parse preferred node selectors for ${name}`,
        remedy: SELECTOR_REMEDY,
      });
      return []; // a preference is no condition: without it the node is announced from all the same
    }
    return Number.isInteger(weight) ? [{ weight: Number(weight), preference: parsed.value }] : [];
  });
  return { preferences, readable };
}

/**
 * Finds the advertisements of each pool. One that adds nothing to another is attached once; preferences are kept, for
 * they add up.
 *
 * @see MetalLB `internal/config/config.go`, `setL2AdvertisementsToPools` and `containsAdvertisement`
 */
export function attachL2Advertisements(
  advertisements: readonly ParsedL2Advertisement[],
  pools: readonly AdvertisedPool[],
): ReadonlyMap<string, readonly ResolvedL2Advertisement[]> {
  const effects = new Map(advertisements.map(({ resolved }) => [resolved, effectOf(resolved)]));
  const attached = new Map<string, readonly ResolvedL2Advertisement[]>();
  for (const [name, own] of attachToPools(advertisements, pools)) {
    const inOrder = own.map(({ resolved }) => resolved).sort((a, b) => compareTexts(a.name, b.name));
    attached.set(name, withoutRepetitions(inOrder, effects));
  }
  return attached;
}

function withoutRepetitions(
  advertisements: readonly ResolvedL2Advertisement[],
  effects: ReadonlyMap<ResolvedL2Advertisement, string>,
): readonly ResolvedL2Advertisement[] {
  const seen = new Set<string | undefined>();
  return advertisements.filter((advertisement) => {
    if (advertisement.preferredNodeSelectors.length > 0) {
      return true;
    }
    const effect = effects.get(advertisement);
    return !seen.has(effect) && seen.add(effect);
  });
}

/** Equal for advertisements that have the same effect, whatever the order in which they say it. */
function effectOf({ nodeSelectors, interfaces, serviceSelectors }: ResolvedL2Advertisement): string {
  const text = (selector: ParsedLabelSelector) =>
    selector.requirements === 'nothing'
      ? 'nothing'
      : JSON.stringify(
          selector.requirements
            .map((r) => JSON.stringify([r.key, r.operator, [...r.values].sort(compareTexts)]))
            .sort(),
        );
  return JSON.stringify([
    nodeSelectors.map(text).sort(),
    interfaces === 'all' ? interfaces : [...interfaces].sort(compareTexts),
    serviceSelectors.map(text).sort(),
  ]);
}
