import type { LegacyMode } from './choose-configuration.ts';
import type { NamespaceView } from './pool/service-allocation.ts';
import type { ConfigurationScope } from './problem/problem.ts';
import type { Labels } from './selectors/label-selector.ts';

/** What the parser needs to know of a Node. */
export interface NodeView {
  readonly name: string;
  readonly labels: Labels;
}

/** How much an error takes out of force: the smallest part that is wrong, or the whole new configuration. */
export type ConfigurationStrictness = 'isolate' | 'all-or-nothing';

/** Everything that configures, as it was read from the API server. Nothing of it is trusted. */
export interface ConfigurationInput {
  readonly ipAddressPools: readonly unknown[];
  readonly l2Advertisements: readonly unknown[];
  readonly bgpAdvertisements?: readonly unknown[];
  /** v1beta2. */
  readonly bgpPeers?: readonly unknown[];
  readonly bfdProfiles?: readonly unknown[];
  readonly communities?: readonly unknown[];
  /** The kinds whose list failed. Nothing is concluded from what is absent of them; the others go on. */
  readonly unknownKinds?: ReadonlySet<string>;
  /** The ConfigMap of MetalLB 0.12, if it exists. */
  readonly legacyConfigMap?: unknown;
  /** The ConfigMap `bgpextras`, if it exists: what MetalLB's frr mode appends to FRR's configuration. */
  readonly bgpExtras?: unknown;
  /** `auto` if missing, which is `off` under parity: MetalLB has read no ConfigMap since 0.13. */
  readonly legacyMode?: LegacyMode;
  /** All Namespaces, for `namespaceSelectors`. Without them, a pool that has such selectors is frozen. A speaker needs none. */
  readonly namespaces?: readonly NamespaceView[];
  /** All Nodes. Without them it is not judged what depends on which nodes two selectors have in common. */
  readonly nodes?: readonly NodeView[];
  /** The Secrets of MetalLB's namespace. Without them no `passwordSecret` is judged, and none has a password. */
  readonly secrets?: readonly unknown[];
  /** `METALLB_BGP_TYPE`: `native` if missing; any other than `native`, `frr` and `frr-k8s` has no rules of its own. */
  readonly bgpType?: string;
  /** Whose configuration it is: by default a speaker's. A webhook is asked for `controller` and `speaker` alike. */
  readonly reader?: ConfigurationScope | 'webhook';
  /** The speaker's own node: BGPPeers and BGPAdvertisements for other nodes are left out before anything is judged. */
  readonly nodeName?: string;
  /** `isolate` if missing; under parity always `all-or-nothing`. */
  readonly strictness?: ConfigurationStrictness;
  /** As MetalLB does it, also where it could do better (README: "Differs from MetalLB"). */
  readonly parity?: boolean;
}
