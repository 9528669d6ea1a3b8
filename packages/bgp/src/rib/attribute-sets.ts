import { type AttributesKey, attributesKey } from '../update/encode/attributes-key.ts';
import type { RouteAttributes } from '../update/route.ts';
import type { AdjRoute } from './adj-route.ts';
import type { LinkedQueue, Queued } from './linked-queue.ts';

/** Attributes that routes of one family have in common, and the queue of those that are to be announced with them. */
export interface AttributeSet extends LinkedQueue<AdjRoute>, Queued<AttributeSet> {
  readonly attributes: RouteAttributes;
  readonly key: AttributesKey;
  /** Routes that are wanted with them, and routes that were sent with them. */
  references: number;
  /** Of this session: why it cannot carry them. Undefined where it can, null where nobody has asked. */
  because: string | undefined | null;
}

/** Attributes by their key: each once, as long as a route refers to them. */
export interface AttributeSets extends Iterable<AttributeSet> {
  find(attributes: RouteAttributes): AttributeSet;
  retain(set: AttributeSet): void;
  release(set: AttributeSet): void;
}

/** None yet. */
export function createAttributeSets(): AttributeSets {
  const sets = new Map<string, AttributeSet>();
  return {
    [Symbol.iterator]: () => sets.values(),
    find(attributes) {
      const key = attributesKey(attributes);
      const known = sets.get(key.internal);
      if (known !== undefined) return known;
      const set: AttributeSet = {
        attributes,
        key,
        references: 0,
        because: null,
        first: undefined,
        last: undefined,
        previous: undefined,
        next: undefined,
      };
      sets.set(key.internal, set);
      return set;
    },
    retain(set) {
      set.references += 1;
    },
    release(set) {
      set.references -= 1;
      if (set.references === 0) sets.delete(set.key.internal);
    },
  };
}
