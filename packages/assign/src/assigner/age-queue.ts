import { byAge, type ServiceView } from '../service/service-view.ts';

/** Things that are each about one Service; the oldest Service's comes out first. */
export interface AgeQueue<T> {
  readonly size: number;
  push(service: ServiceView, item: T): void;
  pop(): { readonly service: ServiceView; readonly item: T } | undefined;
}

/** Creates an empty queue: a binary heap. */
export function createAgeQueue<T>(): AgeQueue<T> {
  const heap: { readonly service: ServiceView; readonly item: T }[] = [];

  function isBefore(a: number, b: number): boolean {
    const [one, other] = [heap[a], heap[b]];
    return one !== undefined && (other === undefined || byAge(one.service, other.service) < 0);
  }

  function swap(a: number, b: number): void {
    const [one, other] = [heap[a], heap[b]];
    if (one !== undefined && other !== undefined) {
      heap[a] = other;
      heap[b] = one;
    }
  }

  return {
    get size() {
      return heap.length;
    },
    push(service, item) {
      let place = heap.push({ service, item }) - 1;
      while (place > 0 && isBefore(place, (place - 1) >> 1)) {
        swap(place, (place - 1) >> 1);
        place = (place - 1) >> 1;
      }
    },
    pop() {
      swap(0, heap.length - 1);
      const first = heap.pop();
      let place = 0;
      for (;;) {
        const left = 2 * place + 1;
        const next = isBefore(left + 1, left) ? left + 1 : left;
        if (!isBefore(next, place)) {
          return first;
        }
        swap(place, next);
        place = next;
      }
    },
  };
}
