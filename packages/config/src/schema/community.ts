import type { ConfigurationKindDefinition } from './open-api-schema.ts';

/** Community v1beta1: MetalLB `api/v1beta1/community_types.go`. */
export const communityDefinition: ConfigurationKindDefinition = {
  kind: 'Community',
  plural: 'communities',
  version: 'v1beta1',
  description: 'Community gives names to BGP communities, for BGPAdvertisements to use.',
  specRequired: false,
  spec: {
    description: 'The names.',
    type: 'object',
    properties: {
      communities: {
        description: 'Names and what they stand for. A name may be given once among all objects of this kind.',
        type: 'array',
        items: {
          typeName: 'CommunityAlias',
          description: 'A name for a community.',
          type: 'object',
          properties: {
            name: { description: 'The name.', type: 'string' },
            value: {
              description: 'The community: 64512:100 (RFC 1997) or large:64512:100:1 (RFC 8092).',
              type: 'string',
            },
          },
        },
      },
    },
  },
  status: { description: 'Community has no status.', type: 'object' },
  printerColumns: [],
};
