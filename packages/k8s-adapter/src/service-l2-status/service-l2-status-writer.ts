import { type AnnouncementStatusKind, sortedNames } from '../announcement-status/announcement-status-kind.ts';
import {
  type AnnouncementStatusWriter,
  type AnnouncementStatusWriterOptions,
  createAnnouncementStatusWriter,
} from '../announcement-status/announcement-status-writer.ts';

export interface ServiceL2StatusWriterOptions extends AnnouncementStatusWriterOptions {}

/** Where this node announces a Service. */
export interface AnnouncedOnInterfaces {
  /** None for all interfaces, as the API has it. In any order. */
  readonly interfaces: readonly string[];
}

/** Keeps the ServiceL2Statuses of this node equal to what it announces. */
export interface ServiceL2StatusWriter extends Omit<AnnouncementStatusWriter, 'set'> {
  /**
   * This node announces the Service there, or does not announce it: any more, or since the Service is gone. Repeating it is
   * harmless.
   *
   * @param serviceKey - `namespace/name`.
   * @throws TypeError for a key that is none.
   */
  set(serviceKey: string, announced: AnnouncedOnInterfaces | undefined): void;
}

/** One node announces a Service at layer 2, and all of its interfaces are none in the object. */
export const SERVICE_L2_STATUS: AnnouncementStatusKind = {
  kind: 'ServiceL2Status',
  plural: 'servicel2statuses',
  generateName: 'l2-',
  operation: 'setL2Status',
  exclusive: true,
  namesIn: ({ interfaces }) => sortedNames(namesOf(interfaces)), // the order is another each time with MetalLB
  statusOf: (names) => ({ interfaces: names.length === 0 ? null : names.map((name) => ({ name })) }),
};

function namesOf(interfaces: unknown): string[] {
  const list: readonly unknown[] = Array.isArray(interfaces) ? interfaces : [];
  return list.flatMap((item) =>
    typeof item === 'object' && item !== null && 'name' in item && typeof item.name === 'string' ? [item.name] : [],
  );
}

/**
 * Says which node announces a Service at layer 2, as MetalLB does: one object for a Service, made and owned by the speaker
 * that announces it. A new leader deletes the objects of the nodes before it.
 *
 * @see MetalLB `internal/k8s/controllers/layer2_status_controller.go`
 */
export function createServiceL2StatusWriter(options: ServiceL2StatusWriterOptions): ServiceL2StatusWriter {
  const writer = createAnnouncementStatusWriter(SERVICE_L2_STATUS, options);
  return {
    ...writer,
    set: (service, announced) => writer.set(service, announced && sortedNames(announced.interfaces)),
  };
}
