import { canonicalAddress } from '@steelyard/config';

/** Where the gossip of a speaker may be reached. */
export interface SpeakerPod {
  readonly address: string;
  /** Empty until the scheduler has chosen one. */
  readonly nodeName: string;
}

/** More than a cluster has nodes (5,000 by Kubernetes' own limits). */
const MAX_PEERS = 10_000;

function recordOr(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

/** @returns `undefined` for a Pod without an address, and for one that has ended. */
export function readSpeakerPod(object: unknown): SpeakerPod | undefined {
  const { spec, status } = recordOr(object);
  const { podIP, phase } = recordOr(status);
  const { nodeName } = recordOr(spec);
  if (phase === 'Succeeded' || phase === 'Failed') return undefined;
  const address = typeof podIP === 'string' ? canonicalAddress(podIP) : undefined;
  return address === undefined ? undefined : { address, nodeName: typeof nodeName === 'string' ? nodeName : '' };
}

/** Each address once, in order, without those of one node. */
export function addressesOf(pods: Iterable<SpeakerPod>, withoutNode: string | undefined): readonly string[] {
  const addresses = new Set<string>();
  for (const { address, nodeName } of pods) if (nodeName === '' || nodeName !== withoutNode) addresses.add(address);
  return [...addresses].sort((a, b) => (a < b ? -1 : 1)).slice(0, MAX_PEERS);
}
