import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseWatchEvent } from './watch-event.ts';

const object = { metadata: { name: 'a', resourceVersion: '7' } };

test.for<[line: unknown, expected: object]>([
  [
    { type: 'ADDED', object },
    { type: 'upsert', object, resourceVersion: '7' },
  ],
  [
    { type: 'MODIFIED', object },
    { type: 'upsert', object, resourceVersion: '7' },
  ],
  [
    { type: 'DELETED', object },
    { type: 'delete', object, resourceVersion: '7' },
  ],
  [
    { type: 'BOOKMARK', object },
    { type: 'bookmark', resourceVersion: '7' },
  ],
  [
    { type: 'ERROR', object: { code: 410, message: 'too old' } },
    { type: 'error', httpStatus: 410, message: 'too old' },
  ],
  [
    { type: 'ERROR', object: {} },
    { type: 'error', httpStatus: 500, message: 'no message' },
  ],
  [
    { type: 'ADDED', object: { metadata: {} } },
    { type: 'garbage', message: 'no resourceVersion in the event' },
  ],
  [{ type: 'ADDED', object: { metadata: { resourceVersion: 7 } } }, { type: 'garbage' }],
  [
    { type: 'ADDED', object: [] },
    { type: 'garbage', message: 'no object in the event' },
  ],
  [
    { type: 'EATEN', object },
    { type: 'garbage', message: 'unknown event type "EATEN"' },
  ],
  [{ object }, { type: 'garbage' }],
  [null, { type: 'garbage' }],
  [[], { type: 'garbage' }],
])('%j', ([line, expected]) => {
  expect(parseWatchEvent(JSON.stringify(line))).toMatchObject(expected);
});

test('any text has a meaning, or is garbage', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (line) => {
      expect(parseWatchEvent(line).type).toMatch(/^(upsert|delete|bookmark|error|garbage)$/);
    }),
  );
});
