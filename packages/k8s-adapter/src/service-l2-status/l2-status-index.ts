import type { L2StatusObject } from './l2-status-object.ts';

/** Objects by the Service that they are about. */
export interface L2StatusIndex {
  add(object: L2StatusObject): void;
  remove(object: L2StatusObject): void;
  of(serviceKey: string): readonly L2StatusObject[];
}

export function createL2StatusIndex(): L2StatusIndex {
  const services = new Map<string, Map<string, L2StatusObject>>();

  return {
    add(object) {
      const objects = services.get(object.serviceKey) ?? new Map<string, L2StatusObject>();
      objects.set(object.uid, object);
      services.set(object.serviceKey, objects);
    },
    remove({ serviceKey, uid }) {
      const objects = services.get(serviceKey);
      objects?.delete(uid);
      if (objects?.size === 0) services.delete(serviceKey);
    },
    of: (serviceKey) => [...(services.get(serviceKey)?.values() ?? [])],
  };
}
