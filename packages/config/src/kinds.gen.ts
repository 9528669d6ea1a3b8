// Generated from src/schema by node packages/config/scripts/generate-crds.mjs

/** What the kinds need of `metav1.ObjectMeta`. */
export interface ObjectMetadata {
  readonly name: string;
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly creationTimestamp?: string;
  readonly generation?: number;
  readonly resourceVersion?: string;
  readonly uid?: string;
}

/** IPAddressPool is a pool of addresses that Services of type LoadBalancer get. `metallb.io/v1beta1`. */
export interface IPAddressPool {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata: ObjectMetadata;
  readonly spec: IPAddressPoolSpec;
  readonly status?: IPAddressPoolStatus;
}

/** The addresses of the pool, and who gets them. */
export interface IPAddressPoolSpec {
  /** Ranges of addresses, all with the same settings. Each is a CIDR prefix (192.0.2.0/24) or the first and last address (192.0.2.10-192.0.2.20). */
  readonly addresses: readonly string[];
  /** Whether Services that ask for no pool and no address are served from this pool. */
  readonly autoAssign?: boolean;
  /** Whether IPv4 addresses that end in .0 or .255 are left out. */
  readonly avoidBuggyIPs?: boolean;
  /** Who may use the pool. A Service must be in one of the namespaces, where any are named or selected, and match one of the serviceSelectors, where there are any. */
  readonly serviceAllocation?: ServiceAllocation;
}

/** How many addresses are in use and how many are free. */
export interface IPAddressPoolStatus {
  /** IPv4 addresses in use. */
  readonly assignedIPv4: number;
  /** IPv6 addresses in use. */
  readonly assignedIPv6: number;
  /** IPv4 addresses that are free. */
  readonly availableIPv4: number;
  /** IPv6 addresses that are free. */
  readonly availableIPv6: number;
}

/** L2Advertisement has the addresses of pools announced by ARP and NDP. `metallb.io/v1beta1`. */
export interface L2Advertisement {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata: ObjectMetadata;
  readonly spec?: L2AdvertisementSpec;
  readonly status?: L2AdvertisementStatus;
}

/** Which pools are announced, from which nodes, on which interfaces. */
export interface L2AdvertisementSpec {
  /** The interfaces to announce on; all where none is named. */
  readonly interfaces?: readonly string[];
  /** Selectors of pools, besides those named in ipAddressPools. */
  readonly ipAddressPoolSelectors?: readonly LabelSelector[];
  /** The pools to announce by name. Without names and selectors: all pools. */
  readonly ipAddressPools?: readonly string[];
  /** Selectors of the nodes that may announce; all nodes where there is none. */
  readonly nodeSelectors?: readonly LabelSelector[];
  /** Nodes to prefer among those that may announce. The weights of all that match a node are added up. */
  readonly preferredNodeSelectors?: readonly PreferredNodeSelector[];
  /** Selectors of the Services that are announced; all Services of the pools where there is none. Not for Services that share an address. */
  readonly serviceSelectors?: readonly LabelSelector[];
}

/** L2Advertisement has no status. */
export type L2AdvertisementStatus = Readonly<Record<string, never>>;

/** Who may use the pool. A Service must be in one of the namespaces, where any are named or selected, and match one of the serviceSelectors, where there are any. */
export interface ServiceAllocation {
  /** Selectors of namespaces, besides those named in namespaces. */
  readonly namespaceSelectors?: readonly LabelSelector[];
  /** Namespaces whose Services may use the pool. */
  readonly namespaces?: readonly string[];
  /** Among several pools that a Service may use, the one with the lowest number comes first; 0 or none comes last. */
  readonly priority?: number;
  /** Selectors of the Services that may use the pool. */
  readonly serviceSelectors?: readonly LabelSelector[];
}

/** A label selector is a query over labels. matchLabels and matchExpressions must all hold; an empty selector matches everything. */
export interface LabelSelector {
  /** Requirements on labels, all of which must hold. */
  readonly matchExpressions?: readonly LabelSelectorRequirement[];
  /** Labels with the values that they must have. */
  readonly matchLabels?: Readonly<Record<string, string>>;
}

/** A requirement on one label. */
export interface LabelSelectorRequirement {
  /** The label that is looked at. */
  readonly key: string;
  /** In, NotIn, Exists or DoesNotExist. */
  readonly operator: string;
  /** The values of In and NotIn, at least one; none for Exists and DoesNotExist. */
  readonly values?: readonly string[];
}

/** A preference for some nodes. */
export interface PreferredNodeSelector {
  /** The nodes that are preferred. */
  readonly preference: LabelSelector;
  /** How much they are preferred, 1 to 100. */
  readonly weight: number;
}
