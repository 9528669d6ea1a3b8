import { asNumberSchema, bgpPeerPrinterColumns } from './bgp-peer-parts.ts';
import type { KindVersion, OpenApiSchema } from './open-api-schema.ts';

const nodeSelectorSchema: OpenApiSchema = {
  typeName: 'BGPPeerV1Beta1NodeSelector',
  description: 'A query over labels of nodes. matchLabels and matchExpressions must all hold.',
  type: 'object',
  properties: {
    matchExpressions: {
      description: 'Requirements on labels, all of which must hold.',
      type: 'array',
      items: {
        typeName: 'BGPPeerV1Beta1MatchExpression',
        description: 'A requirement on one label.',
        type: 'object',
        required: ['key', 'operator', 'values'],
        properties: {
          key: { description: 'The label that is looked at.', type: 'string' },
          operator: { description: 'In, NotIn, Exists or DoesNotExist.', type: 'string' },
          values: {
            description: 'The values of In and NotIn.',
            type: 'array',
            minItems: 1,
            items: { type: 'string' },
          },
        },
      },
    },
    matchLabels: {
      description: 'Labels with the values that they must have.',
      type: 'object',
      additionalProperties: { type: 'string' },
    },
  },
};

/** BGPPeer v1beta1: MetalLB `api/v1beta1/bgppeer_types.go`. */
export const bgpPeerV1Beta1: KindVersion = {
  version: 'v1beta1',
  description: 'BGPPeer is a router that speakers announce addresses to.',
  deprecationWarning: 'v1beta1 is deprecated, please use v1beta2',
  specRequired: false,
  spec: {
    description: 'The peer, and the session with it.',
    type: 'object',
    required: ['myASN', 'peerASN', 'peerAddress'],
    properties: {
      bfdProfile: {
        description: 'The BFDProfile by which the path to the peer is watched; without one it is not.',
        type: 'string',
      },
      ebgpMultiHop: { description: 'Whether the peer, in another AS, is several hops away.', type: 'boolean' },
      holdTime: {
        description: 'The hold time to propose (RFC 4271 section 4.2): 0s, or 3s and more.',
        type: 'string',
      },
      keepaliveTime: {
        description: 'The interval between KEEPALIVE messages, at most the hold time.',
        type: 'string',
      },
      myASN: asNumberSchema('The AS number of this side.'),
      nodeSelectors: {
        description: 'Selectors of the nodes that connect; all nodes where there is none.',
        type: 'array',
        items: nodeSelectorSchema,
      },
      password: { description: 'The password of the session, for TCP MD5 (RFC 2385).', type: 'string' },
      peerASN: asNumberSchema('The AS number of the peer.'),
      peerAddress: { description: 'The address of the peer.', type: 'string' },
      peerPort: { description: 'The TCP port of the peer.', type: 'integer', minimum: 0, maximum: 16384 },
      routerID: { description: 'The BGP identifier of this side, written as an IPv4 address.', type: 'string' },
      sourceAddress: { description: 'The address of the node to connect from.', type: 'string' },
    },
  },
  status: { description: 'BGPPeer has no status.', type: 'object' },
  printerColumns: bgpPeerPrinterColumns,
};
