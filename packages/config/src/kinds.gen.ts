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

/** BGPAdvertisement has the addresses of pools announced by BGP. `metallb.io/v1beta1`. */
export interface BGPAdvertisement {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata: ObjectMetadata;
  readonly spec?: BGPAdvertisementSpec;
  readonly status?: BGPAdvertisementStatus;
}

/** Which pools are announced, to which peers, from which nodes, with which attributes. */
export interface BGPAdvertisementSpec {
  /** The prefix length that IPv4 addresses are announced with: 32 announces each address by itself. */
  readonly aggregationLength?: number;
  /** The prefix length that IPv6 addresses are announced with: 128 announces each address by itself. */
  readonly aggregationLengthV6?: number;
  /** The communities that routes carry: 64512:100, large:64512:100:1, or the name of an alias that a Community defines. */
  readonly communities?: readonly string[];
  /** Selectors of pools, besides those named in ipAddressPools. */
  readonly ipAddressPoolSelectors?: readonly LabelSelector[];
  /** The pools to announce by name. Without names and selectors: all pools. */
  readonly ipAddressPools?: readonly string[];
  /** The LOCAL_PREF of routes (RFC 4271 section 5.1.5): among paths, the highest is preferred. */
  readonly localPref?: number;
  /** Selectors of the nodes that announce; all nodes where there is none. */
  readonly nodeSelectors?: readonly LabelSelector[];
  /** The BGPPeers to announce to by name; all where none is named. */
  readonly peers?: readonly string[];
  /** Selectors of the Services that are announced; all Services of the pools where there is none. Only with the default aggregation lengths. */
  readonly serviceSelectors?: readonly LabelSelector[];
}

/** BGPAdvertisement has no status. */
export type BGPAdvertisementStatus = Readonly<Record<string, never>>;

/** BGPPeer is a router that speakers announce addresses to. `metallb.io/v1beta2`. */
export interface BGPPeer {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata: ObjectMetadata;
  readonly spec?: BGPPeerSpec;
  readonly status?: BGPPeerStatus;
}

/** The peer, and the session with it. */
export interface BGPPeerSpec {
  /** The BFDProfile by which the path to the peer is watched; without one it is not. */
  readonly bfdProfile?: string;
  /** How long to wait between attempts to connect: whole seconds, 1 to 65535. */
  readonly connectTime?: string;
  /** Deprecated and without effect: see dualStackAddressFamily. */
  readonly disableMP?: boolean;
  /** Whether routes of both families are exchanged over this session, not only those of its own. */
  readonly dualStackAddressFamily?: boolean;
  /** Takes the AS number from the peer, instead of peerASN: internal wants the same as myASN, external another. */
  readonly dynamicASN?: 'internal' | 'external';
  /** Whether the peer, in another AS, is several hops away. */
  readonly ebgpMultiHop?: boolean;
  /** Whether the peer is asked to keep routes while this side restarts (RFC 4724). Cannot be changed later. */
  readonly enableGracefulRestart?: boolean;
  /** The hold time to propose (RFC 4271 section 4.2): 0s, or 3s and more. */
  readonly holdTime?: string;
  /** The interface of the node on which to find the peer, instead of peerAddress (unnumbered BGP). */
  readonly interface?: string;
  /** The interval between KEEPALIVE messages, at most the hold time. */
  readonly keepaliveTime?: string;
  /** The AS number that this peer sees instead of myASN. */
  readonly localASN?: number;
  /** The AS number of this side. */
  readonly myASN: number;
  /** Selectors of the nodes that connect; all nodes where there is none. */
  readonly nodeSelectors?: readonly LabelSelector[];
  /** The password of the session, for TCP MD5 (RFC 2385). */
  readonly password?: string;
  /** The Secret in which the password is, instead of password: of type kubernetes.io/basic-auth, with the key password. */
  readonly passwordSecret?: SecretReference;
  /** The AS number of the peer. Either this or dynamicASN is needed. */
  readonly peerASN?: number;
  /** The address of the peer. Either this or interface is needed. */
  readonly peerAddress?: string;
  /** The TCP port of the peer. */
  readonly peerPort?: number;
  /** The BGP identifier of this side, written as an IPv4 address. */
  readonly routerID?: string;
  /** The address of the node to connect from. */
  readonly sourceAddress?: string;
  /** The VRF of the node through which the peer is reached. */
  readonly vrf?: string;
}

/** BGPPeer has no status. */
export type BGPPeerStatus = Readonly<Record<string, never>>;

/** BGPPeer is a router that speakers announce addresses to. `metallb.io/v1beta1`. */
export interface BGPPeerV1Beta1 {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata: ObjectMetadata;
  readonly spec?: BGPPeerV1Beta1Spec;
  readonly status?: BGPPeerV1Beta1Status;
}

