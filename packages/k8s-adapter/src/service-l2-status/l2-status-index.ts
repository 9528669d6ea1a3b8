import type { L2StatusObject } from './l2-status-object.ts';

/** Objects by the Service that they are about. */
export interface L2StatusIndex {
  /** Takes the place of what it is a newer version of. */
  add(object: L2StatusObject): void;
  remove(object: L2StatusObject): void;
  of(serviceKey: string): readonly L2StatusObject[];
}

const NONE: readonly L2StatusObject[] = [];

export function createL2StatusIndex(): L2StatusIndex {
  const services = new Map<string, readonly L2StatusObject[]>(); // nearly always of one

  function others({ serviceKey, uid }: L2StatusObject): readonly L2StatusObject[] {
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
