import { labelSelectorSchema, labelSelectorsSchema } from './label-selector.ts';
import type { ConfigurationKindDefinition } from './open-api-schema.ts';

/** L2Advertisement v1beta1: MetalLB `api/v1beta1/l2advertisement_types.go`. */
export const l2AdvertisementDefinition: ConfigurationKindDefinition = {
  kind: 'L2Advertisement',
  plural: 'l2advertisements',
  version: 'v1beta1',
  description: 'L2Advertisement has the addresses of pools announced by ARP and NDP.',
  specRequired: false,
  spec: {
    description: 'Which pools are announced, from which nodes, on which interfaces.',
    type: 'object',
    properties: {
      interfaces: {
        description: 'The interfaces to announce on; all where none is named.',
        type: 'array',
        items: { type: 'string' },
      },
      ipAddressPoolSelectors: labelSelectorsSchema('Selectors of pools, besides those named in ipAddressPools.'),
      ipAddressPools: {
        description: 'The pools to announce by name. Without names and selectors: all pools.',
        type: 'array',
        items: { type: 'string' },
      },
      nodeSelectors: labelSelectorsSchema('Selectors of the nodes that may announce; all nodes where there is none.'),
      preferredNodeSelectors: {
        description:
          'Nodes to prefer among those that may announce. The weights of all that match a node are added up.',
        type: 'array',
        items: {
          typeName: 'PreferredNodeSelector',
          description: 'A preference for some nodes.',
          type: 'object',
          required: ['preference', 'weight'],
          properties: {
            preference: { ...labelSelectorSchema, description: 'The nodes that are preferred.' },
            weight: {
              description: 'How much they are preferred, 1 to 100.',
              type: 'integer',
              format: 'int32',
              minimum: 1,
              maximum: 100,
            },
          },
        },
      },
      serviceSelectors: labelSelectorsSchema(
        'Selectors of the Services that are announced; all Services of the pools where there is none. Not for Services that share an address.',
      ),
    },
  },
  status: { description: 'L2Advertisement has no status.', type: 'object' },
  printerColumns: [
    { name: 'IPAddressPools', type: 'string', jsonPath: '.spec.ipAddressPools' },
    { name: 'IPAddressPool Selectors', type: 'string', jsonPath: '.spec.ipAddressPoolSelectors' },
    { name: 'Interfaces', type: 'string', jsonPath: '.spec.interfaces' },
    { name: 'Node Selectors', type: 'string', jsonPath: '.spec.nodeSelectors', priority: 10 },
  ],
};
