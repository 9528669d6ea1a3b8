import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createReusingMap } from './reusing-map.ts';

test('behaves as a Map does, whatever comes and goes', () => {
  const step = fc.tuple(fc.constantFrom('set', 'set', 'delete', 'clear'), fc.integer({ min: 0, max: 150 }));
  void fc.assert(
    fc.property(fc.array(step, { size: 'large', maxLength: 600 }), (steps) => {
      const ours = createReusingMap<number, number>();
      const plain = new Map<number, number>();
      for (const [index, [what, key]] of steps.entries()) {
        if (what === 'set') {
          ours.set(key, index);
          plain.set(key, index);
        } else if (what === 'delete') {
          ours.delete(key);
          plain.delete(key);
        } else if (key === 0) {
          ours.clear();
          plain.clear();
        }
        expect(ours.get(key)).toBe(plain.get(key));
      }
      expect(new Set(ours.values())).toEqual(new Set(plain.values()));
    }),
  );
});
