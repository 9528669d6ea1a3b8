import { expect, test } from 'vitest';
import { readBgpType } from './bgp-type.ts';

test.for([
  ['native', {}],
  ['native', { METALLB_BGP_TYPE: 'native' }],
  ['frr', { METALLB_BGP_TYPE: 'frr' }],
  ['frr-k8s', { METALLB_BGP_TYPE: 'frr-k8s' }],
] as const)('%s, of %o', ([bgpType, env]) => {
  expect(readBgpType(env)).toBe(bgpType);
});

test.for(['', 'FRR', 'bird'])('a speaker with %j does not start', (bgpType) => {
  expect(() => readBgpType({ METALLB_BGP_TYPE: bgpType })).toThrow(
    `METALLB_BGP_TYPE is native, frr or frr-k8s, not ${JSON.stringify(bgpType)}`,
  );
});
