import { expect, test } from 'vitest';
import { strategicMergePatch } from './strategic-merge-patch.ts';

const service = {
  spec: {
    ports: [
      { port: 1, name: 'a' },
      { port: 2, name: 'b' },
    ],
    clusterIPs: ['10.0.0.1'],
  },
};

test('the ports of a Service are told apart by their number', () => {
  const patched = strategicMergePatch(service, { spec: { ports: [{ port: 2, name: 'c' }, { port: 3 }] } }, 'Service');
  expect(patched).toEqual({
    spec: { ports: [{ port: 1, name: 'a' }, { port: 2, name: 'c' }, { port: 3 }], clusterIPs: ['10.0.0.1'] },
  });
});

test('an item goes with $patch: delete, and all go with $patch: replace', () => {
  const without = strategicMergePatch(service, { spec: { ports: [{ $patch: 'delete', port: 1 }] } }, 'Service');
  expect(without).toMatchObject({ spec: { ports: [{ port: 2 }] } });
  const replaced = strategicMergePatch(service, { spec: { ports: [{ port: 9 }, { $patch: 'replace' }] } }, 'Service');
  expect(replaced).toMatchObject({ spec: { ports: [{ port: 9 }] } });
});

test('the order of items follows $setElementOrder, as kubectl edit and apply send it', () => {
  const patch = {
    spec: {
      $setElementOrder: undefined,
      '$setElementOrder/ports': [{ port: 3 }, { port: 2 }, { port: 1 }],
      ports: [{ port: 3 }],
    },
  };
  expect(strategicMergePatch(service, patch, 'Service')).toMatchObject({
    spec: { ports: [{ port: 3 }, { port: 2 }, { port: 1 }] },
  });
});

test('a list without a key is replaced as a whole', () => {
  const slice = { endpoints: [{ addresses: ['192.0.2.1'] }], ports: [{ port: 1 }] };
  const patched = strategicMergePatch(slice, { endpoints: [{ addresses: ['192.0.2.2'] }], ports: [] }, 'EndpointSlice');
  expect(patched).toEqual({ endpoints: [{ addresses: ['192.0.2.2'] }], ports: [] });
});

test('plain values are a set, from which some can be taken', () => {
  const object = { metadata: { finalizers: ['a', 'b'] } };
  const added = strategicMergePatch(object, { metadata: { finalizers: ['c'] } }, 'Service');
  expect(added).toEqual({ metadata: { finalizers: ['a', 'b', 'c'] } });
  const taken = strategicMergePatch(object, { metadata: { '$deleteFromPrimitiveList/finalizers': ['a'] } }, 'Service');
  expect(taken).toEqual({ metadata: { finalizers: ['b'] } });
});

test('null takes a field away, and $retainKeys all that it does not name', () => {
  const deployment = { spec: { strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1 } }, paused: true } };
  const patch = { spec: { paused: null, strategy: { $retainKeys: ['type'], type: 'Recreate' } } };
  expect(strategicMergePatch(deployment, patch, 'Deployment')).toEqual({ spec: { strategy: { type: 'Recreate' } } });
});
