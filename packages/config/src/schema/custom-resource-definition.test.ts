import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { customResourceDefinition, kindDefinitions } from './custom-resource-definition.ts';
import type { KindDefinition, OpenApiSchema } from './open-api-schema.ts';

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
const definitionOf = (kind: string): KindDefinition => {
  const definition = kindDefinitions.find((candidate) => candidate.kind === kind);
  if (definition === undefined) {
    throw new Error(`no kind ${kind}`);
  }
  return definition;
};
const labelSelector = {
  type: 'object',
  'x-kubernetes-map-type': 'atomic',
  properties: {
    matchExpressions: {
      type: 'array',
      'x-kubernetes-list-type': 'atomic',
      items: {
        type: 'object',
        required: ['key', 'operator'],
        properties: {
          key: { type: 'string' },
          operator: { type: 'string' },
          values: { type: 'array', items: { type: 'string' }, 'x-kubernetes-list-type': 'atomic' },
        },
      },
    },
    matchLabels: { type: 'object', additionalProperties: { type: 'string' } },
  },
};
const texts = { type: 'array', items: { type: 'string' } };
const selectors = { type: 'array', items: labelSelector };
const count = { type: 'integer', format: 'int64' };

/** A schema without what is ours to choose: descriptions and the names of types. */
function structure({ description: _, typeName: __, ...schema }: OpenApiSchema): object {
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

describe('the schema has the structure of MetalLB’s', () => {
  test('IPAddressPool', () => {
    const { spec, status } = definitionOf('IPAddressPool');
    expect(structure(spec)).toEqual({
      type: 'object',
      required: ['addresses'],
      properties: {
        addresses: texts,
        autoAssign: { type: 'boolean', default: true },
        avoidBuggyIPs: { type: 'boolean', default: false },
        serviceAllocation: {
          type: 'object',
          properties: {
            namespaceSelectors: selectors,
            namespaces: texts,
            priority: { type: 'integer' },
            serviceSelectors: selectors,
          },
        },
      },
    });
    expect(structure(status)).toEqual({
      type: 'object',
      required: ['assignedIPv4', 'assignedIPv6', 'availableIPv4', 'availableIPv6'],
      properties: { assignedIPv4: count, assignedIPv6: count, availableIPv4: count, availableIPv6: count },
    });
  });

  test('L2Advertisement', () => {
    const { spec, status } = definitionOf('L2Advertisement');
    const weight = { type: 'integer', format: 'int32', minimum: 1, maximum: 100 };
    expect(structure(spec)).toEqual({
      type: 'object',
      properties: {
        interfaces: texts,
        ipAddressPoolSelectors: selectors,
        ipAddressPools: texts,
        nodeSelectors: selectors,
        preferredNodeSelectors: {
          type: 'array',
          items: {
            type: 'object',
            required: ['preference', 'weight'],
            properties: { preference: labelSelector, weight },
          },
        },
        serviceSelectors: selectors,
      },
    });
    expect(structure(status)).toEqual({ type: 'object' });
  });
});

describe('the committed CRD', () => {
  test.for(kindDefinitions)('$kind is the one that its schema makes', (definition) => {
    const committed = readFileSync(path(`../../../../deploy/crds/metallb.io_${definition.plural}.yaml`), 'utf8');
    expect(parse(committed)).toEqual(customResourceDefinition(definition));
  });

  test('and the types are what the generator writes', () => {
    const run = () =>
      execFileSync(process.execPath, [path('../../scripts/generate-crds.mjs'), '--check'], {
        encoding: 'utf8',
        stdio: 'pipe',
      });
    expect(run()).toBe('');
  });
});
