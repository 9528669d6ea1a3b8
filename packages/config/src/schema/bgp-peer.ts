import { asNumberSchema, bgpPeerPrinterColumns } from './bgp-peer-parts.ts';
import { bgpPeerV1Beta1 } from './bgp-peer-v1beta1.ts';
import { labelSelectorsSchema } from './label-selector.ts';
import type { ConfigurationKindDefinition } from './open-api-schema.ts';

/** BGPPeer, stored as v1beta2: MetalLB `api/v1beta2/bgppeer_types.go`. */
export const bgpPeerDefinition: ConfigurationKindDefinition = {
  kind: 'BGPPeer',
  plural: 'bgppeers',
  version: 'v1beta2',
  description: 'BGPPeer is a router that speakers announce addresses to.',
  specRequired: false,
  spec: {
    description: 'The peer, and the session with it.',
    type: 'object',
    required: ['myASN'],
    properties: {
      bfdProfile: {
        description: 'The BFDProfile by which the path to the peer is watched; without one it is not.',
        type: 'string',
      },
      connectTime: {
        description: 'How long to wait between attempts to connect: whole seconds, 1 to 65535.',
        type: 'string',
        'x-kubernetes-validations': [
          {
            message: 'connect time should be between 1 seconds to 65535',
            rule: 'duration(self).getSeconds() >= 1 && duration(self).getSeconds() <= 65535',
          },
          {
            message: 'connect time should contain a whole number of seconds',
            rule: 'duration(self).getMilliseconds() % 1000 == 0',
          },
        ],
      },
      disableMP: {
        description: 'Deprecated and without effect: see dualStackAddressFamily.',
        type: 'boolean',
        default: false,
      },
      dualStackAddressFamily: {
        description: 'Whether routes of both families are exchanged over this session, not only those of its own.',
        type: 'boolean',
        default: false,
      },
      dynamicASN: {
        description:
          'Takes the AS number from the peer, instead of peerASN: internal wants the same as myASN, external another.',
        type: 'string',
        enum: ['internal', 'external'],
      },
      ebgpMultiHop: { description: 'Whether the peer, in another AS, is several hops away.', type: 'boolean' },
      enableGracefulRestart: {
        description:
          'Whether the peer is asked to keep routes while this side restarts (RFC 4724). Cannot be changed later.',
        type: 'boolean',
        'x-kubernetes-validations': [
          { message: 'EnableGracefulRestart cannot be changed after creation', rule: 'self == oldSelf' },
        ],
      },
      holdTime: {
        description: 'The hold time to propose (RFC 4271 section 4.2): 0s, or 3s and more.',
        type: 'string',
      },
      interface: {
        description: 'The interface of the node on which to find the peer, instead of peerAddress (unnumbered BGP).',
        type: 'string',
      },
      keepaliveTime: {
        description: 'The interval between KEEPALIVE messages, at most the hold time.',
        type: 'string',
      },
      localASN: {
        ...asNumberSchema('The AS number that this peer sees instead of myASN.'),
        minimum: 1,
      },
      myASN: asNumberSchema('The AS number of this side.'),
      nodeSelectors: labelSelectorsSchema('Selectors of the nodes that connect; all nodes where there is none.'),
      password: { description: 'The password of the session, for TCP MD5 (RFC 2385).', type: 'string' },
      passwordSecret: {
        typeName: 'SecretReference',
        description:
          'The Secret in which the password is, instead of password: of type kubernetes.io/basic-auth, with the key password.',
        type: 'object',
        'x-kubernetes-map-type': 'atomic',
        properties: {
          name: { description: 'The name of the Secret.', type: 'string' },
          namespace: { description: 'Without effect: the namespace is that of the BGPPeer.', type: 'string' },
        },
      },
      peerASN: asNumberSchema('The AS number of the peer. Either this or dynamicASN is needed.'),
      peerAddress: {
        description: 'The address of the peer. Either this or interface is needed.',
        type: 'string',
      },
      peerPort: {
        description: 'The TCP port of the peer.',
        type: 'integer',
        default: 179,
        minimum: 1,
        maximum: 16384,
      },
      routerID: { description: 'The BGP identifier of this side, written as an IPv4 address.', type: 'string' },
      sourceAddress: { description: 'The address of the node to connect from.', type: 'string' },
      vrf: { description: 'The VRF of the node through which the peer is reached.', type: 'string' },
    },
  },
  status: { description: 'BGPPeer has no status.', type: 'object' },
  printerColumns: bgpPeerPrinterColumns,
  olderVersions: [bgpPeerV1Beta1],
};
