/**
 * MetalLB's configuration: the kinds of `metallb.io` as types, schemas and CRDs, the old ConfigMap, and what they
 * mean, checked with MetalLB's own messages. It watches nothing and writes nothing.
 *
 * @packageDocumentation
 */

export { type ConfigurationChoice, chooseConfiguration, type LegacyMode } from './choose-configuration.ts';
export type {
  IPAddressPool,
  IPAddressPoolSpec,
  IPAddressPoolStatus,
  L2Advertisement,
  L2AdvertisementSpec,
  L2AdvertisementStatus,
  LabelSelector,
  LabelSelectorRequirement,
  ObjectMetadata,
  PreferredNodeSelector,
  ServiceAllocation,
} from './kinds.gen.ts';
export {
  advertisesFromNode,
  advertisesService,
  type NodePreference,
  type ParsedL2Advertisement,
  preferenceForNode,
  type ResolvedL2Advertisement,
  UNRESTRICTED_L2_ADVERTISEMENT,
} from './layer2/l2-advertisement.ts';
export { type LegacyConfiguration, parseLegacyConfigMap, readLegacyConfigMap } from './legacy/legacy-config-map.ts';
export { type ConfigurationInput, type ConfigurationOutcome, parseConfiguration } from './parse-configuration.ts';
export {
  type Completeness,
  configurationInForce,
  type ParsedConfig,
  type Placement,
  placeAddresses,
} from './parsed-config.ts';
export { canonicalAddress } from './pool/canonical-address.ts';
export { type LegacyProtocol, mayAllocateFrom, mayHoldFrom, type Pool, type PoolSource } from './pool/pool.ts';
export type { NamespaceView, ServiceAllocationRule, ServiceIdentity } from './pool/service-allocation.ts';
export {
  type ConfigProblemCode,
  type Finding,
  type ObjectReference,
  type Problem,
  problemOf,
} from './problem/problem.ts';
export {
  API_GROUP,
  customResourceDefinition,
  kindDefinitions,
  objectSchema,
} from './schema/custom-resource-definition.ts';
export type { KindDefinition, OpenApiSchema, PrinterColumn } from './schema/open-api-schema.ts';
export {
  type LabelOperator,
  type LabelRequirement,
  type LabelSelectorOutcome,
  type Labels,
  matchesAnyLabelSelector,
  matchesLabelSelector,
  type ParsedLabelSelector,
  parseLabelSelector,
} from './selectors/label-selector.ts';
