import { expect, test } from 'vitest';
import { applyPatch } from './apply-patch.ts';

test('conditions of several writers are merged by their type', () => {
  const first = { type: 'PoolValid', status: 'True' };
  const second = { type: 'ConfigValid', status: 'True' };
  const once = applyPatch({ spec: { a: 1 }, status: { conditions: [first] } }, { status: { conditions: [second] } });
  expect(once).toEqual({ spec: { a: 1 }, status: { conditions: [first, second] } });

  const changed = { type: 'PoolValid', status: 'False', reason: 'Broken' };
  expect(applyPatch(once, { status: { conditions: [changed] } })).toEqual({
    spec: { a: 1 },
    status: { conditions: [changed, second] },
  });
});

test.for([
  [{ list: ['a'] }, { list: ['b'] }, { list: ['b'] }],
  [{ list: [] }, { list: [{ type: 'a' }] }, { list: [{ type: 'a' }] }],
  [undefined, { a: { b: 1 } }, { a: { b: 1 } }],
  [{ a: { b: 1, c: 2 } }, { a: { b: 3 } }, { a: { b: 3, c: 2 } }],
])('%j, to which %j is applied', ([target, applied, expected]) => {
  expect(applyPatch(target, applied)).toEqual(expected);
});
