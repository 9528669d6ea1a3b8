import type { AdmissionSlice, AdmissionSlices, NodeView } from '@steelyard/config';
import type { KubeClient } from '../../client/kube-client.ts';
import { metadataOf } from '../../list-watch/watch-event.ts';
import { createLiveList, type LiveList } from './live-list.ts';

export interface SliceReader {
  /** All of them as they are after this call. Rejects if one cannot be had: half a world proves nothing. */
  read(slices: readonly AdmissionSlice[]): Promise<AdmissionSlices>;
}

/** Two that follow each other fit into the 10 s that the API server waits: whoever comes late waits for the next one. */
const LIST_TIMEOUT_MS = 4000;

/** The API server reads them as they are stored: no list of ours asks our own conversion. */
const RESOURCES = {
  ipAddressPools: ['IPAddressPool', 'v1beta1', 'ipaddresspools'],
  l2Advertisements: ['L2Advertisement', 'v1beta1', 'l2advertisements'],
  bgpAdvertisements: ['BGPAdvertisement', 'v1beta1', 'bgpadvertisements'],
  bgpPeers: ['BGPPeer', 'v1beta2', 'bgppeers'],
  communities: ['Community', 'v1beta1', 'communities'],
} as const satisfies Partial<Record<AdmissionSlice, readonly [kind: string, version: string, plural: string]>>;

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
  const objects = (slice: keyof typeof RESOURCES): LiveList<unknown> => {
    const [kind, version, plural] = RESOURCES[slice];
    const path = `/apis/metallb.io/${version}/namespaces/${namespace}/${plural}`;
    return list(path, projectObject(kind, `metallb.io/${version}`));
  };
  const lists: { readonly [S in AdmissionSlice]: LiveList<NonNullable<AdmissionSlices[S]>[number]> } = {
    ipAddressPools: objects('ipAddressPools'),
    l2Advertisements: objects('l2Advertisements'),
    bgpAdvertisements: objects('bgpAdvertisements'),
    bgpPeers: objects('bgpPeers'),
    communities: objects('communities'),
    nodes: list('/api/v1/nodes', projectNode),
  };

  async function read(slice: AdmissionSlice): Promise<readonly [AdmissionSlice, readonly unknown[]]> {
    try {
      return [slice, await lists[slice].read()];
    } catch (cause) {
      // MetalLB's words; the API server's own follow, which name the rule that is missing.
      const kind = slice === 'nodes' ? 'Node' : RESOURCES[slice][0];
      const text = cause instanceof Error ? cause.message : String(cause);
      throw new Error(`failed to get existing ${kind} objects: ${text}`, { cause });
    }
  }

  return {
    async read(slices) {
      return Object.fromEntries(await Promise.all(slices.map(read)));
    },
  };
}
