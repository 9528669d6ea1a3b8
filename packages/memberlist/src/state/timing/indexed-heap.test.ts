import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createIndexedHeap } from './indexed-heap.ts';

test('whatever is added and taken out of the middle, the least comes first', () => {
  const operation = fc.record({ add: fc.boolean(), value: fc.nat(50), pick: fc.nat(1_000) });
  const property = fc.property(fc.array(operation, { maxLength: 200 }), (operations) => {
    const heap = createIndexedHeap<{ readonly value: number; heapIndex: number }>(
      (one, other) => one.value < other.value,
    );
    const model: { readonly value: number; heapIndex: number }[] = [];
    for (const { add, value, pick } of operations) {
      if (add || model.length === 0) {
        const item = { value, heapIndex: -1 };
        model.push(item);
        heap.add(item);
      } else {
        const [item] = model.splice(pick % model.length, 1);
        if (item !== undefined) heap.remove(item);
        if (item !== undefined) heap.remove(item);
      }
      expect(heap.size()).toBe(model.length);
      expect(heap.first()?.value).toBe(model.length === 0 ? undefined : Math.min(...model.map((item) => item.value)));
      for (const [index, item] of heap.items().entries()) expect(item.heapIndex).toBe(index);
    }
  });
  void fc.assert(property);
});
