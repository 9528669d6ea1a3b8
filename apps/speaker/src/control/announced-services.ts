import type { Logger } from '@steelyard/daemon';
import type { OwnPod } from '@steelyard/k8s-adapter';
import { createServiceL2StatusWriter, type KubeClient, type ServiceL2StatusWriter } from '@steelyard/k8s-adapter';
import {
  type AnnouncedServices,
  createAnnouncedServices,
  namedInterfaces,
  type WireReport,
} from '@steelyard/speaker-wire/control';

/** What this node announces, for the metrics and for the ServiceL2Statuses. */
export interface Announced {
  readonly services: AnnouncedServices;
  take(reports: readonly WireReport[]): void;
  /** The wire thread has told of every entry. */
  onComplete(): void;
  /** From now on it is also written into the ServiceL2Statuses. */
  writeStatuses(options: {
    readonly client: KubeClient;
    readonly namespace: string;
    readonly nodeName: string;
    readonly owner: OwnPod | undefined;
    readonly logger: Logger;
  }): void;
  stop(): Promise<void>;
}

export function followAnnounced(): Announced {
  const services = createAnnouncedServices();
  let writer: ServiceL2StatusWriter | undefined;
  let membersKnown = false;
  let allTold = false;

  function write(serviceKey: string): void {
    const addresses = services.of(serviceKey);
    writer?.set(serviceKey, addresses === undefined ? undefined : { interfaces: namedInterfaces(addresses) });
  }

  /** What was written before a restart is taken away only when it is certain that this node announces it no more. */
  function completeIfCertain(): void {
    if (membersKnown && allTold) writer?.complete();
  }

  return {
    services,
    take(reports) {
      for (const report of reports) {
        const serviceKey = services.take(report);
        if (serviceKey !== undefined) write(serviceKey);
        if (report.type === 'state') {
          membersKnown = report.membersKnown;
          completeIfCertain();
        }
      }
    },
    onComplete() {
      allTold = true;
      completeIfCertain();
    },
    writeStatuses(options) {
      writer = createServiceL2StatusWriter(options);
      for (const [serviceKey] of services.all()) write(serviceKey);
      completeIfCertain();
    },
    async stop() {
      await writer?.stop();
    },
  };
}
