import type { NodeView } from '@steelyard/config';
import type { KubeClient } from '../client/kube-client.ts';
import { metadataOf } from '../list-watch/watch-event.ts';
import { createLiveList, type LiveList } from './live-list.ts';

/** What a review may have to look at beside the object itself; every kind looks at its own part (metallb-behaviour 3.5). */
export interface ReviewedSlices {
  readonly ipAddressPools?: readonly unknown[];
  readonly l2Advertisements?: readonly unknown[];
  readonly bgpAdvertisements?: readonly unknown[];
  /** v1beta2. */
  readonly bgpPeers?: readonly unknown[];
  readonly communities?: readonly unknown[];
  readonly nodes?: readonly NodeView[];
}

export type ReviewedSlice = keyof ReviewedSlices;

export interface SliceReader {
  /** All of them as they are after this call. Rejects if one cannot be had: half a world proves nothing. */
  read(slices: readonly ReviewedSlice[]): Promise<ReviewedSlices>;
}

/** Two that follow each other fit into the 10 s that the API server waits: whoever comes late waits for the next one. */
const LIST_TIMEOUT_MS = 4000;

const PLURALS = {
  ipAddressPools: ['IPAddressPool', 'v1beta1', 'ipaddresspools'],
  l2Advertisements: ['L2Advertisement', 'v1beta1', 'l2advertisements'],
  bgpAdvertisements: ['BGPAdvertisement', 'v1beta1', 'bgpadvertisements'],
  bgpPeers: ['BGPPeer', 'v1beta2', 'bgppeers'],
  communities: ['Community', 'v1beta1', 'communities'],
} as const satisfies Partial<Record<ReviewedSlice, readonly [kind: string, version: string, plural: string]>>;

/** Whole, but for what only others care for: items of a list say neither kind nor version. */
function projectObject(kind: string, apiVersion: string): (object: unknown) => unknown {
  return (object) => {
    const metadata = metadataOf(object);
    if (typeof object !== 'object' || object === null || metadata === undefined) return undefined;
    const { managedFields: _, ...kept } = metadata;
    const { status: __, ...rest } = object as Readonly<Record<string, unknown>>;
    return { ...rest, kind, apiVersion, metadata: kept };
  };
}

function projectNode(object: unknown): NodeView | undefined {
  const metadata = metadataOf(object);
  const name = metadata?.['name'];
  if (typeof name !== 'string') return undefined;
  const labels = metadata?.['labels'];
  const pairs = typeof labels === 'object' && labels !== null ? Object.entries(labels) : [];
  return {
    name,
    labels: Object.fromEntries(pairs.filter((pair): pair is [string, string] => typeof pair[1] === 'string')),
  };
}

/** Reads what reviews need, with the rights of metallb-behaviour 7.7: the kinds in their namespace, and Nodes. */
export function createSliceReader(options: {
  readonly client: KubeClient;
  readonly namespace: string;
  readonly timeoutMs?: number;
}): SliceReader {
  const { client, timeoutMs = LIST_TIMEOUT_MS } = options;
  const namespace = encodeURIComponent(options.namespace);
  const list = <T>(path: string, project: (object: unknown) => T | undefined): LiveList<T> =>
    createLiveList({ client, path, project, timeoutMs });
  const objects = (slice: keyof typeof PLURALS): LiveList<unknown> => {
    const [kind, version, plural] = PLURALS[slice];
    const path = `/apis/metallb.io/${version}/namespaces/${namespace}/${plural}`;
    return list(path, projectObject(kind, `metallb.io/${version}`));
  };
  const lists: { readonly [S in ReviewedSlice]-?: LiveList<NonNullable<ReviewedSlices[S]>[number]> } = {
    ipAddressPools: objects('ipAddressPools'),
    l2Advertisements: objects('l2Advertisements'),
    bgpAdvertisements: objects('bgpAdvertisements'),
    bgpPeers: objects('bgpPeers'),
    communities: objects('communities'),
    nodes: list('/api/v1/nodes', projectNode),
  };
  return {
    async read(slices) {
      const entries = slices.map(async (slice) => [slice, await lists[slice].read()] as const);
      return Object.fromEntries(await Promise.all(entries));
    },
  };
}
