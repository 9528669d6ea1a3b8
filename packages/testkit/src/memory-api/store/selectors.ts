/** Label and field selectors of list, watch and delete-collection requests. */

import { textMapAt } from '../json-value.ts';
import type { KubeObject } from '../kube-object.ts';
import { badRequest } from '../status-error.ts';

export type Predicate = (object: KubeObject) => boolean;

const everything: Predicate = () => true;

/**
 * `a=b,c!=d,e in (f,g),h notin (i),j,!k`.
 * @see {@link https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors | Label selectors}
 */
export function parseLabelSelector(text: string): Predicate {
  if (text.trim() === '') return everything;
  const requirements = splitOutsideParentheses(text).map(parseLabelRequirement);
  return (object) => {
    const labels = textMapAt(object, 'metadata', 'labels');
    return requirements.every((requirement) => requirement(labels));
  };
}

/** A Service's selector: all of these pairs; an empty one selects nothing. */
export function matchesAllLabels(selector: Record<string, string>, labels: Record<string, string>): boolean {
  const pairs = Object.entries(selector);
  return pairs.length > 0 && pairs.every(([key, value]) => labels[key] === value);
}

function splitOutsideParentheses(text: string): string[] {
  return text.split(/,(?![^(]*\))/).map((part) => part.trim());
}

type LabelRequirement = (labels: Record<string, string>) => boolean;

const SET_REQUIREMENT = /^(\S+)\s+(in|notin)\s*\(([^)]*)\)$/;
const EQUALITY_REQUIREMENT = /^([^\s=!]+)\s*(==|=|!=)\s*([^\s=!,()]*)$/;
const EXISTENCE_REQUIREMENT = /^(!?)\s*([^\s=!,()]+)$/;

function parseLabelRequirement(text: string): LabelRequirement {
  const set = SET_REQUIREMENT.exec(text);
  if (set) {
    const [, key = '', operator, list = ''] = set;
    const values = new Set(list.split(',').map((value) => value.trim()));
    return operator === 'in'
      ? (labels) => key in labels && values.has(labels[key] ?? '')
      : (labels) => !(key in labels && values.has(labels[key] ?? ''));
  }
  const equality = EQUALITY_REQUIREMENT.exec(text);
  if (equality) {
    const [, key = '', operator, value = ''] = equality;
    return operator === '!=' ? (labels) => labels[key] !== value : (labels) => labels[key] === value;
  }
  const existence = EXISTENCE_REQUIREMENT.exec(text);
  if (existence) {
    const [, not, key = ''] = existence;
    return not ? (labels) => !(key in labels) : (labels) => key in labels;
  }
  const unexpected = /[=!]=?\s*([=!])/.exec(text)?.[1] ?? text;
  throw badRequest(`unable to parse requirement: found '${unexpected}', expected: identifier`);
}

/** How to read one selectable field from an object. */
export type FieldReader = (object: KubeObject) => string;

/** `metadata.name=x,status.phase!=Failed`; a field that the kind does not offer is refused. */
export function parseFieldSelector(text: string, fields: Readonly<Record<string, FieldReader>>): Predicate {
  if (text.trim() === '') return everything;
  const requirements = text.split(',').map((part) => {
    const match = /^([^=!]+)(==|=|!=)(.*)$/.exec(part.trim());
    if (!match) throw badRequest(`invalid selector: '${part}'; can't understand '${part}'`);
    const [, field = '', operator, value = ''] = match;
    const read = fields[field];
    if (read === undefined) throw badRequest(unknownField(field, Object.keys(fields)));
    return (object: KubeObject) => (read(object) === value) === (operator !== '!=');
  });
  return (object) => requirements.every((requirement) => requirement(object));
}

/** Kinds without fields of their own name those that they have. */
function unknownField(field: string, known: readonly string[]): string {
  if (known.some((one) => !one.startsWith('metadata.'))) return `field label not supported: ${field}`;
  return `${JSON.stringify(field)} is not a known field selector: only "metadata.name", "metadata.namespace"`;
}
