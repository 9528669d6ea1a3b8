import type { ApiObjects } from '../objects/api-object.ts';
import { objectOr, type UntrustedObject } from '../objects/untrusted.ts';
import { type Finding, type ObjectReference, type Problem, problemOf } from '../problem/problem.ts';
import { createSpecChecker } from '../problem/schema-problems.ts';
import { bfdProfileDefinition } from '../schema/bfd-profile.ts';

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

/** A number of a profile, its bounds, and MetalLB's words for it. */
interface BfdNumber {
  readonly field: string;
  readonly least: number;
  readonly most: number;
  readonly words: string;
}

const DETECT_MULTIPLIER: BfdNumber = { field: 'detectMultiplier', least: 2, most: 255, words: 'detect multiplier' };
const RECEIVE_INTERVAL: BfdNumber = { field: 'receiveInterval', least: 10, most: 60000, words: 'receive interval' };
const TRANSMIT_INTERVAL: BfdNumber = { field: 'transmitInterval', least: 10, most: 60000, words: 'transmit interval' };
const MINIMUM_TTL: BfdNumber = { field: 'minimumTtl', least: 1, most: 254, words: 'minimum ttl' };
const ECHO_INTERVAL: BfdNumber = { field: 'echoInterval', least: 10, most: 60000, words: 'echo interval' };
const NUMBERS: readonly BfdNumber[] = [
  DETECT_MULTIPLIER,
  RECEIVE_INTERVAL,
  TRANSMIT_INTERVAL,
  MINIMUM_TTL,
  ECHO_INTERVAL,
];

const checkSpec = createSpecChecker(bfdProfileDefinition.spec);

/** What `readBfdProfiles` made of the objects. */
export interface ReadBfdProfiles {
  readonly profiles: ReadonlyMap<string, ParsedBfdProfile>;
  readonly problems: readonly Problem[];
}

/**
 * Reads BFDProfiles. One that is wrong stays as it was in `previous`, if it was there.
 *
 * @see MetalLB `internal/config/config.go`, `bfdProfilesFor`
 */
export function readBfdProfiles(
  objects: ApiObjects,
  previous: ReadonlyMap<string, ParsedBfdProfile> = new Map(),
): ReadBfdProfiles {
  const profiles = new Map<string, ParsedBfdProfile>();
  const problems: Problem[] = objects.nameless.map(({ reference }, i) =>
    problemOf(reference, {
      field: 'metadata.name',
      value: null,
      code: 'ERR_CONFIG_MISSING_NAME',
      message: `parsing bfd profile #${i + 1}: missing bfd profile name`,
      remedy: 'give the profile a name',
    }),
  );
  const seen = new Set<string>();
  for (const [i, { reference, spec }] of objects.named.entries()) {
    const { name } = reference;
    if (seen.has(name)) {
      problems.push(
        problemOf(reference, {
          field: 'metadata.name',
          value: name,
          code: 'ERR_CONFIG_DUPLICATE_DEFINITION',
          message: `found duplicate bfd profile name ${name}`,
          remedy: 'give the second profile another name; until then only the first is in force',
        }),
      );
      continue;
    }
    seen.add(name);
    const found: Problem[] = [];
    const report = (finding: Finding): void => {
      const message = `parsing bfd profile #${i + 1}: ${finding.message}`;
      found.push(problemOf(reference, { ...finding, message }));
    };
    const profile = readBfdProfile(reference, spec, report);
    problems.push(...found);
    const [invalid] = found;
    const before = previous.get(name);
    if (invalid === undefined) {
      profiles.set(name, profile);
    } else if (before !== undefined) {
      profiles.set(name, { ...before, invalid });
    }
  }
  return { profiles, problems };
}

function readBfdProfile(
  object: ObjectReference,
  specValue: unknown,
  report: (finding: Finding) => void,
): ParsedBfdProfile {
  const spec = objectOr(specValue);
  const own = new Set(NUMBERS.filter(({ field }) => Number.isInteger(spec[field])).map(({ field }) => `spec.${field}`));
  for (const finding of checkSpec(specValue)) {
    if (!own.has(finding.field)) {
      report(finding); // of a number out of bounds MetalLB has words
    }
  }
  const [detectMultiplier, receiveIntervalMs, transmitIntervalMs, minimumTtl, echoIntervalMs] = NUMBERS.map((number) =>
    readNumber(spec, number, report),
  );
  return {
    name: object.name,
    object,
    receiveIntervalMs,
    transmitIntervalMs,
    detectMultiplier,
    echoIntervalMs,
    echoMode: spec['echoMode'] === true,
    passiveMode: spec['passiveMode'] === true,
    minimumTtl,
  };
}

function readNumber(
  spec: UntrustedObject,
  { field, least, most, words }: BfdNumber,
  report: (finding: Finding) => void,
): number | undefined {
  const value = spec[field];
  if (!Number.isInteger(value)) {
    return undefined;
  }
  const number = Number(value);
  if (number >= least && number <= most) {
    return number;
  }
  report({
    field: `spec.${field}`,
    value,
    code: 'ERR_CONFIG_INVALID_VALUE',
    message: `invalid value ${number}, must be in ${least}-${most} range: invalid ${words} value`,
    remedy: `write a number from ${least} to ${most}`,
  });
  return undefined;
}