/** The peer, and the session with it. */
export interface BGPPeerV1Beta1Spec {
  /** The BFDProfile by which the path to the peer is watched; without one it is not. */
  readonly bfdProfile?: string;
  /** Whether the peer, in another AS, is several hops away. */
  readonly ebgpMultiHop?: boolean;
  /** The hold time to propose (RFC 4271 section 4.2): 0s, or 3s and more. */
  readonly holdTime?: string;
  /** The interval between KEEPALIVE messages, at most the hold time. */
  readonly keepaliveTime?: string;
  /** The AS number of this side. */
  readonly myASN: number;
  /** Selectors of the nodes that connect; all nodes where there is none. */
  readonly nodeSelectors?: readonly BGPPeerV1Beta1NodeSelector[];
  /** The password of the session, for TCP MD5 (RFC 2385). */
  readonly password?: string;
  /** The AS number of the peer. */
  readonly peerASN: number;
  /** The address of the peer. */
  readonly peerAddress: string;
  /** The TCP port of the peer. */
  readonly peerPort?: number;
  /** The BGP identifier of this side, written as an IPv4 address. */
  readonly routerID?: string;
  /** The address of the node to connect from. */
  readonly sourceAddress?: string;
}

/** BGPPeer has no status. */
export type BGPPeerV1Beta1Status = Readonly<Record<string, never>>;

/** BFDProfile says how the path to a BGP peer is watched by BFD (RFC 5880). `metallb.io/v1beta1`. */
export interface BFDProfile {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata: ObjectMetadata;
  readonly spec?: BFDProfileSpec;
  readonly status?: BFDProfileStatus;
}

/** The parameters of the BFD sessions of all peers that name this profile. */
export interface BFDProfileSpec {
  /** How many packets may be missed before the path counts as lost. */
  readonly detectMultiplier?: number;
  /** The shortest interval between echo packets that this side can take, 50 where not given. In milliseconds. */
  readonly echoInterval?: number;
  /** Whether echo packets are sent. Not for peers that are several hops away. */
  readonly echoMode?: boolean;
  /** The smallest TTL that packets of a peer several hops away may arrive with. */
  readonly minimumTtl?: number;
  /** Whether to wait for the first packet of the peer before sending any. */
  readonly passiveMode?: boolean;
  /** The shortest interval between control packets that this side can take, 300 where not given. In milliseconds. */
  readonly receiveInterval?: number;
  /** The shortest interval at which this side wants to send control packets, 300 where not given. In milliseconds. */
  readonly transmitInterval?: number;
}

/** BFDProfile has no status. */
export type BFDProfileStatus = Readonly<Record<string, never>>;

/** Community gives names to BGP communities, for BGPAdvertisements to use. `metallb.io/v1beta1`. */
export interface Community {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata: ObjectMetadata;
  readonly spec?: CommunitySpec;
  readonly status?: CommunityStatus;
}

/** The names. */
export interface CommunitySpec {
  /** Names and what they stand for. A name may be given once among all objects of this kind. */
  readonly communities?: readonly CommunityAlias[];
}

/** Community has no status. */
export type CommunityStatus = Readonly<Record<string, never>>;

/** ServiceL2Status says which node announces a Service at layer 2. Its speaker writes it. `metallb.io/v1beta1`. */
export interface ServiceL2Status {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata: ObjectMetadata;
  readonly spec?: ServiceL2StatusSpec;
  readonly status?: ServiceL2StatusStatus;
}

/** ServiceL2Status has no spec. */
export type ServiceL2StatusSpec = Readonly<Record<string, never>>;

/** Who announces which Service, and where. */
export interface ServiceL2StatusStatus {
  /** The interfaces that the Service is announced on. */
  readonly interfaces?: readonly InterfaceInfo[];
  /** The node that announces the Service. */
  readonly node?: string;
  /** The name of the Service. */
  readonly serviceName?: string;
  /** The namespace of the Service. */
  readonly serviceNamespace?: string;
}

/** ServiceBGPStatus says to which peers a node announces a Service. Its speaker writes it. `metallb.io/v1beta1`. */
export interface ServiceBGPStatus {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata: ObjectMetadata;
  readonly spec?: ServiceBGPStatusSpec;
  readonly status?: ServiceBGPStatusStatus;
}

/** ServiceBGPStatus has no spec. */
export type ServiceBGPStatusSpec = Readonly<Record<string, never>>;

/** Who announces which Service, and to whom. */
export interface ServiceBGPStatusStatus {
  /** The node that announces the Service. */
  readonly node?: string;
  /** The BGPPeers that the Service is meant for. Whether their sessions are up is not said here. */
  readonly peers?: readonly string[];
  /** The name of the Service. */
  readonly serviceName?: string;
  /** The namespace of the Service. */
  readonly serviceNamespace?: string;
}

