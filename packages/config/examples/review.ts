import { reviewObject, slicesNeeded } from '@steelyard/config';

const question = {
  kind: 'BGPPeer',
  operation: 'CREATE',
  object: {
    metadata: { namespace: 'metallb-system', name: 'tor' },
    spec: { myASN: 64512, peerASN: 64513, peerAddress: '192.0.2.1', holdTime: '2s' },
  },
  namespace: 'metallb-system',
  existing: { bgpPeers: [], nodes: [] },
} as const;

console.log(slicesNeeded(question.kind, question.operation)); // [ 'bgpPeers', 'nodes' ]
const outcome = reviewObject(question);
console.log(outcome.allowed ? outcome.warnings : outcome.message);
// BGPPeer/tor spec.holdTime: parsing peer tor invalid BGPPeer timers: invalid hold time "2s": must be 0 or >=3s
