import { goQuote } from '@steelyard/ipam';
import { type ConfigurationChoice, chooseConfiguration } from './choose-configuration.ts';
import type { ConfigurationInput } from './configuration-input.ts';
import {
  type ParsedL2Advertisement,
  readL2Advertisement,
  UNRESTRICTED_L2_ADVERTISEMENT,
} from './layer2/l2-advertisement.ts';
import { readLegacyConfigMap } from './legacy/legacy-config-map.ts';
import { compareTexts } from './objects/compare-texts.ts';
import { isObject, labelsOf, objectOr, textOr, type UntrustedObject, withoutNulls } from './objects/untrusted.ts';
import type { ParsedConfig } from './parsed-config.ts';
import { buildPools, type PoolSource } from './pool/pool.ts';
import {
  boundProblems,
  type ConfigurationScope,
  type ObjectReference,
  type Problem,
  problemOf,
} from './problem/problem.ts';
import { createSpecChecker } from './problem/schema-problems.ts';
import { ipAddressPoolDefinition } from './schema/ip-address-pool.ts';
import { l2AdvertisementDefinition } from './schema/l2-advertisement.ts';

/** What was made of it. */
export interface ConfigurationOutcome {
  readonly config: ParsedConfig;
  readonly problems: readonly Problem[];
  readonly choice: ConfigurationChoice;
}

const checkPool = createSpecChecker(ipAddressPoolDefinition.spec);
const checkAdvertisement = createSpecChecker(l2AdvertisementDefinition.spec);

/**
 * Parses a configuration. What is wrong takes the smallest part that holds it out of force, a pool or an
 * advertisement; all the rest stays. The outcome depends on `input` alone but for one thing: an advertisement that
 * cannot be read any more stays as it was in `previous`.
 *
 * @param previous - The configuration in force until now.
 * @returns Never throws, whatever the objects are.
 */
export function parseConfiguration(input: ConfigurationInput, previous?: ParsedConfig): ConfigurationOutcome {
  const legacyExists = input.legacyConfigMap !== undefined && input.legacyConfigMap !== null;
  const known = input.ipAddressPools.length + input.l2Advertisements.length + (input.otherObjects ?? 0);
  const choice = chooseConfiguration({
    crdObjects: input.objectsUnknown === true ? 'unknown' : known,
    legacy: legacyExists,
    mode: input.legacyMode ?? 'auto',
  });
  switch (choice.source) {
    case 'crds': {
      const outcome = parseObjects(input, choice, previous);
      return legacyExists
        ? { ...outcome, problems: [...outcome.problems, legacyIgnored(input.legacyConfigMap)] }
        : outcome;
    }
    case 'legacy':
      return parseLegacy(input, choice);
    case 'none':
      return outcomeOf(choice, { completeness: 'complete' }, []);
    case 'unknown':
      return outcomeOf(choice, { completeness: 'unknown' }, []);
  }
}

function parseObjects(
  input: ConfigurationInput,
  choice: ConfigurationChoice,
  previous: ParsedConfig | undefined,
): ConfigurationOutcome {
  const before = new Map(previous?.l2Advertisements.map((a) => [a.resolved.name, a]));
  const readAdvertisements = input.l2Advertisements
    .map((value) => objectOr(value))
    .map((object) => {
      const reference = referenceOf('L2Advertisement', object);
      const spec = withoutNulls(object['spec'] ?? {});
      return readL2Advertisement(reference, spec, checkAdvertisement(spec), before.get(reference.name));
    });
  const advertisements = readAdvertisements.map(({ advertisement }) => advertisement);
  const objects = input.ipAddressPools.filter(isObject).sort(olderFirst);
  const isNamed = (object: UntrustedObject): boolean => referenceOf('IPAddressPool', object).name !== '';
  const named = objects.filter(isNamed);
  const nameless = objects.filter((object) => !isNamed(object));
  const built = buildPools(named.map(poolSource), input.namespaces, advertisements);
  const problems = [
    ...readAdvertisements.flatMap((read) => read.problems),
    ...nameless.map(missingName),
    ...built.problems,
    ...unknownPools(advertisements, built.pools),
  ];
  const lost = built.lostPools || named.length < input.ipAddressPools.length;
  const completeness = lost || [...built.pools.values()].some((pool) => pool.incomplete) ? 'partial' : 'complete';
  return outcomeOf(choice, { completeness, pools: built.pools, l2Advertisements: advertisements }, problems);
}

