import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { StatusError } from '../status-error.ts';
import { decodeProtobuf } from './protobuf.ts';

/** What kubectl 1.32 sent to a server that wrote it down. */
function sentByKubectl(what: string): Buffer {
  return Buffer.from(
    readFileSync(join(import.meta.dirname, 'fixtures', `kubectl-create-${what}.hex`), 'utf8').trim(),
    'hex',
  );
}

const labels = { app: 'nginx' };

describe('what kubectl create sends', () => {
  test.each([
    [
      'deployment',
      {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name: 'nginx', labels },
        spec: {
          replicas: 1,
          selector: { matchLabels: labels },
          template: {
            metadata: { labels },
            spec: {
              containers: [{ name: 'nginx', image: 'nginx:latest', ports: [{ containerPort: 80 }], resources: {} }],
            },
          },
          strategy: {},
        },
        status: {},
      },
    ],
    [
      'service',
      {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: 'made', labels: { app: 'made' } },
        spec: {
          type: 'LoadBalancer',
          selector: { app: 'made' },
          ports: [{ name: '80-web', protocol: 'TCP', port: 80, targetPort: 'web' }],
        },
        status: { loadBalancer: {} },
      },
    ],
    ['secret', { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'hidden' }, data: { a: 'MQ==' } }],
    ['config-map', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings' }, data: { a: '1', b: '2' } }],
    ['namespace', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'made' }, spec: {}, status: {} }],
  ])('%s', (what, object) => {
    expect(decodeProtobuf(sentByKubectl(what))).toEqual(object);
  });
});

test('a field that is not known is refused instead of dropped', () => {
  const octets = sentByKubectl('namespace');
  // The envelope's raw message grows by field 9, one varint.
  const raw = octets.indexOf(Buffer.from('121c0a14', 'hex'));
  const grown = Buffer.concat([octets, Buffer.alloc(0)]);
  grown.writeUInt8(0x1c + 2, raw + 1);
  const end = raw + 2 + 0x1c;
  const changed = Buffer.concat([grown.subarray(0, end), Buffer.from([0x48, 0x01]), grown.subarray(end)]);
  expect(() => decodeProtobuf(changed)).toThrow('field 9 of Namespace');
});

test('any octets are either an object or a refusal', () => {
  const magic = Buffer.from('k8s\0');
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (octets) => {
      try {
        decodeProtobuf(Buffer.concat([magic, octets]));
      } catch (error) {
        expect(error).toBeInstanceOf(StatusError);
      }
    }),
  );
});

test('every prefix of a message is refused or read, and never hangs', () => {
  const octets = sentByKubectl('deployment');
  for (let length = 0; length < octets.length; length++) {
    try {
      decodeProtobuf(octets.subarray(0, length));
    } catch (error) {
      expect(error).toBeInstanceOf(StatusError);
    }
  }
});
