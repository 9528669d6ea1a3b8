import { type ParsedConfig, parseConfiguration } from '@steelyard/config';
import {
  type Announcer,
  type AnnouncerEvent,
  type BgpRouteEntry,
  createAnnouncer,
  projectEndpointSlice,
  projectNode,
  projectServiceForAnnouncement,
} from '../src/index.ts';

const present = <T>(value: T | undefined): T => {
  if (value === undefined) throw new Error('the object has a name');
  return value;
};

export const peer = (name: string, spec: object = {}): unknown => ({
  metadata: { namespace: 'metallb-system', name },
  spec: { myASN: 64512, peerASN: 64513, peerAddress: '198.51.100.1', dualStackAddressFamily: true, ...spec },
});
export const advertisement = (name: string, spec: object = {}): unknown => ({ metadata: { name }, spec });
export const labelled = (labels: Readonly<Record<string, string>>): unknown[] => [{ matchLabels: labels }];

export interface World {
  readonly addresses?: readonly string[];
  readonly advertisements?: readonly unknown[];
  readonly peers?: readonly unknown[];
  readonly communities?: readonly unknown[];
  readonly secrets?: readonly unknown[] | undefined;
  readonly unknownKinds?: readonly string[];
}

/** @param previous - What was in force before. */
export function configOf(world: World = {}, previous?: ParsedConfig): ParsedConfig {
  const { addresses = ['192.0.2.0/24', '2001:db8::/64'], advertisements = [advertisement('bgp')] } = world;
  return parseConfiguration(
    {
      ipAddressPools: [{ metadata: { name: 'pool' }, spec: { addresses } }],
      l2Advertisements: [],
      bgpAdvertisements: advertisements,
      bgpPeers: world.peers ?? [peer('p')],
      communities: world.communities ?? [],
      unknownKinds: new Set(world.unknownKinds),
      ...(world.secrets === undefined ? {} : { secrets: world.secrets }),
    },
    previous,
  ).config;
}

export const configChanged = (config: ParsedConfig): AnnouncerEvent => ({ type: 'configChanged', config });
export const serviceChanged = (name: string, addresses: readonly string[], labels: object = {}): AnnouncerEvent => ({
  type: 'serviceChanged',
  service: present(
    projectServiceForAnnouncement({
      metadata: { namespace: 'default', name, labels },
      spec: { type: 'LoadBalancer' },
      status: { loadBalancer: { ingress: addresses.map((ip) => ({ ip })) } },
    }),
  ),
});
export const serviceDeleted = (name: string): AnnouncerEvent => ({ type: 'serviceDeleted', key: `default/${name}` });
export const sliceChanged = (service: string, nodes: readonly string[], name = `${service}-1`): AnnouncerEvent => ({
  type: 'sliceChanged',
  slice: present(
    projectEndpointSlice({
      metadata: { namespace: 'default', name, labels: { 'kubernetes.io/service-name': service } },
      endpoints: nodes.map((nodeName) => ({ nodeName, addresses: ['203.0.113.1'] })),
    }),
  ),
});
export const nodeChanged = (name: string, labels: object = {}, status: object = {}): AnnouncerEvent => ({
  type: 'nodeChanged',
  node: present(projectNode({ metadata: { name, labels }, status })),
});
export const SYNCED: AnnouncerEvent = { type: 'synced' };

/** An announcer of node `a` that was told all this, and then that it is all. */
export function announcerOf(...events: readonly AnnouncerEvent[]): Announcer {
  const announcer = createAnnouncer({ node: 'a' });
  for (const event of [...events, SYNCED]) announcer.step(event);
  return announcer;
}

/** `192.0.2.1/32 → p,q 300 64512:1,1:2:3`, sorted; one for each path. */
export function wordsOf(routes: Iterable<BgpRouteEntry>): string[] {
  const words = [...routes].flatMap(({ prefix, paths }) =>
    paths.map(({ peers, localPref, communities, largeCommunities }) => {
      const texts = [
        ...communities.map((community) => `${community >>> 16}:${community & 0xffff}`),
        ...largeCommunities.map((large) => `${large.globalAdministrator}:${large.localData1}:${large.localData2}`),
      ];
      return [`${prefix} → ${peers}`, localPref ?? '', texts].filter((part) => String(part) !== '').join(' ');
    }),
  );
  return words.toSorted((a, b) => (a < b ? -1 : 1));
}
