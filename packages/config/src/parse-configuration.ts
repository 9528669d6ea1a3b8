import { bgpExtrasProblems } from './bgp/bgp-extras.ts';
import { NOTHING_OUT_OF_FORCE } from './bgp/out-of-force.ts';
import { type ConfigurationChoice, chooseConfiguration } from './choose-configuration.ts';
import type { ConfigurationInput } from './configuration-input.ts';
import { referenceOf } from './objects/api-object.ts';
import { objectOr } from './objects/untrusted.ts';
import { parseLegacy } from './parse-legacy.ts';
import { type ParsedObjects, parseObjects } from './parse-objects.ts';
import type { ParsedConfig } from './parsed-config.ts';
import { boundProblems, type ConfigurationScope, type Problem, problemOf } from './problem/problem.ts';

/** What was made of it. */
export interface ConfigurationOutcome {
  /** What is in force: with strictness `all-or-nothing`, where `stale`, the very value of before, or nothing. */
  readonly config: ParsedConfig;
  readonly problems: readonly Problem[];
  readonly choice: ConfigurationChoice;
  /** Something that the reader reads is wrong, so that not all of what is written is in force: the metric `config_stale`. */
  readonly stale: boolean;
}

/** The kinds that configure. */
const CONFIGURATION_KINDS: readonly string[] = [
  'IPAddressPool',
  'L2Advertisement',
  'BGPAdvertisement',
  'BGPPeer',
  'BFDProfile',
  'Community',
];

/**
 * Parses a configuration. What is wrong takes the smallest part that holds it out of force, or leaves it as it was; all
 * the rest stays. Strictness `all-or-nothing` leaves everything as it was.
 *
 * The outcome depends on `input` and `previous` alone, and not on the order of any list.
 *
 * @param previous - The configuration in force until now.
 * @returns Never throws, whatever the objects are.
 */
export function parseConfiguration(input: ConfigurationInput, previous?: ParsedConfig): ConfigurationOutcome {
  const choice = chooseSource(input);
  switch (choice.source) {
    case 'crds': {
      const { parts, problems } = parseObjects(input, previous);
      const ignored = hasLegacy(input) ? [legacyIgnored(input.legacyConfigMap)] : [];
      return outcomeOf(input, choice, { parts, problems: [...problems, ...ignored, ...extrasOf(input)] }, previous);
    }
    case 'legacy': {
      const { parts, problems } = parseLegacy(input, previous);
      return outcomeOf(input, choice, { parts, problems: [...problems, ...extrasOf(input)] }, previous);
    }
    case 'none':
      return outcomeOf(input, choice, { parts: { completeness: 'complete' }, problems: [] }, previous);
    case 'unknown':
      return outcomeOf(input, choice, { parts: { completeness: 'unknown' }, problems: [] }, previous);
  }
}

function extrasOf({ bgpExtras, bgpType = 'native', parity = false }: ConfigurationInput): readonly Problem[] {
  return bgpExtrasProblems(bgpExtras, bgpType, parity);
}

function hasLegacy({ legacyConfigMap }: ConfigurationInput): boolean {
  return legacyConfigMap !== undefined && legacyConfigMap !== null;
}

function chooseSource(input: ConfigurationInput): ConfigurationChoice {
  const { unknownKinds = new Set(), legacyMode = 'auto', parity = false } = input;
  // MetalLB has read no ConfigMap since 0.13.
  const mode = parity && legacyMode === 'auto' ? 'off' : legacyMode;
  const { bgpAdvertisements = [], bgpPeers = [], bfdProfiles = [], communities = [] } = input;
  const lists = [input.ipAddressPools, input.l2Advertisements, bgpAdvertisements, bgpPeers, bfdProfiles, communities];
  const known = lists.reduce((sum, list) => sum + list.length, 0);
  const legacy = hasLegacy(input);
  const legacyUnknown = unknownKinds.has('ConfigMap') && mode !== 'off' && !legacy;
  if (legacyUnknown && mode === 'on') {
    return { source: 'unknown', because: 'ObjectsUnknown' };
  }
  const unknown = known === 0 && (legacyUnknown || CONFIGURATION_KINDS.some((kind) => unknownKinds.has(kind)));
  return chooseConfiguration({ crdObjects: unknown ? 'unknown' : known, legacy, mode });
}

function outcomeOf(
  { reader = 'speaker', strictness = 'isolate', parity = false }: ConfigurationInput,
  choice: ConfigurationChoice,
  { parts, problems }: ParsedObjects,
  previous: ParsedConfig | undefined,
): ConfigurationOutcome {
  const acceptedBy = (scope: ConfigurationScope): boolean =>
    parts.completeness !== 'unknown' &&
    !problems.some(({ refusedByMetalLb, scopes }) => refusedByMetalLb && scopes.includes(scope));
  const accepted = { controller: acceptedBy('controller'), speaker: acceptedBy('speaker') };
  const configOf = (own: ParsedObjects['parts']): ParsedConfig => ({
    pools: new Map(),
    l2Advertisements: [],
    unplacedL2Advertisements: [],
    bgpPeers: new Map(),
    bgpAdvertisements: [],
    bfdProfiles: new Map(),
    communities: new Map(),
    unknownKinds: new Set(),
    outOfForce: NOTHING_OUT_OF_FORCE,
    ...own,
    source: choice.source,
    acceptedBy: accepted,
    acceptedByMetalLb: reader === 'webhook' ? accepted.controller && accepted.speaker : accepted[reader],
  });
  const isRead = (scope: ConfigurationScope): boolean => reader === 'webhook' || scope === reader;
  const stale = problems.some(({ severity, scopes }) => severity === 'error' && scopes.some(isRead));
  const isolates = strictness === 'isolate' && !parity;
  const config = isolates || !stale ? configOf(parts) : (lastGood(previous) ?? configOf({ completeness: 'unknown' }));
  return { config, problems: boundProblems(problems), choice, stale };
}

/** A configuration of which nothing could be read is none to go back to. */
function lastGood(previous: ParsedConfig | undefined): ParsedConfig | undefined {
  return previous?.completeness === 'unknown' ? undefined : previous;
}

function legacyIgnored(configMap: unknown): Problem {
  return problemOf(referenceOf('ConfigMap', objectOr(configMap)), {
    severity: 'warning',
    field: '',
    value: null,
    code: 'ERR_CONFIG_LEGACY_IGNORED',
    message: 'not read, because objects of metallb.io exist',
    remedy: 'delete the ConfigMap once its pools exist as IPAddressPools',
  });
}
