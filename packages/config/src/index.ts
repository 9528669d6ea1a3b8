/**
 * MetalLB's configuration: the kinds of `metallb.io` as types, schemas and CRDs, the old ConfigMap, and what they
 * mean, checked with MetalLB's own messages. It watches nothing and writes nothing.
 *
 * @packageDocumentation
 */

export { type AdmissionOutcome, type AdmissionQuestion, reviewObject } from './admission/review-object.ts';
export {
  type AdmissionKind,
  type AdmissionOperation,
  type AdmissionSlice,
  type AdmissionSlices,
  slicesNeeded,
} from './admission/slices.ts';
export {
  advertisesFromNode,
  advertisesService,
  type NodeScope,
  type ServiceScope,
  selectsNode,
} from './advertisement/reach.ts';
export type { ParsedBfdProfile } from './bgp/bfd-profile.ts';
export {
  advertisesToPeer,
  type ParsedBgpAdvertisement,
  type ResolvedBgpAdvertisement,
} from './bgp/bgp-advertisement.ts';
export type { ParsedBgpPeer } from './bgp/bgp-peer.ts';
export {
  type BgpCommunity,
  type CommunityOutcome,
  compareCommunities,
  formatCommunity,
  parseCommunity,
} from './bgp/community.ts';
export { findServiceConflict, type LocalPrefConflict } from './bgp/local-pref-conflicts.ts';
export type { OutOfForce } from './bgp/out-of-force.ts';
export { SecretText } from './bgp/secret-text.ts';
export { type ConfigurationChoice, chooseConfiguration, type LegacyMode } from './choose-configuration.ts';
export type { ConfigurationInput, ConfigurationStrictness, NodeView } from './configuration-input.ts';
export {
  type ConversionOptions,
  type ConversionOutcome,
  convertBgpPeer,
} from './conversion/convert-bgp-peer.ts';
export {
  type ConversionResult,
  type ConversionReviewResponse,
  convertReview,
} from './conversion/convert-review.ts';
export type {
  BFDProfile,
  BFDProfileSpec,
  BFDProfileStatus,
  BGPAdvertisement,
  BGPAdvertisementSpec,
  BGPAdvertisementStatus,
  BGPPeer,
  BGPPeerSession,
  BGPPeerSessionStatus,
  BGPPeerSpec,
  BGPPeerStatus,
  BGPPeerV1Beta1,
  BGPPeerV1Beta1MatchExpression,
  BGPPeerV1Beta1NodeSelector,
  BGPPeerV1Beta1Spec,
  BGPPeerV1Beta1Status,
  Community,
  CommunityAlias,
  CommunitySpec,
  CommunityStatus,
  Condition,
  ConfigurationState,
  ConfigurationStateStatus,
  InterfaceInfo,
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
  SecretReference,
  ServiceAllocation,
  ServiceBGPStatus,
  ServiceBGPStatusSpec,
  ServiceBGPStatusStatus,
  ServiceL2Status,
  ServiceL2StatusSpec,
  ServiceL2StatusStatus,
} from './kinds.gen.ts';
export {
  type NodePreference,
  type ParsedL2Advertisement,
  preferenceForNode,
  type ResolvedL2Advertisement,
  UNRESTRICTED_L2_ADVERTISEMENT,
} from './layer2/l2-advertisement.ts';
export { type LegacyConfiguration, parseLegacyConfigMap, readLegacyConfigMap } from './legacy/legacy-config-map.ts';
export {
  formatMigration,
  type Migration,
  type MigrationOptions,
  type MigrationProblem,
  type MigrationSource,
  migrateLegacyConfigMap,
} from './migrate/migrate.ts';
export type { MigratedObject } from './migrate/objects.ts';
export { type ConfigurationOutcome, parseConfiguration } from './parse-configuration.ts';
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
  type ConfigurationScope,
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
  STEELYARD_API_GROUP,
  steelyardKindDefinitions,
} from './schema/custom-resource-definition.ts';
export type {
  ConfigurationKindDefinition,
  KindDefinition,
  KindVersion,
  OpenApiSchema,
  PrinterColumn,
  ValidationRule,
} from './schema/open-api-schema.ts';
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
