/** What the API server makes of objects of metallb.io. */

import { setTimeout } from 'node:timers/promises';
import { type ApiClient, ApiError } from '@steelyard/testkit';
import { NAMESPACE } from './conversion-webhook.ts';
import type { Definition } from './definition-set.ts';
import { ruleCases } from './rule-cases.ts';
import { schemaCases } from './schema-cases.ts';

const RETRY_MS = 100;

/** Something to be tried against a set of CRDs. */
export interface Attempt {
  readonly name: string;
  readonly plural: string;
  readonly kind: string;
  readonly version: string;
  /** Of the object; unique among all attempts, and the same for each set. */
  readonly object: string;
  readonly spec?: unknown;
  readonly change?: object;
  readonly statuses?: readonly unknown[];
  readonly accepted?: boolean;
  readonly becomes?: object;
  readonly refused?: string;
}

export type Outcome = { readonly accepted: unknown } | { readonly refused: string };

/** All that the schemas say, tried one by one, and all rules. */
export function attemptsOf(definitions: readonly Definition[]): Attempt[] {
  const kindOf = (plural: string): string =>
    definitions.find(({ spec }) => spec.names.plural === plural)?.spec.names.kind ?? '';
  const bySchema = definitions.flatMap(({ spec: { names, versions } }) =>
    versions.flatMap(({ name: version, schema }) => {
      const { spec, status } = schema.openAPIV3Schema.properties ?? {};
      const about = { ...names, version };
      const least = spec === undefined ? {} : { spec: schemaCases(spec)[0]?.part };
      const title = (part: string, name: string): string => `${names.kind} ${version} ${part}: ${name}`;
      return [
        ...(spec === undefined ? [] : schemaCases(spec)).map(({ name, part, ...said }) => ({
          ...about,
          ...said,
          name: title('spec', name),
          spec: part,
        })),
        ...(status === undefined ? [] : schemaCases(status)).map(({ name, part, ...said }) => ({
          ...about,
          ...said,
          ...least,
          name: title('status', name),
          statuses: [part],
        })),
      ];
    }),
  );
  const byRule = ruleCases.map((rule) => ({ version: 'v1beta1', ...rule, kind: kindOf(rule.plural) }));
  return [...bySchema, ...byRule].map((attempt, index) => ({ ...attempt, object: `object-${index}` }));
}

export const pathOf = (version: string, plural: string): string =>
  `/apis/metallb.io/${version}/namespaces/${NAMESPACE}/${plural}`;

/** Reads; a set of CRDs that was just put in the place of another one is not served at once. */
export async function readPatiently(client: ApiClient, path: string): Promise<unknown> {
  for (;;) {
    try {
      return await client.get(path);
    } catch (error) {
      if (!(error instanceof ApiError) || error.code !== 429) throw error;
      await setTimeout(RETRY_MS);
    }
  }
}

export async function outcomeOf(client: ApiClient, attempt: Attempt): Promise<Outcome> {
  const { object, plural, kind, version, spec, change, statuses = [] } = attempt;
  const collection = pathOf(version, plural);
  const path = `${collection}/${object}`;
  try {
    let last = await client.create(collection, {
      apiVersion: `metallb.io/${version}`,
      kind,
      metadata: { name: object },
      ...(spec !== undefined && { spec }),
    });
    if (change !== undefined) last = await client.patch(path, { spec: change });
    for (const status of statuses) last = await client.patch(`${path}/status`, { status });
    return { accepted: statuses.length > 0 ? last['status'] : last['spec'] };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return { refused: error.message };
  }
}

/** The outcomes that are not what an attempt says of itself. */
export function surprises(attempts: readonly Attempt[], outcomes: readonly Outcome[]): string[] {
  return attempts.flatMap((attempt, index) => {
    const outcome = outcomes[index] ?? { refused: 'it was not tried' };
    return isAsSaid(attempt, outcome) ? [] : [`${attempt.name}: ${JSON.stringify(outcome)}`];
  });
}

function isAsSaid({ accepted, becomes, refused }: Attempt, outcome: Outcome): boolean {
  if ('refused' in outcome) {
    return accepted !== true && becomes === undefined && outcome.refused.includes(refused ?? '');
  }
  const got = outcome.accepted as Readonly<Record<string, unknown>> | undefined;
  const hasMembers = Object.entries(becomes ?? {}).every(
    ([name, value]) => JSON.stringify(got?.[name]) === JSON.stringify(value),
  );
  return accepted !== false && refused === undefined && hasMembers;
}
