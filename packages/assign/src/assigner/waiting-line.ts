import { byAge, type ServiceView } from '../service/service-view.ts';

/** Some Services in the order of their age. */
export type InOrder = readonly ServiceView[];

/** Services for which the same thing would have to come free. */
export interface WaitingLine {
  readonly services: InOrder;
  /**
   * The same by their sharing key, and then by everything else that decides with whom they can share: what does not help
   * the oldest of such a list helps none of them.
   */
  readonly alike: ReadonlyMap<string, ReadonlyMap<string, InOrder>>;
  add(service: ServiceView, sharing: SharingLikeness): void;
  delete(service: ServiceView, sharing: SharingLikeness): void;
}

/** With whom a waiting Service can share. */
export interface SharingLikeness {
  readonly sharingKey: string;
  /** Equal for those who can share with the same ones. */
  readonly likeness: string;
}

/** Where among `services` a Service stands or would stand. */
function position(services: InOrder, service: ServiceView): number {
  let low = 0;
  let high = services.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const other = services[middle];
    if (other !== undefined && byAge(other, service) < 0) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

/** Creates an empty line. */
export function createWaitingLine(): WaitingLine {
  const services: ServiceView[] = [];
  const alike = new Map<string, Map<string, ServiceView[]>>();

  return {
    services,
    alike,
    add(service, { sharingKey, likeness }) {
      services.splice(position(services, service), 0, service);
      const lists = alike.get(sharingKey) ?? new Map<string, ServiceView[]>();
      alike.set(sharingKey, lists);
      const list = lists.get(likeness) ?? [];
      lists.set(likeness, list);
      list.splice(position(list, service), 0, service);
    },
    delete(service, { sharingKey, likeness }) {
      services.splice(position(services, service), 1);
      const lists = alike.get(sharingKey);
      const list = lists?.get(likeness) ?? [];
      list.splice(position(list, service), 1);
      if (list.length === 0) {
        lists?.delete(likeness);
      }
      if (lists?.size === 0) {
        alike.delete(sharingKey);
      }
    },
  };
}
