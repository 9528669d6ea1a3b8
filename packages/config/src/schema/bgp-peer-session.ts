import type { KindDefinition, OpenApiSchema } from './open-api-schema.ts';

const uint32 = (description: string): OpenApiSchema => ({
  description,
  type: 'integer',
  format: 'int64',
  minimum: 0,
  maximum: 4_294_967_295,
});
const text = (description: string): OpenApiSchema => ({ description, type: 'string' });
const moment = (description: string): OpenApiSchema => ({ description, type: 'string', format: 'date-time' });
const texts = (description: string): OpenApiSchema => ({ description, type: 'array', items: { type: 'string' } });

/** BGPPeerSession v1alpha1, of our own group: frr-k8s has a BGPSessionState of its own. */
export const bgpPeerSessionDefinition: KindDefinition = {
  group: 'steelyard.io',
  kind: 'BGPPeerSession',
  plural: 'bgppeersessions',
  version: 'v1alpha1',
  description:
    'BGPPeerSession says how the BGP session of a node with a BGPPeer is. The speaker of the node writes it. The labels steelyard.io/node and steelyard.io/peer find it.',
  specRequired: false,
  status: {
    description: 'How the session is.',
    type: 'object',
    properties: {
      address: text('The address of the peer.'),
      establishedAt: moment('When the session was established; absent while it is not.'),
      holdTimeSeconds: uint32('The hold time in force, in seconds; 0 for none.'),
      keepaliveMs: uint32('The interval of KEEPALIVE messages in force, in milliseconds.'),
      lastError: text('Why the last session, or the last attempt at one, ended.'),
      lastErrorTime: moment('When it ended.'),
      localASN: uint32('The AS number that the peer is shown.'),
      localAddress: text('The own address of the connection.'),
      node: text('The node.'),
      peer: text('The name of the BGPPeer.'),
      peerASN: {
        description: 'The AS number of the peer; internal or external as long as it is not known.',
        'x-kubernetes-int-or-string': true,
      },
      port: uint32('The TCP port of the peer.'),
      prefixesAnnounced: uint32('How many prefixes the peer was told of.'),
      prefixesUnsendable: uint32('How many prefixes this session cannot carry.'),
      receivedCapabilities: texts('The capabilities that the peer has offered.'),
      routerID: text('The own BGP Identifier.'),
      sentCapabilities: texts('The capabilities that were offered to the peer.'),
      state: {
        description: 'The state of RFC 4271, section 8.2.2.',
        type: 'string',
        enum: ['Idle', 'Connect', 'Active', 'OpenSent', 'OpenConfirm', 'Established'],
      },
      stateSince: moment('Since when it is in this state.'),
      unsendableReason: text('Why this session cannot carry them.'),
    },
  },
  printerColumns: [
    { name: 'Node', type: 'string', jsonPath: '.status.node' },
    { name: 'Peer', type: 'string', jsonPath: '.status.peer' },
    { name: 'Address', type: 'string', jsonPath: '.status.address' },
    { name: 'State', type: 'string', jsonPath: '.status.state' },
    { name: 'Since', type: 'date', jsonPath: '.status.stateSince' },
    { name: 'Prefixes', type: 'integer', jsonPath: '.status.prefixesAnnounced' },
    { name: 'Last Error', type: 'string', jsonPath: '.status.lastError', priority: 1 },
  ],
};