function parseLegacy(input: ConfigurationInput, choice: ConfigurationChoice): ConfigurationOutcome {
  const legacy = readLegacyConfigMap(input.legacyConfigMap);
  // A pool whose protocol cannot be read has holders too, and layer 2 answers only where somebody asks.
  const layer2 = new Set(legacy.pools.filter(({ protocol }) => protocol !== 'bgp').map(({ name }) => name));
  const advertisements = [...layer2].map((name): ParsedL2Advertisement => {
    const object = legacy.pools[0]?.object ?? { kind: 'ConfigMap', namespace: '', name: '' };
    return {
      object,
      poolNames: new Set([name]),
      poolSelectors: [],
      resolved: { ...UNRESTRICTED_L2_ADVERTISEMENT, name },
    };
  });
  const built = buildPools(legacy.pools, input.namespaces, advertisements);
  const incomplete = legacy.lostPools || built.lostPools || [...built.pools.values()].some((pool) => pool.incomplete);
  return outcomeOf(
    choice,
    {
      completeness: legacy.unreadable ? 'unknown' : incomplete ? 'partial' : 'complete',
      pools: built.pools,
      l2Advertisements: advertisements,
      unplacedL2Advertisements: [UNRESTRICTED_L2_ADVERTISEMENT],
    },
    [...legacy.problems, ...built.problems],
  );
}

function outcomeOf(
  choice: ConfigurationChoice,
  parts: Pick<ParsedConfig, 'completeness'> & Partial<ParsedConfig>,
  problems: readonly Problem[],
): ConfigurationOutcome {
  const acceptedBy = (scope: ConfigurationScope): boolean =>
    parts.completeness !== 'unknown' &&
    !problems.some(({ refusedByMetalLb, scopes }) => refusedByMetalLb && scopes.includes(scope));
  const accepted = { controller: acceptedBy('controller'), speaker: acceptedBy('speaker') };
  const config: ParsedConfig = {
    pools: new Map(),
    l2Advertisements: [],
    unplacedL2Advertisements: [],
    bgpPeers: new Map(),
    bgpAdvertisements: [],
    bfdProfiles: new Map(),
    communities: new Map(),
    unknownKinds: new Set(),
    ...parts,
    source: choice.source,
    acceptedBy: accepted,
    acceptedByMetalLb: accepted.speaker,
  };
  return { config, problems: boundProblems(problems), choice };
}

function missingName(object: UntrustedObject): Problem {
  const finding = { field: 'metadata.name', value: object, remedy: 'give the pool a name' };
  const reference = referenceOf('IPAddressPool', object);
  return problemOf(reference, { ...finding, code: 'ERR_CONFIG_MISSING_NAME', message: 'missing pool name' });
}

function poolSource(object: UntrustedObject): PoolSource {
  const reference = referenceOf('IPAddressPool', object);
  const written = withoutNulls(object['spec'] ?? {});
  const spec = objectOr(written);
  return {
    object: reference,
    at: 'spec.',
    nameField: 'metadata.name',
    name: reference.name,
    labels: labelsOf(objectOr(object['metadata'])['labels']),
    addresses: spec['addresses'],
    autoAssign: spec['autoAssign'] !== false, // the CRD's default
    avoidBuggyIps: spec['avoidBuggyIPs'] === true,
    serviceAllocation: spec['serviceAllocation'],
    findings: checkPool(written).filter(({ message }) => !message.includes('required property "addresses"')), // MetalLB has words for it
  };
}

function referenceOf(kind: string, object: UntrustedObject): ObjectReference {
  const metadata = objectOr(object['metadata']);
  return { kind, namespace: textOr(metadata['namespace']), name: textOr(metadata['name']) };
}

/** By creation, then by name: of two pools that overlap the one that was there first stands. */
function olderFirst(a: UntrustedObject, b: UntrustedObject): number {
  const [left, right] = [objectOr(a['metadata']), objectOr(b['metadata'])];
  return (
    compareTexts(textOr(left['creationTimestamp'], '~'), textOr(right['creationTimestamp'], '~')) ||
    compareTexts(textOr(left['name']), textOr(right['name']))
  );
}

function unknownPools(
  advertisements: readonly ParsedL2Advertisement[],
  pools: ReadonlyMap<string, unknown>,
): readonly Problem[] {
  return advertisements.flatMap(({ object, poolNames }) =>
    [...poolNames]
      .filter((name) => !pools.has(name))
      .map((name) =>
        problemOf(object, {
          severity: 'warning',
          field: 'spec.ipAddressPools',
          value: name,
          code: 'ERR_CONFIG_UNKNOWN_POOL',
          message: `unknown pool ${goQuote(name)}`,
          remedy: 'create the pool, or take its name out',
        }),
      ),
  );
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
