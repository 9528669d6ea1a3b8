import { isObject, listOr, objectOr, textOr, textsOf, type UntrustedObject } from '../objects/untrusted.ts';

/** The node selectors of v1beta1 as label selectors; what is empty is left out, as Go does (`parseNodeSelector`). */
export function labelSelectorsFrom(nodeSelectors: unknown): UntrustedObject[] {
  return listOr(nodeSelectors)
    .map(objectOr)
    .map(({ matchLabels, matchExpressions }) => ({
      ...matchLabelsOf(matchLabels),
      ...expressionsOf(matchExpressions, (values) => (values.length > 0 ? { values } : {})),
    }));
}

/** Label selectors as the node selectors of v1beta1, in which values are always there (`labelsToLegacySelector`). */
export function nodeSelectorsFrom(labelSelectors: unknown): UntrustedObject[] {
  return listOr(labelSelectors)
    .map(objectOr)
    .map(({ matchLabels, matchExpressions }) => ({
      ...matchLabelsOf(matchLabels),
      ...expressionsOf(matchExpressions, (values) => ({ values })),
    }));
}

function matchLabelsOf(matchLabels: unknown): UntrustedObject {
  return isObject(matchLabels) && Object.keys(matchLabels).length > 0 ? { matchLabels } : {};
}

function expressionsOf(expressions: unknown, valuesOf: (values: string[]) => UntrustedObject): UntrustedObject {
  const matchExpressions = listOr(expressions)
    .map(objectOr)
    .map(({ key, operator, values }) => ({
      key: textOr(key),
      operator: textOr(operator),
      ...valuesOf(textsOf(values)),
    }));
  return matchExpressions.length > 0 ? { matchExpressions } : {};
}
