import { type OutputUnit, type Schema, Validator } from '@cfworker/json-schema';
import type { OpenApiSchema } from '../schema/open-api-schema.ts';
import type { Finding } from './problem.ts';

/** Keywords that only say that something below them is wrong. */
const CONTAINERS: ReadonlySet<string> = new Set(['properties', 'items', 'additionalProperties']);
/** As many of them as anybody reads. */
const MAX_FINDINGS = 20;

/** Checks the `spec` of objects against the schema of their kind, the one that the CRD carries. */
export function createSpecChecker(spec: OpenApiSchema): (value: unknown) => Finding[] {
  const validator = new Validator(spec as unknown as Schema, '2019-09', false);
  return (value) =>
    validator
      .validate(value)
      .errors.filter(isLeaf)
      .slice(0, MAX_FINDINGS)
      .map((unit) => findingOf(unit, value));
}

function isLeaf(unit: OutputUnit): boolean {
  return !CONTAINERS.has(unit.keyword);
}

function findingOf(unit: OutputUnit, spec: unknown): Finding {
  const path = unit.instanceLocation
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
  const field = path.reduce((at, part) => (/^\d+$/.test(part) ? `${at}[${part}]` : `${at}.${part}`), 'spec');
  const value = path.reduce<unknown>((at, part) => (at as Record<string, unknown> | undefined)?.[part], spec);
  const words = unit.error.replace(/\.$/, '');
  return {
    field,
    value,
    code: 'ERR_CONFIG_WRONG_TYPE',
    message: words.charAt(0).toLowerCase() + words.slice(1),
    remedy: 'write the field as the schema of the kind says (kubectl explain)',
  };
}
