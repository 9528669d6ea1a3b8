import type { KindDefinition, OpenApiSchema } from './open-api-schema.ts';

/** ServiceL2Status v1beta1: MetalLB `api/v1beta1/servicel2status_types.go`. */
export const serviceL2StatusDefinition: KindDefinition = {
  kind: 'ServiceL2Status',
  plural: 'servicel2statuses',
  version: 'v1beta1',
  description: 'ServiceL2Status says which node announces a Service at layer 2. Its speaker writes it.',
  specRequired: false,
  spec: { description: 'ServiceL2Status has no spec.', type: 'object' },
  status: {
    description: 'Who announces which Service, and where.',
    type: 'object',
    properties: {
      interfaces: {
        description: 'The interfaces that the Service is announced on.',
        type: 'array',
        items: {
          typeName: 'InterfaceInfo',
          description: 'An interface of the node.',
          type: 'object',
          properties: { name: { description: 'The name of the interface.', type: 'string' } },
        },
      },
      node: immutableText('The node that announces the Service.'),
      serviceName: immutableText('The name of the Service.'),
      serviceNamespace: immutableText('The namespace of the Service.'),
    },
  },
  printerColumns: [
    { name: 'Allocated Node', type: 'string', jsonPath: '.status.node' },
    { name: 'Service Name', type: 'string', jsonPath: '.status.serviceName' },
    { name: 'Service Namespace', type: 'string', jsonPath: '.status.serviceNamespace' },
  ],
};

/** ServiceBGPStatus v1beta1: MetalLB `api/v1beta1/servicebgpstatus_types.go`. */
export const serviceBgpStatusDefinition: KindDefinition = {
  kind: 'ServiceBGPStatus',
  plural: 'servicebgpstatuses',
  version: 'v1beta1',
  description: 'ServiceBGPStatus says to which peers a node announces a Service. Its speaker writes it.',
  specRequired: false,
  spec: { description: 'ServiceBGPStatus has no spec.', type: 'object' },
  status: {
    description: 'Who announces which Service, and to whom.',
    type: 'object',
    properties: {
      node: immutableText('The node that announces the Service.'),
      peers: {
        description: 'The BGPPeers that the Service is meant for. Whether their sessions are up is not said here.',
        type: 'array',
        items: { type: 'string' },
      },
      serviceName: immutableText('The name of the Service.'),
      serviceNamespace: immutableText('The namespace of the Service.'),
    },
  },
  printerColumns: [
    { name: 'Node', type: 'string', jsonPath: '.status.node' },
    { name: 'Service Name', type: 'string', jsonPath: '.status.serviceName' },
    { name: 'Service Namespace', type: 'string', jsonPath: '.status.serviceNamespace' },
  ],
};

function immutableText(description: string): OpenApiSchema {
  return {
    description,
    type: 'string',
    'x-kubernetes-validations': [{ message: 'Value is immutable', rule: 'self == oldSelf' }],
  };
}
