import { ipAddressPoolDefinition } from './ip-address-pool.ts';
import { l2AdvertisementDefinition } from './l2-advertisement.ts';
import type { KindDefinition, OpenApiSchema } from './open-api-schema.ts';

/** The API group of all kinds. */
export const API_GROUP = 'metallb.io';

/** Every kind that this version of the package defines. */
export const kindDefinitions: readonly KindDefinition[] = [ipAddressPoolDefinition, l2AdvertisementDefinition];

/** The schema of a whole object of a kind: what a CRD carries and what objects from outside are checked against. */
export function objectSchema(definition: KindDefinition): OpenApiSchema {
  return {
    description: definition.description,
    type: 'object',
    ...(definition.specRequired ? { required: ['spec'] } : {}),
    properties: {
      apiVersion: {
        description: 'The version of the schema that this object is written in.',
        type: 'string',
      },
      kind: { description: 'The kind of this object.', type: 'string' },
      metadata: { type: 'object' },
      spec: definition.spec,
      status: definition.status,
    },
  };
}

/** The CustomResourceDefinition (apiextensions.k8s.io/v1) of a kind, structurally what controller-gen writes for MetalLB. */
export function customResourceDefinition(definition: KindDefinition): Readonly<Record<string, unknown>> {
  const singular = definition.kind.toLowerCase();
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${definition.plural}.${API_GROUP}` },
    spec: {
      group: API_GROUP,
      names: { kind: definition.kind, listKind: `${definition.kind}List`, plural: definition.plural, singular },
      scope: 'Namespaced',
      versions: [
        {
          additionalPrinterColumns: definition.printerColumns,
          name: definition.version,
          schema: { openAPIV3Schema: withoutTypeNames(objectSchema(definition)) },
          served: true,
          storage: true,
          subresources: { status: {} },
        },
      ],
    },
  };
}

function withoutTypeNames({ typeName: _, ...schema }: OpenApiSchema): OpenApiSchema {
  const { items, properties, additionalProperties } = schema;
  return {
    ...schema,
    ...(items && { items: withoutTypeNames(items) }),
    ...(additionalProperties && { additionalProperties: withoutTypeNames(additionalProperties) }),
    ...(properties && {
      properties: Object.fromEntries(Object.entries(properties).map(([name, part]) => [name, withoutTypeNames(part)])),
    }),
  };
}
