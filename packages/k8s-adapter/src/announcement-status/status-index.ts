import type { AnnouncementStatus } from './status-object.ts';

/** Objects by the Service that they are about. */
export interface StatusIndex {
  /** Takes the place of what it is a newer version of. */
  add(object: AnnouncementStatus): void;
  remove(object: AnnouncementStatus): void;
  of(serviceKey: string): readonly AnnouncementStatus[];
}

const NONE: readonly AnnouncementStatus[] = [];

export function createStatusIndex(): StatusIndex {
  const services = new Map<string, readonly AnnouncementStatus[]>(); // nearly always of one

  function others({ serviceKey, uid }: AnnouncementStatus): readonly AnnouncementStatus[] {
    return (services.get(serviceKey) ?? NONE).filter((object) => object.uid !== uid);
  }

  return {
    add(object) {
      services.set(object.serviceKey, [...others(object), object]);
    },
    remove(object) {
      const left = others(object);
      if (left.length === 0) services.delete(object.serviceKey);
      else services.set(object.serviceKey, left);
    },
    of: (serviceKey) => services.get(serviceKey) ?? NONE,
  };
}
