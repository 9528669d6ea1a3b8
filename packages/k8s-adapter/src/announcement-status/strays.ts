import type { AnnouncementStatus } from './status-object.ts';

/**
 * Objects of ours that have left the view of a watch by label, and that we did not delete: somebody did, or edited the label.
 * In the second case the object would stay for ever, with nobody who looks after it.
 */
export interface Strays {
  left(object: AnnouncementStatus): void;
  returned(object: AnnouncementStatus): void;
  /** We are about to delete it. */
  ending(object: AnnouncementStatus): void;
  /** It is gone. */
  ended(object: AnnouncementStatus): void;
  of(serviceKey: string): readonly AnnouncementStatus[];
}

export function createStrays(): Strays {
  const strays = new Map<string, readonly AnnouncementStatus[]>();
  const ending = new Set<string>();
  const of = (serviceKey: string): readonly AnnouncementStatus[] => strays.get(serviceKey) ?? [];
  const others = ({ serviceKey, uid }: AnnouncementStatus): readonly AnnouncementStatus[] =>
    of(serviceKey).filter((object) => object.uid !== uid);

  function remove(object: AnnouncementStatus): void {
    const left = others(object);
    if (left.length === 0) strays.delete(object.serviceKey);
    else strays.set(object.serviceKey, left);
  }

  return {
    left(object) {
      if (!ending.delete(object.uid)) strays.set(object.serviceKey, [...others(object), object]);
    },
    returned: remove,
    ending(object) {
      const isStray = of(object.serviceKey).some(({ uid }) => uid === object.uid);
      if (!isStray) ending.add(object.uid); // a stray leaves no second time
    },
    ended: remove,
    of,
  };
}
