import { labelSelectorsSchema } from './label-selector.ts';
import type { ConfigurationKindDefinition } from './open-api-schema.ts';

/** BGPAdvertisement v1beta1: MetalLB `api/v1beta1/bgpadvertisement_types.go`. */
export const bgpAdvertisementDefinition: ConfigurationKindDefinition = {
  kind: 'BGPAdvertisement',
  plural: 'bgpadvertisements',
  version: 'v1beta1',
  description: 'BGPAdvertisement has the addresses of pools announced by BGP.',
  specRequired: false,
  spec: {
    description: 'Which pools are announced, to which peers, from which nodes, with which attributes.',
    type: 'object',
    properties: {
      aggregationLength: {
        description: 'The prefix length that IPv4 addresses are announced with: 32 announces each address by itself.',
        type: 'integer',
        format: 'int32',
        default: 32,
        minimum: 1,
      },
      aggregationLengthV6: {
        description: 'The prefix length that IPv6 addresses are announced with: 128 announces each address by itself.',
        type: 'integer',
        format: 'int32',
        default: 128,
      },
      communities: {
        description:
          'The communities that routes carry: 64512:100, large:64512:100:1, or the name of an alias that a Community defines.',
        type: 'array',
        items: { type: 'string' },
      },
      ipAddressPoolSelectors: labelSelectorsSchema('Selectors of pools, besides those named in ipAddressPools.'),
      ipAddressPools: {
        description: 'The pools to announce by name. Without names and selectors: all pools.',
        type: 'array',
        items: { type: 'string' },
      },
      localPref: {
        description: 'The LOCAL_PREF of routes (RFC 4271 section 5.1.5): among paths, the highest is preferred.',
        type: 'integer',
        format: 'int32',
      },
      nodeSelectors: labelSelectorsSchema('Selectors of the nodes that announce; all nodes where there is none.'),
      peers: {
        description: 'The BGPPeers to announce to by name; all where none is named.',
        type: 'array',
        items: { type: 'string' },
      },
      serviceSelectors: labelSelectorsSchema(
        'Selectors of the Services that are announced; all Services of the pools where there is none. Only with the default aggregation lengths.',
      ),
    },
    'x-kubernetes-validations': [
      {
        message:
          'serviceSelectors and aggregationLength are mutually exclusive, can only be used together with default aggregationLength (32) and aggregationLengthV6 (128)',
        rule: '!has(self.serviceSelectors) || self.serviceSelectors.size() == 0 || ((!has(self.aggregationLength) || self.aggregationLength == 32) && (!has(self.aggregationLengthV6) || self.aggregationLengthV6 == 128))',
      },
    ],
  },
  status: { description: 'BGPAdvertisement has no status.', type: 'object' },
  printerColumns: [
    { name: 'IPAddressPools', type: 'string', jsonPath: '.spec.ipAddressPools' },
    { name: 'IPAddressPool Selectors', type: 'string', jsonPath: '.spec.ipAddressPoolSelectors' },
    { name: 'Peers', type: 'string', jsonPath: '.spec.peers' },
    { name: 'Node Selectors', type: 'string', jsonPath: '.spec.nodeSelectors', priority: 10 },
  ],
};
