import { goQuote } from '@steelyard/ipam';
import { isObject, objectOr, textOr, type UntrustedObject } from '../objects/untrusted.ts';
import type { LegacyProtocol, PoolSource } from '../pool/pool.ts';
import { type Finding, type ObjectReference, type Problem, problemOf } from '../problem/problem.ts';
import { type LegacyBgp, NO_LEGACY_BGP, readLegacyBgp } from './legacy-bgp.ts';
import { misspellsPools, unknownKeys, unknownPoolKeys } from './legacy-keys.ts';
import { plainValue, readYamlTree } from './yaml-tree.ts';

/** The key of the ConfigMap's `data` that holds the document. */
const DATA_KEY = 'config';

/** The old ConfigMap, read. */
export interface LegacyConfiguration {
  /** The ConfigMap. */
  readonly object: ObjectReference;
  readonly pools: readonly PoolSource[];
  /** What it says of BGP. */
  readonly bgp: LegacyBgp;
  readonly problems: readonly Problem[];
  /** Nothing in it could be read: its pools are unknown, not absent. */
  readonly unreadable: boolean;
  /** Pools were written that could not be made out, besides those in `pools`. */
  readonly lostPools: boolean;
}

/**
 * Reads the ConfigMap that configured MetalLB up to version 0.12: `metallb-system/config`, key `config`.
 *
 * @param configMap - The object, from outside.
 * @see MetalLB v0.12 `pkg/config/config.go`
 */
export function readLegacyConfigMap(configMap: unknown): LegacyConfiguration {
  const metadata = objectOr(objectOr(configMap)['metadata']);
  const object: ObjectReference = {
    kind: 'ConfigMap',
    namespace: textOr(metadata['namespace'], 'metallb-system'),
    name: textOr(metadata['name'], DATA_KEY),
  };
  const data = objectOr(objectOr(configMap)['data']);
  const text = Object.hasOwn(data, DATA_KEY) ? data[DATA_KEY] : undefined;
  if (typeof text !== 'string') {
    return unreadable(
      object,
      Object.keys(data),
      `no key ${goQuote(DATA_KEY)} in the ConfigMap`,
      'write the configuration under the key config',
    );
  }
  return parseLegacyConfigMap(text, object);
}

/**
 * Reads the document in the old ConfigMap.
 *
 * @param text - YAML 1.1 from outside.
 * @param object - The ConfigMap, for the problems.
 */
export function parseLegacyConfigMap(text: string, object: ObjectReference): LegacyConfiguration {
  const yaml = readYamlTree(text);
  if (!yaml.ok) {
    // Not the text: it begins with the peers, and they have passwords.
    return unreadable(object, undefined, `could not parse config: ${yaml.message}`, 'correct the YAML');
  }
  const document = plainValue(yaml.root) ?? {};
  if (!isObject(document)) {
    return unreadable(
      object,
      undefined,
      'could not parse config: not a mapping',
      'start with a key such as address-pools',
    );
  }
  const problems = unknownKeys(document).map((finding) => problemOf(object, finding));
  const pools = document['address-pools'] ?? [];
  if (!Array.isArray(pools)) {
    const list = unreadable(
      object,
      pools,
      'could not parse config: address-pools is not a list',
      'write each pool as a list item',
    );
    return { ...list, problems: [...problems, ...list.problems] };
  }
  if (misspellsPools(document)) {
    return { object, pools: [], bgp: NO_LEGACY_BGP, problems, unreadable: true, lostPools: true };
  }
  const read = pools.map((pool, i) => readPool(pool, i, object));
  const bgp = readLegacyBgp(yaml.root, object);
  return {
    object,
    pools: read.flatMap((pool) => pool.source ?? []),
    bgp,
    problems: [...problems, ...read.flatMap((pool) => pool.problems)],
    unreadable: false,
    lostPools: read.some(({ source }) => source === undefined),
  };
}

