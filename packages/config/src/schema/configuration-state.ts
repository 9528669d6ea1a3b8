import type { KindDefinition } from './open-api-schema.ts';

/** ConfigurationState v1beta1: MetalLB `api/v1beta1/configurationstate_types.go`. Its conditions are `metav1.Condition`. */
export const configurationStateDefinition: KindDefinition = {
  kind: 'ConfigurationState',
  plural: 'configurationstates',
  version: 'v1beta1',
  description:
    'ConfigurationState says whether the controller, or the speaker of a node, could use the configuration. The labels metallb.io/component-type (controller or speaker) and metallb.io/node-name say whose word it is.',
  specRequired: false,
  status: {
    description: 'What became of the configuration.',
    type: 'object',
    properties: {
      conditions: {
        description: 'What each part of the component made of the configuration.',
        type: 'array',
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['type'],
        items: {
          typeName: 'Condition',
          description: 'One aspect of the state of this object.',
          type: 'object',
          required: ['lastTransitionTime', 'message', 'reason', 'status', 'type'],
          properties: {
            lastTransitionTime: {
              description: 'When status became what it is.',
              type: 'string',
              format: 'date-time',
            },
            message: { description: 'What happened, in words; may be empty.', type: 'string', maxLength: 32768 },
            observedGeneration: {
              description: 'The metadata.generation that this was said about.',
              type: 'integer',
              format: 'int64',
              minimum: 0,
            },
            reason: {
              description: 'Why it was set, in one word in CamelCase.',
              type: 'string',
              minLength: 1,
              maxLength: 1024,
              pattern: '^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$',
            },
            status: { description: 'Whether it holds.', type: 'string', enum: ['True', 'False', 'Unknown'] },
            type: {
              description: 'What this is about, in CamelCase or as example.com/CamelCase.',
              type: 'string',
              maxLength: 316,
              pattern:
                '^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])$',
            },
          },
        },
      },
      errorSummary: { description: 'All that is wrong; empty where result is Valid.', type: 'string' },
      result: {
        description: 'Whether the configuration could be used.',
        type: 'string',
        enum: ['Valid', 'Invalid', 'Unknown'],
      },
    },
  },
  printerColumns: [
    { name: 'Result', type: 'string', jsonPath: '.status.result' },
    { name: 'ErrorSummary', type: 'string', jsonPath: '.status.errorSummary' },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
  ],
};
