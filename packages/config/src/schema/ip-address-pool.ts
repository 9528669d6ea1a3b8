import { labelSelectorsSchema } from './label-selector.ts';
import type { ConfigurationKindDefinition } from './open-api-schema.ts';

/** IPAddressPool v1beta1: MetalLB `api/v1beta1/ipaddresspool_types.go`. */
export const ipAddressPoolDefinition: ConfigurationKindDefinition = {
  kind: 'IPAddressPool',
  plural: 'ipaddresspools',
  version: 'v1beta1',
  description: 'IPAddressPool is a pool of addresses that Services of type LoadBalancer get.',
  specRequired: true,
  spec: {
    description: 'The addresses of the pool, and who gets them.',
    type: 'object',
    required: ['addresses'],
    properties: {
      addresses: {
        description:
          'Ranges of addresses, all with the same settings. Each is a CIDR prefix (192.0.2.0/24) or the first and last address (192.0.2.10-192.0.2.20).',
        type: 'array',
        items: { type: 'string' },
      },
      autoAssign: {
        description: 'Whether Services that ask for no pool and no address are served from this pool.',
        type: 'boolean',
        default: true,
      },
      avoidBuggyIPs: {
        description: 'Whether IPv4 addresses that end in .0 or .255 are left out.',
        type: 'boolean',
        default: false,
      },
      serviceAllocation: {
        typeName: 'ServiceAllocation',
        description:
          'Who may use the pool. A Service must be in one of the namespaces, where any are named or selected, and match one of the serviceSelectors, where there are any.',
        type: 'object',
        properties: {
          namespaceSelectors: labelSelectorsSchema('Selectors of namespaces, besides those named in namespaces.'),
          namespaces: {
            description: 'Namespaces whose Services may use the pool.',
            type: 'array',
            items: { type: 'string' },
          },
          priority: {
            description:
              'Among several pools that a Service may use, the one with the lowest number comes first; 0 or none comes last.',
            type: 'integer',
          },
          serviceSelectors: labelSelectorsSchema('Selectors of the Services that may use the pool.'),
        },
      },
    },
  },
  status: {
    description: 'How many addresses are in use and how many are free.',
    type: 'object',
    required: ['assignedIPv4', 'assignedIPv6', 'availableIPv4', 'availableIPv6'],
    properties: {
      assignedIPv4: { description: 'IPv4 addresses in use.', type: 'integer', format: 'int64' },
      assignedIPv6: { description: 'IPv6 addresses in use.', type: 'integer', format: 'int64' },
      availableIPv4: { description: 'IPv4 addresses that are free.', type: 'integer', format: 'int64' },
      availableIPv6: { description: 'IPv6 addresses that are free.', type: 'integer', format: 'int64' },
    },
  },
  printerColumns: [
    { name: 'Auto Assign', type: 'boolean', jsonPath: '.spec.autoAssign' },
    { name: 'Avoid Buggy IPs', type: 'boolean', jsonPath: '.spec.avoidBuggyIPs' },
    { name: 'Addresses', type: 'string', jsonPath: '.spec.addresses' },
  ],
};
