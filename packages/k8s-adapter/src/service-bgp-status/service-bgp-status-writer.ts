import { type AnnouncementStatusKind, sortedNames } from '../announcement-status/announcement-status-kind.ts';
import {
  type AnnouncementStatusWriter,
  type AnnouncementStatusWriterOptions,
  createAnnouncementStatusWriter,
} from '../announcement-status/announcement-status-writer.ts';

export interface ServiceBgpStatusWriterOptions extends AnnouncementStatusWriterOptions {}

/** To whom this node announces a Service. */
export interface AnnouncedToPeers {
  /** Names of BGPPeers, in any order. None is as good as not announced. */
  readonly peers: readonly string[];
}

/** Keeps the ServiceBGPStatuses of this node equal to what it announces. */
export interface ServiceBgpStatusWriter extends Omit<AnnouncementStatusWriter, 'set'> {
  /**
   * This node announces the Service to these peers, or to none: any more, or since the Service is gone. Repeating it is
   * harmless. Meant is what is intended, whatever the sessions do.
   *
   * @param serviceKey - `namespace/name`.
   * @throws TypeError for a key that is none.
   */
  set(serviceKey: string, announced: AnnouncedToPeers | undefined): void;
}

/** Each node announces by itself, and the peers are in order. */
const SERVICE_BGP_STATUS: AnnouncementStatusKind = {
  kind: 'ServiceBGPStatus',
  plural: 'servicebgpstatuses',
  generateName: 'bgp-',
  operation: 'setBGPStatus',
  exclusive: false,
  namesIn: ({ peers }) => (Array.isArray(peers) ? peers.filter((name) => typeof name === 'string') : []),
  statusOf: (names) => ({ peers: names }),
};

/**
 * Says to which peers a node announces a Service, as MetalLB does: one object for a Service and a node, made and owned by its
 * speaker, and none where there is no peer.
 *
 * @see MetalLB `internal/k8s/controllers/bgp_status_controller.go`
 */
export function createServiceBgpStatusWriter(options: ServiceBgpStatusWriterOptions): ServiceBgpStatusWriter {
  const writer = createAnnouncementStatusWriter(SERVICE_BGP_STATUS, options);
  return {
    ...writer,
    set(service, announced) {
      const peers = sortedNames(announced?.peers ?? []);
      writer.set(service, peers.length === 0 ? undefined : peers);
    },
  };
}
