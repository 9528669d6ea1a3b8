import { goQuote } from '@steelyard/ipam';
import { compareTexts } from '../objects/compare-texts.ts';
import { isObject, listOr, textOr, textsOf } from '../objects/untrusted.ts';
import { wrongWithLabelKey, wrongWithLabelValue } from './label-text.ts';

/** What a requirement says of the values of a label. */
export type LabelOperator = 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';

/** One requirement on one label. */
export interface LabelRequirement {
  readonly key: string;
  readonly operator: LabelOperator;
  readonly values: ReadonlySet<string>;
}

/** A selector that was checked. Requirements must all hold; `nothing` is the selector that no labels match. */
export interface ParsedLabelSelector {
  readonly requirements: readonly LabelRequirement[] | 'nothing';
}

/** The outcome of `parseLabelSelector`. */
export type LabelSelectorOutcome =
  | { readonly ok: true; readonly value: ParsedLabelSelector }
  | {
      readonly ok: false;
      readonly failure: { readonly field: string; readonly value: unknown; readonly message: string };
    };

/** Labels as a Map or as the JSON object of `metadata.labels`. */
export type Labels = ReadonlyMap<string, string> | Readonly<Record<string, string>>;

/** Matches no labels at all: what Kubernetes makes of a null selector. */
export const NOTHING: ParsedLabelSelector = { requirements: 'nothing' };

const OPERATORS: readonly string[] = ['In', 'NotIn', 'Exists', 'DoesNotExist'] satisfies LabelOperator[];
/**
 * Checks a `metav1.LabelSelector` and makes it ready to match.
 *
 * @param selector - From outside. `{}` matches everything, null or undefined nothing.
 * @returns The selector, or the first thing that is wrong with it, in the words of Kubernetes. Never throws.
 * @see Kubernetes `apimachinery/pkg/apis/meta/v1/helpers.go`, `LabelSelectorAsSelector`
 */
export function parseLabelSelector(selector: unknown): LabelSelectorOutcome {
  if (selector === null || selector === undefined) {
    return { ok: true, value: NOTHING };
  }
  if (!isObject(selector)) {
    return refuse('', selector, 'not a label selector');
  }
  const { matchLabels, matchExpressions } = selector;
  const requirements: LabelRequirement[] = [];
  for (const [key, value] of Object.entries(isObject(matchLabels) ? matchLabels : {})) {
    const wrong = wrongWith(key, 'In', [value]);
    if (wrong !== undefined) {
      return refuse(`matchLabels.${key}`, value, wrong);
    }
    requirements.push({ key, operator: 'In', values: new Set([textOr(value)]) });
  }
  for (const [i, expression] of listOr(matchExpressions).entries()) {
    const at = `matchExpressions[${i}]`;
    if (!isObject(expression)) {
      return refuse(at, expression, 'not a label selector requirement');
    }
    const { key, operator, values: written } = expression;
    if (!isLabelOperator(operator)) {
      return refuse(`${at}.operator`, operator, `${goQuote(textOr(operator))} is not a valid label selector operator`);
    }
    const wrong = wrongWith(key, operator, listOr(written));
    if (wrong !== undefined) {
      return refuse(at, expression, wrong);
    }
    requirements.push({ key: textOr(key), operator, values: new Set(textsOf(written)) });
  }
  return { ok: true, value: { requirements } };
}

function isLabelOperator(operator: unknown): operator is LabelOperator {
  return typeof operator === 'string' && OPERATORS.includes(operator);
}

/** What Kubernetes' `labels.NewRequirement` says against a requirement; MetalLB has sorted the values before. */
function wrongWith(key: unknown, operator: LabelOperator, values: readonly unknown[]): string | undefined {
  const sorted = [...values].sort((a, b) => compareTexts(textOr(a), textOr(b)));
  const needsValues = operator === 'In' || operator === 'NotIn';
  const wrong = invalid('key', textOr(key), wrongWithLabelKey(textOr(key)));
  if (needsValues && values.length === 0) {
    wrong.push("values: Invalid value: null: for 'in', 'notin' operators, values set can't be empty");
  } else if (!needsValues && values.length > 0) {
    wrong.push(
      `values: Invalid value: ${JSON.stringify(sorted)}: values set must be empty for exists and does not exist`,
    );
  }
  for (const [i, value] of sorted.entries()) {
    const words = typeof value === 'string' ? wrongWithLabelValue(value) : ['must be a string'];
    wrong.push(...invalid(`values[${i}][${textOr(key)}]`, value, words));
  }
  return wrong.length > 1 ? `[${wrong.join(', ')}]` : wrong[0];
}

/** Kubernetes' `field.Invalid`. */
function invalid(field: string, value: unknown, words: readonly string[]): string[] {
  const shown = typeof value === 'string' ? goQuote(value) : JSON.stringify(value);
  return words.length === 0 ? [] : [`${field}: Invalid value: ${shown}: ${words.join('; ')}`];
}

/** Whether labels meet all requirements of a selector. As in Kubernetes, `NotIn` holds where the label is missing. */
export function matchesLabelSelector(selector: ParsedLabelSelector, labels: Labels): boolean {
  if (selector.requirements === 'nothing') {
    return false;
  }
  return selector.requirements.every((requirement) => meets(requirement, labelOf(labels, requirement.key)));
}

function meets({ operator, values }: LabelRequirement, value: string | undefined): boolean {
  switch (operator) {
    case 'In':
      return value !== undefined && values.has(value);
    case 'NotIn':
      return value === undefined || !values.has(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
  }
}

/** Whether one of the selectors matches. An empty list matches nothing here: what it means differs from field to field. */
export function matchesAnyLabelSelector(selectors: readonly ParsedLabelSelector[], labels: Labels): boolean {
  return selectors.some((selector) => matchesLabelSelector(selector, labels));
}

function labelOf(labels: Labels, key: string): string | undefined {
  if (labels instanceof Map) {
    return (labels as ReadonlyMap<string, string>).get(key);
  }
  return Object.hasOwn(labels, key) ? (labels as Readonly<Record<string, string>>)[key] : undefined;
}

function refuse(field: string, value: unknown, message: string): LabelSelectorOutcome {
  return { ok: false, failure: { field, value, message } };
}
