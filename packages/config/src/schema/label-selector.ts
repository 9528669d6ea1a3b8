import type { OpenApiSchema } from './open-api-schema.ts';

/** `metav1.LabelSelector`, as controller-gen writes it. */
export const labelSelectorSchema: OpenApiSchema = {
  typeName: 'LabelSelector',
  description:
    'A label selector is a query over labels. matchLabels and matchExpressions must all hold; an empty selector matches everything.',
  type: 'object',
  'x-kubernetes-map-type': 'atomic',
  properties: {
    matchExpressions: {
      description: 'Requirements on labels, all of which must hold.',
      type: 'array',
      'x-kubernetes-list-type': 'atomic',
      items: {
        typeName: 'LabelSelectorRequirement',
        description: 'A requirement on one label.',
        type: 'object',
        required: ['key', 'operator'],
        properties: {
          key: { description: 'The label that is looked at.', type: 'string' },
          operator: { description: 'In, NotIn, Exists or DoesNotExist.', type: 'string' },
          values: {
            description: 'The values of In and NotIn, at least one; none for Exists and DoesNotExist.',
            type: 'array',
            'x-kubernetes-list-type': 'atomic',
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

/** A list of selectors of which one must match. */
export function labelSelectorsSchema(description: string): OpenApiSchema {
  return { description, type: 'array', items: labelSelectorSchema };
}
