import { describe, expect, test } from 'vitest';
import {
  type ConfigurationInput,
  configurationInForce,
  mayAllocateFrom,
  mayHoldFrom,
  type ParsedConfig,
  parseConfiguration,
  placeAddresses,
} from './index.ts';

const pool = (name: string, addresses: unknown, spec: object = {}, metadata: object = {}) => ({
  apiVersion: 'metallb.io/v1beta1',
  kind: 'IPAddressPool',
  metadata: { namespace: 'metallb-system', name, creationTimestamp: '2026-01-01T00:00:00Z', ...metadata },
  spec: { addresses, ...spec },
});
const advertisement = (name: string, spec?: object) => ({
  apiVersion: 'metallb.io/v1beta1',
  kind: 'L2Advertisement',
  metadata: { namespace: 'metallb-system', name },
  ...(spec && { spec }),
});
const parse = (input: Partial<ConfigurationInput>, previous?: ParsedConfig) =>
  parseConfiguration({ ipAddressPools: [], l2Advertisements: [], namespaces: [], ...input }, previous);
const messages = (input: Partial<ConfigurationInput>) => parse(input).problems.map(({ message }) => message);
const selector = (labels: Record<string, string>) => ({ matchLabels: labels });

describe('a pool that is wrong says so in MetalLB’s words', () => {
  test.for<[name: string, pools: unknown[], message: string]>([
    [
      'bare address',
      [pool('a', ['192.0.2.1'])],
      'IPAddressPool/a spec.addresses[0]: parsing address pool a: invalid CIDR "192.0.2.1" in pool "a": invalid CIDR "192.0.2.1"',
    ],
    [
      'backwards',
      [pool('a', ['192.0.2.0/28', '192.0.2.9-192.0.2.1'])],
      'IPAddressPool/a spec.addresses[1]: parsing address pool a: invalid CIDR "192.0.2.9-192.0.2.1" in pool "a": invalid IP range "192.0.2.9-192.0.2.1": start IP "192.0.2.9" is after the end IP "192.0.2.1"',
    ],
    [
      'no start',
      [pool('a', ['x-192.0.2.1'])],
      'IPAddressPool/a spec.addresses[0]: parsing address pool a: invalid CIDR "x-192.0.2.1" in pool "a": invalid IP range "x-192.0.2.1": invalid start IP "x"',
    ],
    ['empty', [pool('a', [])], 'IPAddressPool/a spec.addresses: parsing address pool a: pool has no prefixes defined'],
    [
      'missing',
      [pool('a', undefined)],
      'IPAddressPool/a spec.addresses: parsing address pool a: pool has no prefixes defined',
    ],
    [
      'no spec',
      [{ metadata: { name: 'a' } }],
      'IPAddressPool/a spec.addresses: parsing address pool a: pool has no prefixes defined',
    ],
    ['nameless', [pool('', ['192.0.2.0/24'])], 'IPAddressPool/ metadata.name: missing pool name'],
    [
      'twice',
      [pool('a', ['192.0.2.0/25']), pool('a', ['192.0.2.128/25'])],
      'IPAddressPool/a spec.name: duplicate definition of pool "a"',
    ],
    [
      'overlap',
      [pool('a', ['192.0.2.0/24']), pool('b', ['192.0.2.10-192.0.2.11'])],
      'IPAddressPool/b spec.addresses: CIDR "192.0.2.10/31" in pool "b" overlaps with already defined CIDR "192.0.2.0/24"',
    ],
    [
      'namespaces twice',
      [pool('a', ['192.0.2.0/24'], { serviceAllocation: { namespaces: ['x', 'y', 'x'] } })],
      'IPAddressPool/a spec.serviceAllocation.namespaces[2]: parsing address pool a: duplicate definition in namespaces field',
    ],
    [
      'selectors twice',
      [
        pool('a', ['192.0.2.0/24'], {
          serviceAllocation: { serviceSelectors: [selector({ a: 'b' }), selector({ a: 'b' })] },
        }),
      ],
      'IPAddressPool/a spec.serviceAllocation.serviceSelectors[1]: parsing address pool a: duplicate definition of serviceSelectors {map["a":"b"] []}',
    ],
    [
      'operator',
      [
        pool('a', ['192.0.2.0/24'], {
          serviceAllocation: {
            namespaceSelectors: [{ matchExpressions: [{ key: 'a', operator: 'in', values: ['b'] }] }],
          },
        }),
      ],
      'IPAddressPool/a spec.serviceAllocation.namespaceSelectors[0].matchExpressions[0].operator: parsing address pool a: "in" is not a valid label selector operator: invalid namespace label selector {map[] [{"a" "in" ["b"]}]} in ip pool a',
    ],
  ])('%s', ([, ipAddressPools, message]) => {
    expect(messages({ ipAddressPools })).toContain(message);
    expect(parse({ ipAddressPools }).config.acceptedByMetalLb).toBe(false);
  });

  test('mixed families', () => {
    expect(messages({ ipAddressPools: [pool('a', ['192.0.2.1-2001:db8::1'])] })[0]).toMatch(
      /invalid CIDR "192\.0\.2\.1-2001:db8::1" in pool "a": invalid IP range "192\.0\.2\.1-2001:db8::1"/,
    );
  });
});
