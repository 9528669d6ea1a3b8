import { bfdProfileDefinition } from './bfd-profile.ts';
import { bgpAdvertisementDefinition } from './bgp-advertisement.ts';
import { bgpPeerDefinition } from './bgp-peer.ts';
import { bgpPeerSessionDefinition } from './bgp-peer-session.ts';
import { communityDefinition } from './community.ts';
import { configurationStateDefinition } from './configuration-state.ts';
import { ipAddressPoolDefinition } from './ip-address-pool.ts';
import { l2AdvertisementDefinition } from './l2-advertisement.ts';
import type { KindDefinition, KindVersion, OpenApiSchema } from './open-api-schema.ts';
import { serviceBgpStatusDefinition, serviceL2StatusDefinition } from './service-status.ts';

/** The API group of MetalLB's kinds. */
export const API_GROUP = 'metallb.io';

/** The API group of the kinds that MetalLB does not have. */
export const STEELYARD_API_GROUP = 'steelyard.io';

/** Every kind of MetalLB's group. */
export const kindDefinitions: readonly KindDefinition[] = [
  ipAddressPoolDefinition,
  l2AdvertisementDefinition,
  bgpAdvertisementDefinition,
  bgpPeerDefinition,
  bfdProfileDefinition,
  communityDefinition,
  serviceL2StatusDefinition,
  serviceBgpStatusDefinition,
  configurationStateDefinition,
];

/** Every kind of our own group. */
export const steelyardKindDefinitions: readonly KindDefinition[] = [bgpPeerSessionDefinition];

/**
 * Who converts objects between versions: the Service of the webhooks, in the namespace that MetalLB's manifests use.
 * Installed elsewhere the namespace has to follow. The authority behind its certificate is not here: whoever makes the
 * certificate writes it into the installed CRD, and until then only the stored version can be read (as with MetalLB,
 * `config/crd/patches/crd-conversion-patch-bgppeers.yaml`, whose review versions these are; the API server takes the
 * first that it knows).
 */
const conversionWebhook = {
  strategy: 'Webhook',
  webhook: {
    clientConfig: {
      service: { name: 'metallb-webhook-service', namespace: 'metallb-system', path: '/convert' },
    },
    conversionReviewVersions: ['v1beta1', 'v1beta2'],
  },
};

/** The schema of a whole object of a kind: what a CRD carries and what objects from outside are checked against. */
export function objectSchema(definition: KindVersion): OpenApiSchema {
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
      ...(definition.spec && { spec: definition.spec }),
      status: definition.status,
    },
  };
}

/** The CustomResourceDefinition (apiextensions.k8s.io/v1) of a kind, structurally what controller-gen writes for MetalLB. */
export function customResourceDefinition(definition: KindDefinition): Readonly<Record<string, unknown>> {
  const singular = definition.kind.toLowerCase();
  const { group = API_GROUP, olderVersions = [] } = definition;
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${definition.plural}.${group}` },
    spec: {
      ...(olderVersions.length > 0 && { conversion: conversionWebhook }),
      group,
      names: { kind: definition.kind, listKind: `${definition.kind}List`, plural: definition.plural, singular },
      scope: 'Namespaced',
      versions: [...olderVersions.map((version) => servedVersion(version, false)), servedVersion(definition, true)],
    },
  };
}

function servedVersion(definition: KindVersion, storage: boolean): Readonly<Record<string, unknown>> {
  const { deprecationWarning, printerColumns } = definition;
  return {
    ...(printerColumns.length > 0 && { additionalPrinterColumns: printerColumns }),
    ...(deprecationWarning !== undefined && { deprecated: true, deprecationWarning }),
    name: definition.version,
    schema: { openAPIV3Schema: withoutTypeNames(objectSchema(definition)) },
    served: true,
    storage,
    subresources: { status: {} },
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
