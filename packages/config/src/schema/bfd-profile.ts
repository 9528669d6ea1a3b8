import type { ConfigurationKindDefinition, OpenApiSchema } from './open-api-schema.ts';

/** BFDProfile v1beta1: MetalLB `api/v1beta1/bfdprofile_types.go`. */
export const bfdProfileDefinition: ConfigurationKindDefinition = {
  kind: 'BFDProfile',
  plural: 'bfdprofiles',
  version: 'v1beta1',
  description: 'BFDProfile says how the path to a BGP peer is watched by BFD (RFC 5880).',
  specRequired: false,
  spec: {
    description: 'The parameters of the BFD sessions of all peers that name this profile.',
    type: 'object',
    properties: {
      detectMultiplier: {
        description: 'How many packets may be missed before the path counts as lost.',
        type: 'integer',
        format: 'int32',
        minimum: 2,
        maximum: 255,
      },
      echoInterval: interval('The shortest interval between echo packets that this side can take, 50 where not given.'),
      echoMode: {
        description: 'Whether echo packets are sent. Not for peers that are several hops away.',
        type: 'boolean',
      },
      minimumTtl: {
        description: 'The smallest TTL that packets of a peer several hops away may arrive with.',
        type: 'integer',
        format: 'int32',
        minimum: 1,
        maximum: 254,
      },
      passiveMode: {
        description: 'Whether to wait for the first packet of the peer before sending any.',
        type: 'boolean',
      },
      receiveInterval: interval(
        'The shortest interval between control packets that this side can take, 300 where not given.',
      ),
      transmitInterval: interval(
        'The shortest interval at which this side wants to send control packets, 300 where not given.',
      ),
    },
  },
  status: { description: 'BFDProfile has no status.', type: 'object' },
  printerColumns: [
    { name: 'Passive Mode', type: 'boolean', jsonPath: '.spec.passiveMode' },
    { name: 'Transmit Interval', type: 'integer', jsonPath: '.spec.transmitInterval' },
    { name: 'Receive Interval', type: 'integer', jsonPath: '.spec.receiveInterval' },
    { name: 'Multiplier', type: 'integer', jsonPath: '.spec.detectMultiplier' },
  ],
};

function interval(description: string): OpenApiSchema {
  return {
    description: `${description} In milliseconds.`,
    type: 'integer',
    format: 'int32',
    minimum: 10,
    maximum: 60000,
  };
}