function unreadable(object: ObjectReference, value: unknown, message: string, remedy: string): LegacyConfiguration {
  const field = object.kind === 'ConfigMap' ? `data.${DATA_KEY}` : '';
  const problem = problemOf(object, { field, value, code: 'ERR_CONFIG_UNREADABLE', message, remedy });
  return { object, pools: [], bgp: NO_LEGACY_BGP, problems: [problem], unreadable: true, lostPools: true };
}

function readPool(
  value: unknown,
  index: number,
  object: ObjectReference,
): { readonly source?: PoolSource; readonly problems: readonly Problem[] } {
  const at = `address-pools[${index}].`;
  const pool = objectOr(value);
  const name = goText(pool['name']);
  if (name === undefined || name === '') {
    const finding: Finding = {
      field: `${at}name`,
      value,
      code: 'ERR_CONFIG_MISSING_NAME',
      message: `parsing address pool #${index + 1}: missing pool name`,
      remedy: 'give the pool a name; until then who holds an address keeps it',
    };
    return { problems: [problemOf(object, finding)] };
  }
  const findings = unknownPoolKeys(pool, at.slice(0, -1));
  const protocol = readProtocol(pool, at, findings);
  const addresses = Array.isArray(pool['addresses'])
    ? pool['addresses'].map((item) => goText(item) ?? item)
    : pool['addresses'];
  if (addresses !== undefined && addresses !== null && !Array.isArray(addresses)) {
    findings.push(wrongType(`${at}addresses`, addresses, 'a list of texts'));
  }
  return {
    problems: [],
    source: {
      object,
      at,
      nameField: `${at}name`,
      name,
      labels: new Map(),
      addresses: addresses ?? undefined,
      autoAssign: readBoolean(pool, 'auto-assign', true, at, findings),
      avoidBuggyIps: readBoolean(pool, 'avoid-buggy-ips', false, at, findings),
      serviceAllocation: undefined,
      protocol,
      findings,
    },
  };
}

function readProtocol(pool: UntrustedObject, at: string, findings: Finding[]): LegacyProtocol | 'unknown' {
  const protocol = goText(pool['protocol']) ?? '';
  const field = `${at}protocol`;
  const remedy = 'write layer2 or bgp; until then nothing new is given from this pool';
  switch (protocol) {
    case 'layer2':
      if (Array.isArray(pool['bgp-advertisements']) && pool['bgp-advertisements'].length > 0) {
        findings.push({
          field: `${at}bgp-advertisements`,
          value: pool['bgp-advertisements'],
          code: 'ERR_CONFIG_UNKNOWN_KEY',
          message: 'cannot have bgp-advertisements configuration element in a layer2 address pool',
          remedy: 'remove bgp-advertisements, or write protocol: bgp',
        });
      }
      return 'layer2';
    case 'bgp':
      return 'bgp';
    case '':
      findings.push({
        field,
        value: pool['protocol'],
        code: 'ERR_CONFIG_UNKNOWN_PROTOCOL',
        message: 'address pool is missing the protocol field',
        remedy,
      });
      return 'unknown';
    default:
      findings.push({
        field,
        value: protocol,
        code: 'ERR_CONFIG_UNKNOWN_PROTOCOL',
        message: `unknown protocol ${goQuote(protocol)}`,
        remedy,
      });
      return 'unknown';
  }
}

function readBoolean(pool: UntrustedObject, key: string, fallback: boolean, at: string, findings: Finding[]): boolean {
  const value = pool[key] ?? fallback;
  if (typeof value === 'boolean') {
    return value;
  }
  findings.push(wrongType(`${at}${key}`, value, 'true or false'));
  return fallback;
}

function wrongType(field: string, value: unknown, wanted: string): Finding {
  return {
    field,
    value,
    code: 'ERR_CONFIG_WRONG_TYPE',
    message: `cannot unmarshal into ${wanted}`,
    remedy: `write ${wanted}`,
  };
}

/** A scalar where Go's decoder wants a text: `sigs.k8s.io/yaml` writes numbers and booleans out. */
function goText(value: unknown): string | undefined {
  return ['string', 'number', 'boolean', 'bigint'].includes(typeof value) ? String(value) : undefined;
}
