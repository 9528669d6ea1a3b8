import { expect, test } from 'vitest';
import type { Layer2Decision } from './decide-layer2.ts';
import { withdrawalReason } from './withdrawal-reason.ts';

const eligible: Layer2Decision & { readonly eligible: true } = {
  eligible: true,
  because: 'Advertised',
  pool: 'pool',
  addresses: ['192.0.2.2'],
  electionAddress: '192.0.2.2',
  candidates: [{ node: 'a', score: 0 }],
  interfaces: new Map([['a', 'all']]),
  refusedAddresses: [],
  refusedNodes: new Map(),
};

test.for<[what: string, decision: Layer2Decision | undefined, reason: string]>([
  ['the Service is gone', undefined, 'serviceDeleted'],
  ['it has no address', { eligible: false, because: 'noIPAllocated' }, 'noIPAllocated'],
  ['nothing serves', { eligible: false, because: 'NoServingEndpoint' }, 'NoServingEndpoint'],
  ['it has another address', eligible, 'loadBalancerIPChanged'],
  [
    'a node took the address',
    { ...eligible, refusedAddresses: [{ address: '192.0.2.1', because: 'AddressBelongsToNode' }] },
    'AddressBelongsToNode',
  ],
  [
    'other nodes may announce it',
    { ...eligible, candidates: [], refusedNodes: new Map([['a', 'ExcludedFromLoadBalancers']]) },
    'ExcludedFromLoadBalancers',
  ],
  ['this Node was deleted', { ...eligible, candidates: [], interfaces: new Map() }, 'UnknownNode'],
  ['its endpoints are elsewhere', { ...eligible, candidates: [] }, 'NoServingEndpointOnNode'],
])('%s', ([, decision, reason]) => {
  expect(withdrawalReason(decision, 'a', '192.0.2.1')).toBe(reason);
});
