import type { KubeClient } from '../client/kube-client.ts';
import type { WritableMetadata } from './object-metadata.ts';
import {
  putServiceStatus,
  type ServiceStatusWrite,
  type StatusWriteLimits,
  type WriteOutcome,
} from './service-status.ts';

/** What of a Service's status and metadata is to change. */
export interface ServiceStatusChange {
  /** `namespace/name`. */
  readonly key: string;
  /** The version that the change was decided on: it is written to that and to no other. */
  readonly resourceVersion: string;
  /** The whole of `status.loadBalancer.ingress`. */
  readonly ingress: readonly { readonly ip: string }[];
  /** Annotations to set; `null` takes one away. All others stay. */
  readonly annotations: Readonly<Record<string, string | null>>;
}

/** Writes statuses to the newest version that is known, be it from the watch or from our own last write. */
export interface ServiceStatusWriter {
  /** The request leaves in the turn of the call. Rejects with an `ApiError` for anything but the outcomes. */
  write(change: ServiceStatusChange, limits?: StatusWriteLimits): Promise<WriteOutcome>;
  /** The watch has brought this Service, or its end: what we wrote is not newer than that any more. */
  observed(key: string): void;
}

interface OwnVersion {
  /** The version that the watch had when we wrote. */
  readonly basedOn: string;
  readonly service: ServiceStatusWrite;
}

function annotate(metadata: WritableMetadata, change: Readonly<Record<string, string | null>>): WritableMetadata {
  const annotations = new Map(Object.entries(metadata.annotations ?? {}));
  for (const [name, value] of Object.entries(change)) {
    if (value === null) annotations.delete(name);
    else annotations.set(name, value);
  }
  return { ...metadata, annotations: Object.fromEntries(annotations) };
}

/**
 * @param current - What the watch's cache has of a Service.
 */
export function createServiceStatusWriter(
  client: KubeClient,
  current: (key: string) => ServiceStatusWrite | undefined,
): ServiceStatusWriter {
  const ownVersions = new Map<string, OwnVersion>();

  function newest(key: string): ServiceStatusWrite | undefined {
    const cached = current(key);
    const own = ownVersions.get(key);
    return own !== undefined && cached?.metadata.resourceVersion === own.basedOn ? own.service : cached;
  }

  return {
    async write({ key, resourceVersion, ingress, annotations }, limits) {
      const known = newest(key);
      if (known === undefined) return { outcome: 'gone' };
      // The watch has brought another version since: what was decided is out of date, and so is what it would overwrite.
      if (known.metadata.resourceVersion !== resourceVersion) return { outcome: 'conflict' };
      const basedOn = current(key)?.metadata.resourceVersion ?? resourceVersion;
      const service: ServiceStatusWrite = {
        ...known,
        metadata: annotate(known.metadata, annotations),
        status: { ...known.status, loadBalancer: { ingress } },
      };
      const outcome = await putServiceStatus(client, service, limits);
      if (outcome.outcome === 'written' && current(key)?.metadata.resourceVersion === basedOn) {
        ownVersions.set(key, { basedOn, service: { ...service, metadata: outcome.metadata } });
      }
      return outcome;
    },
    observed(key) {
      if (ownVersions.get(key)?.basedOn !== current(key)?.metadata.resourceVersion) ownVersions.delete(key);
    },
  };
}
