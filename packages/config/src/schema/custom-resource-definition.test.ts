import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import {
  API_GROUP,
  customResourceDefinition,
  kindDefinitions,
  STEELYARD_API_GROUP,
  steelyardKindDefinitions,
} from './custom-resource-definition.ts';
import type { OpenApiSchema } from './open-api-schema.ts';

interface Crd {
  readonly metadata: { readonly name: string };
  readonly spec: { readonly versions: readonly CrdVersion[] };
}
interface CrdVersion {
  readonly name: string;
  readonly schema: { readonly openAPIV3Schema: OpenApiSchema };
}

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
/** The first line says where they are from. */
const [, ...metallb] = readFileSync(path('../../test/fixtures/metallb-crds.jsonl'), 'utf8')
  .trim()
  .split('\n')
  .map((line): Crd => JSON.parse(line));

const crdOf = (definition: (typeof kindDefinitions)[number]): Crd =>
  customResourceDefinition(definition) as unknown as Crd;

/** A CRD without what is ours to choose: the descriptions. */
function structureOf(crd: Crd): Crd {
  const versions = crd.spec.versions.map((version) => ({
    ...version,
    schema: { openAPIV3Schema: structure(version.schema.openAPIV3Schema) },
  }));
  return { ...crd, spec: { ...crd.spec, versions } };
}

function structure({ description: _, ...schema }: OpenApiSchema): OpenApiSchema {
  const { items, properties, additionalProperties } = schema;
  return {
    ...schema,
    ...(items && { items: structure(items) }),
    ...(additionalProperties && { additionalProperties: structure(additionalProperties) }),
    ...(properties && {
      properties: Object.fromEntries(Object.entries(properties).map(([name, part]) => [name, structure(part)])),
    }),
  };
}

/** MetalLB got `preferredNodeSelectors` after the version that was recorded. */
function withoutPreferredNodeSelectors(crd: Crd): { readonly rest: Crd; readonly preferredNodeSelectors: unknown } {
  const rest = structuredClone(crd);
  const spec = rest.spec.versions[0]?.schema.openAPIV3Schema.properties?.['spec'];
  const properties = spec?.properties as Record<string, OpenApiSchema> | undefined;
  const preferredNodeSelectors = properties?.['preferredNodeSelectors'];
  delete properties?.['preferredNodeSelectors'];
  return { rest, preferredNodeSelectors };
}

describe('the structure is that of MetalLB’s', () => {
  test('kinds', () => {
    const names = kindDefinitions.map(({ plural }) => `${plural}.${API_GROUP}`);
    expect(names.toSorted()).toEqual(metallb.map(({ metadata }) => metadata.name).toSorted());
  });

  test.for(kindDefinitions)('$kind', (definition) => {
    const ours = structureOf(crdOf(definition));
    const theirs = metallb.find(({ metadata }) => metadata.name === ours.metadata.name);
    expect(withoutPreferredNodeSelectors(ours).rest).toEqual(theirs);
  });

  test('L2Advertisement, where it is newer', () => {
    const definition = kindDefinitions.find(({ kind }) => kind === 'L2Advertisement');
    const { preferredNodeSelectors } = withoutPreferredNodeSelectors(structureOf(crdOf(definition as never)));
    expect(preferredNodeSelectors).toEqual({
      type: 'array',
      items: {
        type: 'object',
        required: ['preference', 'weight'],
        properties: {
          preference: expect.objectContaining({ type: 'object', 'x-kubernetes-map-type': 'atomic' }),
          weight: { type: 'integer', format: 'int32', minimum: 1, maximum: 100 },
        },
      },
    });
  });
});

test('our own kinds are of a group of their own, and collide with nobody’s', () => {
  const names = steelyardKindDefinitions.map((definition) => crdOf(definition).metadata.name);
  expect(names).toEqual([`bgppeersessions.${STEELYARD_API_GROUP}`]);
});

describe('every field is described', () => {
  const fields = [...kindDefinitions, ...steelyardKindDefinitions].flatMap((definition) =>
    [definition, ...(definition.olderVersions ?? [])].flatMap(({ version, spec, status }) =>
      [spec ?? {}, status].flatMap((part) => described(part as OpenApiSchema, `${definition.kind} ${version}`)),
    ),
  );

  test.for(fields)('%s', ([, description]) => {
    expect(description).toMatch(/^[A-Z].*\.$/s);
  });
});

/** Each schema below with its description. */
function described(schema: OpenApiSchema, at: string): (readonly [string, string | undefined])[] {
  const { items, properties = {} } = schema;
  return [
    ...Object.entries(properties).map(([name, part]) => [`${at} ${name}`, part.description] as const),
    ...Object.entries(properties).flatMap(([name, part]) => described(part, `${at} ${name}`)),
    ...(items ? described(items, at) : []),
  ];
}

describe('the committed CRD', () => {
  test.for([...kindDefinitions, ...steelyardKindDefinitions])(
    '$kind is the one that its schema makes',
    (definition) => {
      const committed = readFileSync(
        path(`../../../../deploy/crds/${definition.group ?? API_GROUP}_${definition.plural}.yaml`),
        'utf8',
      );
      expect(parse(committed)).toEqual(customResourceDefinition(definition));
    },
  );

  test('and the types are what the generator writes', () => {
    const run = () =>
      execFileSync(process.execPath, [path('../../scripts/generate-crds.mjs'), '--check'], {
        encoding: 'utf8',
        stdio: 'pipe',
      });
    expect(run()).toBe('');
  });
});
