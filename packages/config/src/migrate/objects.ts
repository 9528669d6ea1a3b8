import { formatGoDuration } from '../go/duration.ts';
import type {
  BFDProfile,
  BGPAdvertisement,
  BGPPeer,
  Community,
  IPAddressPool,
  L2Advertisement,
  LabelSelector,
} from '../kinds.gen.ts';
import type {
  LegacyAddressPool,
  LegacyBfdProfile,
  LegacyBgpAdvertisement,
  LegacyNodeSelector,
  LegacyPeer,
} from '../legacy/legacy-document.ts';
import { compareTexts } from '../objects/compare-texts.ts';
import { compareCodePoints } from './go-yaml/key-order.ts';

/** An object that stands for a part of the old ConfigMap. */
export type MigratedObject = BGPPeer | IPAddressPool | BGPAdvertisement | L2Advertisement | BFDProfile | Community;

// What an object holds, and what it leaves out because Go's `omitempty` does.
// See MetalLB `configmaptocrs/main.go`, `api/v1beta1`, `api/v1beta2`.

const V1BETA1 = 'metallb.io/v1beta1';
const V1BETA2 = 'metallb.io/v1beta2';

export function bgpPeer(
  peer: LegacyPeer,
  metadata: { readonly name: string; readonly namespace: string },
  holdTimeNanoseconds: bigint,
  keepaliveTimeNanoseconds: bigint | undefined,
): BGPPeer {
  const selectors = (peer['node-selectors'] ?? []).map(labelSelector);
  return {
    apiVersion: V1BETA2,
    kind: 'BGPPeer',
    metadata,
    spec: {
      ...given('bfdProfile', peer['bfd-profile']),
      ...given('ebgpMultiHop', peer['ebgp-multihop']),
      holdTime: formatGoDuration(holdTimeNanoseconds),
      ...(keepaliveTimeNanoseconds === undefined ? {} : { keepaliveTime: formatGoDuration(keepaliveTimeNanoseconds) }),
      myASN: peer['my-asn'] ?? 0,
      ...(selectors.length === 0 ? {} : { nodeSelectors: selectors }),
      ...given('password', peer.password),
      passwordSecret: {},
      ...given('peerASN', peer['peer-asn']),
      ...given('peerAddress', peer['peer-address']),
      ...given('peerPort', peer['peer-port']),
      ...given('routerID', peer['router-id']),
      ...given('sourceAddress', peer['source-address']),
    },
    status: {},
  };
}

export function ipAddressPool(
  pool: LegacyAddressPool,
  metadata: { readonly name: string; readonly namespace: string },
): IPAddressPool {
  const autoAssign = pool['auto-assign'];
  return {
    apiVersion: V1BETA1,
    kind: 'IPAddressPool',
    metadata,
    spec: {
      addresses: textsOf(pool.addresses),
      ...(autoAssign === undefined ? {} : { autoAssign }),
      ...given('avoidBuggyIPs', pool['avoid-buggy-ips']),
    },
    status: { assignedIPv4: 0, assignedIPv6: 0, availableIPv4: 0, availableIPv6: 0 },
  };
}

export function bgpAdvertisement(
  advertisement: LegacyBgpAdvertisement,
  pool: string,
  metadata: { readonly name: string; readonly namespace: string },
): BGPAdvertisement {
  const { 'aggregation-length': aggregationLength, 'aggregation-length-v6': aggregationLengthV6 } = advertisement;
  const communities = textsOf(advertisement.communities);
  return {
    apiVersion: V1BETA1,
    kind: 'BGPAdvertisement',
    metadata,
    spec: {
      ...(aggregationLength === undefined ? {} : { aggregationLength }),
      ...(aggregationLengthV6 === undefined ? {} : { aggregationLengthV6 }),
      ...(communities.length === 0 ? {} : { communities }),
      ipAddressPools: [pool],
      ...given('localPref', advertisement.localpref),
    },
    status: {},
  };
}

export function l2Advertisement(
  pool: string,
  metadata: { readonly name: string; readonly namespace: string },
): L2Advertisement {
  return { apiVersion: V1BETA1, kind: 'L2Advertisement', metadata, spec: { ipAddressPools: [pool] }, status: {} };
}

export function bfdProfile(
  profile: LegacyBfdProfile,
  metadata: { readonly name: string; readonly namespace: string },
): BFDProfile {
  const numbers = {
    detectMultiplier: profile['detect-multiplier'],
    echoInterval: profile['echo-interval'],
    minimumTtl: profile['minimum-ttl'],
    receiveInterval: profile['receive-interval'],
    transmitInterval: profile['transmit-interval'],
  };
  return {
    apiVersion: V1BETA1,
    kind: 'BFDProfile',
    metadata,
    spec: {
      ...(Object.fromEntries(Object.entries(numbers).filter(([, value]) => value !== undefined)) as Record<
        keyof typeof numbers,
        number
      >),
      echoMode: profile['echo-mode'] ?? false,
      passiveMode: profile['passive-mode'] ?? false,
    },
    status: {},
  };
}

/** All aliases in one object, in the sequence of their names. */
export function community(
  aliases: ReadonlyMap<string, string>,
  metadata: { readonly name: string; readonly namespace: string },
): Community {
  const sorted = [...aliases].sort(([a], [b]) => compareCodePoints(a, b));
  return {
    apiVersion: V1BETA1,
    kind: 'Community',
    metadata,
    spec: { communities: sorted.map(([name, value]) => ({ ...given('name', name), ...given('value', value) })) },
    status: {},
  };
}

function labelSelector(selector: LegacyNodeSelector | undefined): LabelSelector {
  const labels = selector?.['match-labels'];
  const expressions = selector?.['match-expressions'] ?? [];
  return {
    ...(expressions.length === 0
      ? {}
      : {
          matchExpressions: expressions.map((expression) => ({
            key: expression?.key ?? '',
            operator: expression?.operator ?? '',
            // MetalLB's check of the selector leaves them in this sequence.
            ...(expression?.values === undefined || expression.values.length === 0
              ? {}
              : { values: textsOf(expression.values).toSorted(compareTexts) }),
          })),
        }),
    ...(labels === undefined || labels.size === 0 ? {} : { matchLabels: Object.fromEntries(labels) }),
  };
}

function textsOf(list: readonly (string | undefined)[] | undefined): string[] {
  return (list ?? []).map((text) => text ?? '');
}

/** A member, unless Go holds it for empty. */
function given<Name extends string, Value extends string | number | boolean>(
  name: Name,
  value: Value | undefined,
): Partial<Record<Name, Value>> {
  return value === undefined || value === '' || value === 0 || value === false
    ? {}
    : ({ [name]: value } as Record<Name, Value>);
}
