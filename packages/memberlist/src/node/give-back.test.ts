import { expect, test } from 'vitest';
import { giveBack } from './give-back.ts';

test('memory that is a chunk’s alone is given back', () => {
  const chunk = Buffer.from(new ArrayBuffer(64));
  giveBack(chunk);
  expect([chunk.length, chunk.buffer.byteLength]).toEqual([0, 0]);
});

test.for<[what: string, chunk: Uint8Array]>([
  ['a pool', new Uint8Array(new ArrayBuffer(64), 8, 16)],
  ['shared memory', new Uint8Array(new SharedArrayBuffer(64))],
])('%s is left alone', ([, chunk]) => {
  const { length } = chunk;
  giveBack(chunk);
  expect([chunk.length, chunk.buffer.byteLength]).toEqual([length, 64]);
});
