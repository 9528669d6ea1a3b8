import { isObject, listOr } from './untrusted.ts';

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
const NAME = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;
const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const MAX_NAME_CHARACTERS = 63;
const MAX_SUBDOMAIN_CHARACTERS = 253;

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
  const requirements: LabelRequirement[] = [];
  for (const [key, value] of Object.entries(isObject(selector['matchLabels']) ? selector['matchLabels'] : {})) {
    const wrong = wrongWithKey(key) ?? wrongWithValue(value);
    if (wrong !== undefined) {
      return refuse(`matchLabels.${key}`, value, wrong);
    }
    requirements.push({ key, operator: 'In', values: new Set([String(value)]) });
  }
  for (const [i, expression] of listOr(selector['matchExpressions']).entries()) {
    const at = `matchExpressions[${i}]`;
    if (!isObject(expression)) {
      return refuse(at, expression, 'not a label selector requirement');
    }
    const { key, operator } = expression;
    const values = listOr(expression['values']);
    if (typeof operator !== 'string' || !OPERATORS.includes(operator)) {
      return refuse(
        `${at}.operator`,
        operator,
        `${JSON.stringify(operator ?? '')} is not a valid label selector operator`,
      );
    }
    const wrongKey = wrongWithKey(key);
    if (wrongKey !== undefined) {
      return refuse(`${at}.key`, key, wrongKey);
    }
    const needsValues = operator === 'In' || operator === 'NotIn';
    if (needsValues !== values.length > 0) {
      const why = needsValues
        ? "for 'in', 'notin' operators, values set can't be empty"
        : 'values set must be empty for exists and does not exist';
      return refuse(`${at}.values`, values, `values: Invalid value: ${JSON.stringify(values)}: ${why}`);
    }
    for (const [j, value] of values.entries()) {
      const wrongValue = wrongWithValue(value);
      if (wrongValue !== undefined) {
        return refuse(`${at}.values[${j}]`, value, wrongValue);
      }
    }
    requirements.push({ key: String(key), operator: operator as LabelOperator, values: new Set(values.map(String)) });
  }
  return { ok: true, value: { requirements } };
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

/** Kubernetes' `IsQualifiedName`: an optional DNS subdomain and a slash, then a name. */
function wrongWithKey(key: unknown): string | undefined {
  const text = typeof key === 'string' ? key : '';
  const slash = text.indexOf('/');
  const [prefix, name] = slash < 0 ? [undefined, text] : [text.slice(0, slash), text.slice(slash + 1)];
  const invalid = `key: Invalid value: ${JSON.stringify(key ?? '')}:`;
  if (prefix !== undefined && (prefix.length > MAX_SUBDOMAIN_CHARACTERS || !SUBDOMAIN.test(prefix))) {
    return `${invalid} prefix part a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character`;
  }
  if (name === '') {
    return `${invalid} name part must be non-empty`;
  }
  if (name.length > MAX_NAME_CHARACTERS) {
    return `${invalid} name part must be no more than 63 characters`;
  }
  return NAME.test(name)
    ? undefined
    : `${invalid} name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character`;
}

/** Kubernetes' `IsValidLabelValue`. */
function wrongWithValue(value: unknown): string | undefined {
  const invalid = `values: Invalid value: ${JSON.stringify(value ?? '')}:`;
  if (typeof value !== 'string') {
    return `${invalid} must be a string`;
  }
  if (value.length > MAX_NAME_CHARACTERS) {
    return `${invalid} must be no more than 63 characters`;
  }
  return value === '' || NAME.test(value)
    ? undefined
    : `${invalid} a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character`;
}