/** ConfigurationState says whether the controller, or the speaker of a node, could use the configuration. The labels metallb.io/component-type (controller or speaker) and metallb.io/node-name say whose word it is. `metallb.io/v1beta1`. */
export interface ConfigurationState {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata: ObjectMetadata;
  readonly status?: ConfigurationStateStatus;
}

/** What became of the configuration. */
export interface ConfigurationStateStatus {
  /** What each part of the component made of the configuration. */
  readonly conditions?: readonly Condition[];
  /** All that is wrong; empty where result is Valid. */
  readonly errorSummary?: string;
  /** Whether the configuration could be used. */
  readonly result?: 'Valid' | 'Invalid' | 'Unknown';
}

/** BGPPeerSession says how the BGP session of a node with a BGPPeer is. The speaker of the node writes it. The labels steelyard.io/node and steelyard.io/peer find it. `steelyard.io/v1alpha1`. */
export interface BGPPeerSession {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata: ObjectMetadata;
  readonly status?: BGPPeerSessionStatus;
}

/** How the session is. */
export interface BGPPeerSessionStatus {
  /** The address of the peer. */
  readonly address?: string;
  /** When the session was established; absent while it is not. */
  readonly establishedAt?: string;
  /** The hold time in force, in seconds; 0 for none. */
  readonly holdTimeSeconds?: number;
  /** The interval of KEEPALIVE messages in force, in milliseconds. */
  readonly keepaliveMs?: number;
  /** Why the last session, or the last attempt at one, ended. */
  readonly lastError?: string;
  /** When it ended. */
  readonly lastErrorTime?: string;
  /** The AS number that the peer is shown. */
  readonly localASN?: number;
  /** The own address of the connection. */
  readonly localAddress?: string;
  /** The node. */
  readonly node?: string;
  /** The name of the BGPPeer. */
  readonly peer?: string;
  /** The AS number of the peer; internal or external as long as it is not known. */
  readonly peerASN?: number | string;
  /** The TCP port of the peer. */
  readonly port?: number;
  /** How many prefixes the peer was told of. */
  readonly prefixesAnnounced?: number;
  /** How many prefixes this session cannot carry. */
  readonly prefixesUnsendable?: number;
  /** The capabilities that the peer has offered. */
  readonly receivedCapabilities?: readonly string[];
  /** The own BGP Identifier. */
  readonly routerID?: string;
  /** The capabilities that were offered to the peer. */
  readonly sentCapabilities?: readonly string[];
  /** The state of RFC 4271, section 8.2.2. */
  readonly state?: 'Idle' | 'Connect' | 'Active' | 'OpenSent' | 'OpenConfirm' | 'Established';
  /** Since when it is in this state. */
  readonly stateSince?: string;
  /** Why this session cannot carry them. */
  readonly unsendableReason?: string;
}

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

/** The Secret in which the password is, instead of password: of type kubernetes.io/basic-auth, with the key password. */
export interface SecretReference {
  /** The name of the Secret. */
  readonly name?: string;
  /** Without effect: the namespace is that of the BGPPeer. */
  readonly namespace?: string;
}

/** A query over labels of nodes. matchLabels and matchExpressions must all hold. */
export interface BGPPeerV1Beta1NodeSelector {
  /** Requirements on labels, all of which must hold. */
  readonly matchExpressions?: readonly BGPPeerV1Beta1MatchExpression[];
  /** Labels with the values that they must have. */
  readonly matchLabels?: Readonly<Record<string, string>>;
}

/** A requirement on one label. */
export interface BGPPeerV1Beta1MatchExpression {
  /** The label that is looked at. */
  readonly key: string;
  /** In, NotIn, Exists or DoesNotExist. */
  readonly operator: string;
  /** The values of In and NotIn. */
  readonly values: readonly string[];
}

/** A name for a community. */
export interface CommunityAlias {
  /** The name. */
  readonly name?: string;
  /** The community: 64512:100 (RFC 1997) or large:64512:100:1 (RFC 8092). */
  readonly value?: string;
}

/** An interface of the node. */
export interface InterfaceInfo {
  /** The name of the interface. */
  readonly name?: string;
}

/** One aspect of the state of this object. */
export interface Condition {
  /** When status became what it is. */
  readonly lastTransitionTime: string;
  /** What happened, in words; may be empty. */
  readonly message: string;
  /** The metadata.generation that this was said about. */
  readonly observedGeneration?: number;
  /** Why it was set, in one word in CamelCase. */
  readonly reason: string;
  /** Whether it holds. */
  readonly status: 'True' | 'False' | 'Unknown';
  /** What this is about, in CamelCase or as example.com/CamelCase. */
  readonly type: string;
}
