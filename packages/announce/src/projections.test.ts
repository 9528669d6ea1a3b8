import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  mergeEndpointSlices,
  projectEndpointSlice,
  projectNode,
  projectServiceForAnnouncement,
  refuseOwnAddress,
} from './index.ts';

const slice = (endpoints: unknown, labels: object = { 'kubernetes.io/service-name': 'nginx' }) =>
  projectEndpointSlice({ metadata: { namespace: 'default', name: 'nginx-abc', labels }, endpoints });

describe('an endpoint can serve', () => {
  test.for<[conditions: unknown, serves: boolean]>([
    [undefined, true],
    [{}, true],
    [{ ready: null }, true],
    [{ ready: true }, true],
    [{ ready: false }, false],
    [{ ready: false, serving: true, terminating: true }, true],
    [{ ready: false, serving: false }, false],
    [{ serving: false }, true],
    [{ ready: true, serving: false }, true],
  ])('%o: %s', ([conditions, serves]) => {
    expect(slice([{ nodeName: 'a', addresses: [], conditions }])?.serving).toBe(serves);
  });

  test('on a node that it does not name, which counts for no node', () => {
    expect(slice([{ addresses: ['192.0.2.1'] }])).toMatchObject({ serving: true, servingNodes: new Set() });
  });
});

test('the slices of a Service are put together', () => {
  const views = [
    slice([{ nodeName: 'a', addresses: ['198.51.100.1'] }]),
    slice([{ nodeName: 'b', addresses: ['198.51.100.2'], conditions: { ready: false } }]),
    slice([{ nodeName: 'c', addresses: ['198.51.100.3'] }]),
  ];
  expect(mergeEndpointSlices(views.filter((v) => v !== undefined))).toEqual({
    serving: true,
    servingNodes: new Set(['a', 'c']),
  });
  expect(mergeEndpointSlices([])).toEqual({ serving: false, servingNodes: new Set() });
});

test('an endpoint without an address counts at layer 2 only, and is kept apart', () => {
  const addressed = slice([{ nodeName: 'a', addresses: ['198.51.100.1'] }]);
  const bare = slice([{ nodeName: 'b' }]);
  expect(addressed?.addressed).toBeUndefined();
  expect(bare).toMatchObject({ serving: true, addressed: { serving: false, servingNodes: new Set() } });
  expect(mergeEndpointSlices([addressed, bare].filter((view) => view !== undefined))).toEqual({
    serving: true,
    servingNodes: new Set(['a', 'b']),
    addressed: { serving: true, servingNodes: new Set(['a']) },
  });
});

test('a slice without its label belongs to no Service', () => {
  expect(slice([], {})).toMatchObject({ key: 'default/nginx-abc', serviceKey: undefined });
});

test('whatever the objects are, projecting returns', () => {
  const parts = fc.dictionary(
    fc.constantFrom(
      'metadata',
      'spec',
      'status',
      'endpoints',
      'name',
      'labels',
      'conditions',
      'addresses',
      'loadBalancer',
      'ingress',
    ),
    fc.jsonValue(),
  );
  const object = fc.oneof(
    fc.jsonValue(),
    parts,
    fc.record({
      metadata: fc.oneof(parts, fc.constant({ name: 'x' })),
      spec: parts,
      status: parts,
      endpoints: fc.jsonValue(),
    }),
  );
  void fc.assert(
    fc.property(object, (value) => {
      for (const project of [projectServiceForAnnouncement, projectEndpointSlice, projectNode]) {
        expect(['object', 'undefined']).toContain(typeof project(value));
      }
    }),
  );
});

describe('an address that the network needs for itself', () => {
  const network = { localAddresses: ['192.0.2.1', '2001:0db8::0001', 'fe80::1%eth0'], gateways: ['192.0.2.254'] };
  test.for<[address: string, reason: string | undefined]>([
    ['192.0.2.1', 'AddressBelongsToNode'],
    ['2001:db8::1', 'AddressBelongsToNode'],
    ['192.0.2.254', 'AddressIsGateway'],
    ['192.0.2.10', undefined],
  ])('%s: %s', ([address, reason]) => {
    expect(refuseOwnAddress(address, network)).toBe(reason);
  });
});
