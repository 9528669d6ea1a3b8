import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { KubeObject } from '../kube-object.ts';
import { Storage } from './storage.ts';

function object(name: string, value = 0): KubeObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'n' }, value };
}

const names = (objects: readonly KubeObject[]): string[] => objects.map(({ metadata }) => metadata.name);

test('one counter numbers the writes of all kinds, deletions among them', () => {
  const storage = new Storage(100);
  const first = storage.put('configmaps', object('a'));
  const second = storage.put('secrets', object('b'));
  const last = storage.remove('configmaps', first);
  const versions = [first, second, last].map(({ metadata }) => Number(metadata.resourceVersion));
  const [start = 0] = versions;
  expect(versions).toEqual([start, start + 1, start + 2]);
  expect(storage.changesSince(start)?.map(({ type }) => type)).toEqual(['ADDED', 'DELETED']);
});

test('objects come in the order of their keys, whenever they were made', () => {
  const storage = new Storage(100);
  for (const name of ['c', 'a', 'b']) storage.put('configmaps', object(name));
  expect(names(storage.list('configmaps'))).toEqual(['a', 'b', 'c']);
});

test('a bounded history says when it no longer reaches', () => {
  const storage = new Storage(10);
  const start = storage.resourceVersion;
  for (let i = 0; i < 50; i++) storage.put('configmaps', object('a', i));
  expect(storage.changesSince(start)).toBeUndefined();
  const since = storage.resourceVersion - 5;
  expect(storage.changesSince(since)).toHaveLength(5);
  storage.expireHistory();
  expect(storage.changesSince(since)).toBeUndefined();
  expect(storage.changesSince(storage.resourceVersion)).toEqual([]);
});

test('the state at any version that the history reaches is what it was then', () => {
  const write = fc.record({ name: fc.constantFrom('a', 'b', 'c'), remove: fc.boolean() });
  fc.assert(
    fc.property(fc.array(write, { maxLength: 30 }), (writes) => {
      const storage = new Storage(100);
      const past = new Map<number, KubeObject[]>();
      for (const [value, { name, remove }] of writes.entries()) {
        const current = storage.get('configmaps', 'n', name);
        if (!remove) storage.put('configmaps', object(name, value));
        else if (current) storage.remove('configmaps', current);
        past.set(storage.resourceVersion, storage.list('configmaps'));
      }
      for (const [version, objects] of past) expect(storage.listAt('configmaps', version)).toEqual(objects);
    }),
  );
});
