import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { serviceObject } from '../../test/objects.ts';
import { parseCreationTimestampMs } from './creation-time.ts';
import { sharingOf } from './service-sharing.ts';
import { projectService } from './service-view.ts';

describe('the projection of a Service', () => {
  test('keeps what decisions depend on, and no annotation of others', () => {
    const object = serviceObject({
      families: '46',
      age: 61,
      annotations: {
        'metallb.io/address-pool': 'p',
        'example.org/huge': 'x',
        'metallb.universe.tf/allow-shared-ip': 'k',
      },
      labels: { app: 'a' },
      ingress: [{ ip: '192.0.2.1', ipMode: 'VIP' }, { hostname: 'example.org' }],
      ports: [{ port: 53, protocol: 'UDP' }, { port: 80 }],
    });
    expect(projectService(object)).toEqual({
      key: 'ns/a',
      namespace: 'ns',
      name: 'a',
      uid: 'uid-ns-a',
      resourceVersion: '1',
      creationTimestampMs: Date.UTC(2026, 0, 1, 0, 1, 1),
      type: 'LoadBalancer',
      clusterIP: '10.96.0.10',
      clusterIPs: ['10.96.0.10', 'fd00:96::10'],
      ipFamilies: ['IPv4', 'IPv6'],
      ipFamilyPolicy: 'PreferDualStack',
      annotations: new Map([
        ['metallb.io/address-pool', 'p'],
        ['metallb.universe.tf/allow-shared-ip', 'k'],
      ]),
      labels: new Map([['app', 'a']]),
      ports: [
        { protocol: 'UDP', port: 53 },
        { protocol: 'TCP', port: 80 },
      ],
      selector: new Map([['app', 'a']]),
      externalTrafficPolicy: 'Cluster',
      loadBalancerIP: '',
      loadBalancerClass: '',
      ingress: [
        { ip: '192.0.2.1', hostname: '' },
        { ip: '', hostname: 'example.org' },
      ],
    });
  });

  test.for<[name: string, object: unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['a list', []],
    ['a text', 'x'],
    ['no metadata', {}],
    ['no namespace', { metadata: { name: 'a' } }],
    ['a name that is none', { metadata: { name: 7, namespace: 'ns' } }],
  ])('of %s is none', ([, object]) => {
    expect(projectService(object)).toBeUndefined();
  });

  test('takes fields of the wrong type for absent ones, whatever the object is', () => {
    const keys = fc.constantFrom(
      'metadata',
      'spec',
      'status',
      'name',
      'namespace',
      'ports',
      'port',
      'annotations',
      'labels',
      'clusterIPs',
      'loadBalancer',
      'ingress',
      'ip',
      'selector',
      '__proto__',
    );
    const { value } = fc.letrec<{ value: unknown }>((tie) => ({
      value: fc.oneof(
        { depthSize: 'small', withCrossShrink: true },
        fc.anything(),
        fc.constant('ns'),
        fc.array(tie('value'), { maxLength: 3 }),
        fc.dictionary(keys, tie('value'), { maxKeys: 5 }),
      ),
    }));
    void fc.assert(
      fc.property(
        fc.record({
          metadata: fc.record({
            name: fc.constant('a'),
            namespace: fc.constant('ns'),
            annotations: value,
            labels: value,
            creationTimestamp: value,
          }),
          spec: value,
          status: value,
        }),
        (object) => {
          const view = projectService(object);
          expect(view?.key).toBe('ns/a');
          for (const text of [
            ...(view?.clusterIPs ?? []),
            ...(view?.labels.values() ?? []),
            view?.loadBalancerIP,
            view?.type,
          ]) {
            expect(typeof text).toBe('string');
          }
        },
      ),
    );
  });

  test('a backend key is the selector in sorted text form, for Local only', () => {
    const spec = { externalTrafficPolicy: 'Local', selector: { z: '1', app: 'x' } };
    const view = (fields: object) => projectService(serviceObject({ spec: { ...spec, ...fields } }));
    const key = (fields: object) => {
      const service = view(fields);
      return service && sharingOf(service).backendKey;
    };
    expect([key({}), key({ externalTrafficPolicy: 'Cluster' }), key({ selector: null })]).toEqual([
      'app=x,z=1',
      '',
      '',
    ]);
  });
});

describe('metadata.creationTimestamp', () => {
  test('is read as a Date would read it', () => {
    const seconds = fc.integer({ min: 0, max: 4_102_444_800 });
    void fc.assert(
      fc.property(seconds, (value) => {
        const text = new Date(value * 1000).toISOString().replace('.000', '');
        expect(parseCreationTimestampMs(text)).toBe(value * 1000);
      }),
    );
  });

  test.for([undefined, null, 7, '', 'yesterday', '2026-01-01', '2026-01-01T00:00:00+01:00'])('%j is none', (text) => {
    expect(parseCreationTimestampMs(text)).toBeUndefined();
  });
});
