import { compareTexts } from '../objects/compare-texts.ts';
import { listOr, objectOr, textsOf } from '../objects/untrusted.ts';
import { type Finding, type ObjectReference, type Problem, problemOf } from '../problem/problem.ts';
import { duplicateName } from '../selectors/duplicate-definitions.ts';
import { selectorText } from '../selectors/go-selector-text.ts';
import {
  type Labels,
  matchesAnyLabelSelector,
  matchesLabelSelector,
  NOTHING,
  type ParsedLabelSelector,
  parseLabelSelector,
} from '../selectors/label-selector.ts';
import { DUPLICATE_REMEDY, readSelectorList, SELECTOR_REMEDY } from '../selectors/selector-list.ts';

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

/** Whether an advertisement lets a node announce. */
export function advertisesFromNode(advertisement: ResolvedL2Advertisement, nodeLabels: Labels): boolean {
  const { nodeSelectors } = advertisement;
  return nodeSelectors.length === 0 || matchesAnyLabelSelector(nodeSelectors, nodeLabels);
}

/** Whether an advertisement is for a Service. */
export function advertisesService(advertisement: ResolvedL2Advertisement, serviceLabels: Labels): boolean {
  const { serviceSelectors } = advertisement;
  return serviceSelectors.length === 0 || matchesAnyLabelSelector(serviceSelectors, serviceLabels);
}

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
  const duplicate = duplicateName(spec['ipAddressPools'], 'ipAddressPools');
  if (duplicate !== undefined) {
    report({
      field: `spec.ipAddressPools${duplicate.at}`,
      value: duplicate.value,
      code: 'ERR_CONFIG_DUPLICATE_DEFINITION',
      message: duplicate.message,
      remedy: DUPLICATE_REMEDY,
    });
  }
  const read = (field: string, complain: (why: string, selector: unknown) => string) =>
    readSelectorList(spec[field], `spec.${field}`, complain, report);
  const invalidSelector = (why: string, selector: unknown) =>
    `${why}: invalid label selector ${selectorText(selector)}`;
  const pools = read('ipAddressPoolSelectors', invalidSelector);
  const nodes = read(
    'nodeSelectors',
    (why, selector) => `${invalidSelector(why, selector)}: failed to parse node selector for ${object.name}`,
  );
  const services = read(
    'serviceSelectors',
    (why, selector) =>
      `invalid service selector ${selectorText(selector)}: ${why}: failed to parse service selector for ${object.name}`,
  );
  const { interfaces, ipAddressPools } = spec;
  const namesReadable = ipAddressPools === undefined || Array.isArray(ipAddressPools);
  const preferences = readPreferences(spec['preferredNodeSelectors'], object.name, report);
  const readable = schemaFindings.length === 0 && [pools, nodes, services, preferences].every((part) => part.readable);
  const invalid = problems.find(({ severity }) => severity === 'error');
  const advertisement: ParsedL2Advertisement = {
    object,
    poolNames: new Set(textsOf(ipAddressPools)),
    poolSelectors: namesReadable ? pools.selectors : [...pools.selectors, NOTHING],
    invalid,
    resolved: {
      name: object.name,
      nodeSelectors: nodes.selectors,
      interfaces: interfaces === undefined || isEmptyList(interfaces) ? 'all' : [...new Set(textsOf(interfaces))],
      serviceSelectors: services.selectors,
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

/** What attaching needs to know of a pool. */
interface AdvertisedPool {
  readonly name: string;
  readonly labels: Labels;
}

/**
 * Finds the advertisements of each pool: by name and by selector together, all pools where an advertisement has
 * neither. One that adds nothing to another is attached once; preferences are kept, for they add up.
 *
 * @see MetalLB `internal/config/config.go`, `setL2AdvertisementsToPools` and `containsAdvertisement`
 */
export function attachAdvertisements(
  advertisements: readonly ParsedL2Advertisement[],
  pools: readonly AdvertisedPool[],
): ReadonlyMap<string, readonly ResolvedL2Advertisement[]> {
  const known = new Set(pools.map(({ name }) => name));
  const effects = new Map(advertisements.map(({ resolved }) => [resolved, effectOf(resolved)]));
  const everywhere = advertisements.filter((a) => a.poolNames.size === 0 && a.poolSelectors.length === 0);
  const selecting = advertisements.filter((a) => a.poolSelectors.length > 0);
  const attached = new Map<string, Set<ParsedL2Advertisement>>();
  for (const advertisement of advertisements) {
    for (const name of advertisement.poolNames) {
      if (known.has(name)) {
        attached.set(name, (attached.get(name) ?? new Set()).add(advertisement));
      }
    }
  }
  return new Map(
    pools.map(({ name, labels }) => {
      const bySelector = selecting.filter((a) => matchesAnyLabelSelector(a.poolSelectors, labels));
      const all = new Set([...everywhere, ...bySelector, ...(attached.get(name) ?? [])]);
      const inOrder = [...all].map((a) => a.resolved).sort((a, b) => compareTexts(a.name, b.name));
      return [name, withoutRepetitions(inOrder, effects)];
    }),
  );
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
